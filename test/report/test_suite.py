"""The page of the suite stands alone, says what was measured, and runs nothing it was told."""
import re

from lam_ws.record.record import Picture
from lam_ws.report.suite import interval_bar, write_suite_report
import numpy as np
from pages import Page
import pytest

QUALITY = {'path_m': 1.43, 'seconds': 9.8, 'jerk_m_s3': 73.4, 'force_n': 58.3}


def row(successes, episodes, low, high, **more):
    """Return a row as `summarise` makes it."""
    return {'successes': successes, 'episodes': episodes, 'rate': successes / episodes,
            'wilson95': [low, high], 'failures': {}, 'seconds': None, 'quality': None,
            'force_max_n': None, **more}


def result(**more):
    """Return what `lam eval --suite --json` prints, for two tasks."""
    tasks = {'kit': row(7, 10, 0.4, 0.9, failures={'timeout': 3}, seconds=9.82, quality=QUALITY,
                        force_max_n=519.8), 'press': row(0, 5, 0.0, 0.43)}
    return {**row(7, 15, 0.24, 0.7), 'mean': 0.35, 'worst': 'press', 'false_done': 1,
            'missed_done': 2, 'complete': True, 'planned': 15, 'split': 'seen', 'policy': 'site',
            'site': 'sim_bench', 'seed': 5000, 'versions': {'lam_ws': '0.1.0'},
            'by': {'task': tasks, 'language': {'ko': row(7, 15, 0.24, 0.7)},
                   'arm': {'fr3': row(7, 15, 0.24, 0.7)}},
            'failures': {'timeout': 3, 'guard_limit': 1, 'odd': 1},
            'failed': [{}] * 8, 'gate': {'holds': True, 'missed': [], 'floors': {}}, **more}


def film(**more):
    """Return a failed case that was run again."""
    pixels = np.full((44, 64, 3), 90, np.uint8)
    return {'task': 'kit', 'seed': 5001, 'axis': '', 'cause': 'timeout', 'language': 'ko',
            'text': '빨간 부품을 놓아 줘', 'file': 'kit_5001.mp4', 'same': True,
            'stills': tuple(Picture(float(k), pixels) for k in range(4)),
            'command': 'lam eval --seed 5001', **more}


def written(folder, *films, **more):
    """Return the text of the page."""
    return write_suite_report(result(**more), films, folder).read_text(encoding='utf-8')


def test_the_page_says_what_was_measured_and_loads_only_its_films(tmp_path):
    """Pins every part of the page, and that nothing is fetched from a network."""
    page = Page(written(tmp_path, film()))
    words = ' '.join(page.words)
    for part in ('Factory suite: seen, 0.467', '7 of 10', '0.400 to 0.900', '3 timeout',
                 'the guard stopped the arm', '시간 초과', 'Korean · 한국어', '73.4', '519.8',
                 '1 of 8 failures', '빨간 부품을 놓아 줘', 'lam eval --seed 5001', 'seed 5001'):
        assert part in words, part
    assert page.scripts == 0 and page.open == []
    assert [load for load in page.loads if not load.startswith('data:')] == ['kit_5001.mp4']
    assert len(page.loads) == 5 and 'Perturbations' not in words and 'differs' not in words


@pytest.mark.parametrize(('more', 'words'), [
    ({}, 'Measured, without a gate'),
    ({'gate': {'holds': True, 'missed': [], 'floors': {'kit': 0.3}}}, 'The gate holds'),
    ({'gate': {'holds': False, 'missed': ['kit: too low'], 'floors': {'kit': 0.5}}},
     'The gate is missed'),
    ({'complete': False, 'planned': 90}, 'Interrupted after 15 of 90 episodes')])
def test_the_headline_says_how_it_stands(more, words, tmp_path):
    """Pins a green page over a gate that is missed or an evaluation that was broken off."""
    text = written(tmp_path, **more)
    assert words in text and ('class="top good"' in text) == (words == 'The gate holds')
    assert all(line in text for line in more.get('gate', {}).get('missed', []))


def test_a_film_of_another_run_says_so(tmp_path):
    """Pins a film that is shown as the failure that was counted, and is another."""
    assert 'does not show what was counted' in written(tmp_path, film(same=False))


def test_perturbations_have_totals_and_a_table_by_task(tmp_path):
    """Pins both, and a task that was not run under one of them."""
    by = {**result()['by'], 'axis': {'light': row(3, 9, 0.1, 0.6)},
          'axis_task': {'light': {'kit': row(3, 9, 0.1, 0.6)}}}
    words = ' '.join(Page(written(tmp_path, film(axis='light'), by=by)).words)
    assert 'what was changed' in words and '3 of 9' in words and 'kit · light' in words


def test_an_evaluation_of_nothing_has_a_page(tmp_path):
    """Pins Ctrl-C before the first verdict."""
    empty = {'episodes': 0, 'successes': 0, 'rate': 0.0, 'wilson95': [0.0, 1.0]}
    text = written(tmp_path, **empty, complete=False, worst='', failures={}, failed=[],
                   by={'task': {}, 'language': {}, 'arm': {}})
    assert 'Interrupted after 0 of 15' in text and Page(text).open == []


def test_hostile_text_stays_text(tmp_path):
    """Pins a sentence, cause or name that ran as part of the page."""
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'&'
    text = written(tmp_path, film(text=evil, cause=evil, command=evil, language=evil, task=evil,
                                  axis=evil, file=evil), site=evil, failures={evil: 1},
                   split=evil, gate={'holds': False, 'missed': [evil], 'floors': {'kit': 0.5}},
                   by={'task': {evil: row(1, 2, 0.1, 0.9, failures={evil: 1})},
                       'language': {evil: row(1, 2, 0.1, 0.9)}, 'arm': {}})
    page = Page(text)
    assert page.scripts == 0 and '<script' not in text and '<img src=x' not in text


@pytest.mark.parametrize(('low', 'high', 'floor', 'colour'), [
    (0.0, 1.0, None, '--accent'), (0.5, 0.5, 0.5, '--good'), (0.4, 0.9, 0.5, '--bad')])
def test_a_bar_lies_where_the_interval_does(low, high, floor, colour):
    """Pins the drawing: from 4 to 196 units is from 0 to 1, in the colour of the gate."""
    bar = interval_bar(row(1, 2, low, high), floor)
    left, width = map(float, re.search(r'<rect x="([\d.]+)".* width="([\d.]+)"', bar).groups())
    assert left == pytest.approx(4 + 192 * low)
    assert width == pytest.approx(max(192 * (high - low), 2.0))
    assert f'var({colour})' in bar and ('var(--ink)' in bar) == (floor is not None)
