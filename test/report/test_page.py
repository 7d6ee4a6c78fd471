"""The report stands alone, says what happened and cannot be made to say anything else."""
from dataclasses import replace
import json
import re

from lam_ws.errors import RecordingError
from lam_ws.record.film import write_film
from lam_ws.record.reader import read_episode
from lam_ws.record.record import Episode
from lam_ws.report.page import site_limit, write_report
from lam_ws.report.report import RESULT_KEYS, write_result
from lam_ws.safety.words import words as explain_code
from lam_ws.site import load_site
import numpy as np
from pages import Page
import pytest

RESULT = {
    'success': True, 'instruction': '빨간 원통을 검은 상자에 넣어 줘', 'language': 'ko',
    'plan': [{'skill': 'pick_place', 'kind': 'cylinder', 'colour': 'red', 'destination': 'black',
              'text': '빨간 원통을 검은 상자에 넣어 줘'}],
    'reason': '', 'seconds': {'setup': 3.2, 'run': 6.0}, 'processes': 6,
    'citations': ['config/knowledge/base/vocabulary.yaml:12 "원통" -> cylinder'],
    'versions': {'lam_ws': '0.1.0'},
}


@pytest.fixture(scope='module')
def episode(sample):
    """Return the shared recording, read once."""
    return read_episode(sample)


@pytest.fixture(scope='module')
def page(episode, tmp_path_factory):
    """Return the parsed report of a success, with its film."""
    folder = tmp_path_factory.mktemp('report')
    write_film(episode, folder / 'episode.mp4')
    write_result(RESULT, folder)
    return Page(write_report(episode, RESULT, folder).read_text(encoding='utf-8'))


def test_report_loads_nothing(page):
    """Pins a style sheet, script, font or picture that the page would fetch."""
    assert page.scripts == 0 and page.open == []
    assert len(page.loads) == 9 and all(load.startswith('data:') for load in page.loads)


def test_report_says_what_happened(page):
    """Pins a report without one of the parts the design asks for."""
    words = ' '.join(page.words)
    for part in ('Success · 성공', '빨간 원통을 검은 상자에 넣어 줘', 'vocabulary.yaml:12',
                 'pick_place red cylinder → black bin', 'carry: 3 new chunks', '197 mm',
                 'velocity fr3_joint2: 2.1 asked, 2 allowed', 'fr3_gripper', '% of the limit',
                 '"setup": 3.2', 'sim_demo'):
        assert part in words, part


def test_hostile_text_stays_text(episode, tmp_path):
    """Pins an instruction, reason or citation that ran as part of the page."""
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'&'
    result = {**RESULT, 'success': False, 'instruction': evil, 'reason': evil, 'language': evil,
              'citations': [evil], 'plan': [evil], 'versions': {evil: evil}}
    detection = replace(episode.scenes[0].detections[0], kind=evil, colour=evil)
    scene = replace(episode.scenes[0], detections=(detection,))
    guard = replace(episode.guard[0], state=evil, reason=evil, text=evil, limited=evil)
    subgoal = replace(episode.subgoals[0], text=evil)
    proposal = replace(episode.proposals[0], phase=evil)
    hostile = replace(episode, scenes=(scene,), guard=(guard,), subgoals=(subgoal,),
                      proposals=(proposal,))
    text = write_report(hostile, result, tmp_path).read_text(encoding='utf-8')
    found = Page(text)
    assert found.scripts == 0 and '<script' not in text and '<img src=x' not in text
    assert all(load.startswith('data:') for load in found.loads)
    assert f'“{evil}”' in ' '.join(found.words)


def test_a_stop_stands_on_the_timeline_in_words(episode, tmp_path):
    """Pins a stop that the report shows as a colour and does not explain."""
    words = explain_code('tracking', 0.24, 0.23, 'fr3_joint1')
    stop = replace(episode.guard[0], time_s=2.5, state='stopping', reason='tracking', text=words)
    stopped = replace(episode, guard=(episode.guard[0], stop))
    text = write_report(stopped, RESULT, tmp_path).read_text(encoding='utf-8')
    row = next(row for row in re.findall(r'<tr>.*?</tr>', text, re.S) if 'tag stop' in row)
    assert 'stopping · tracking · fr3_joint1: The arm is not where' in row
    assert 'measured 0.24 rad, allowed 0.23 rad' in row and '2.50' in row


def test_failure_is_called_failure(episode, tmp_path):
    """Pins a green headline over a run that failed."""
    result = {**RESULT, 'success': False, 'reason': 'not_reached', 'text': '원통을 놓쳤습니다'}
    text = write_report(episode, result, tmp_path).read_text(encoding='utf-8')
    assert 'Not achieved · 실패' in text and 'class="top"' in text
    assert 'not_reached · 원통을 놓쳤습니다' in text and 'failed: not_reached' in text


def test_refused_instruction_has_a_report(tmp_path):
    """Pins a crash when nothing moved: no plan, no messages, no pictures."""
    result = {**RESULT, 'success': False, 'plan': [], 'reason': 'unknown_object',
              'citations': [], 'seconds': {'setup': 1.0, 'run': None}}
    text = write_report(Episode(tmp_path / 'a.mcap'), result, tmp_path).read_text()
    assert 'no plan was made' in text and '<video' not in text
    assert Page(text).open == []


def test_limits_come_from_the_site(episode):
    """Pins a guard plot against the arm's limits where the site allows less."""
    site = load_site('sim_demo')
    limit = site_limit(episode, RESULT)
    np.testing.assert_allclose(limit, site.arm.limits.velocity * site.limits.velocity_scale)
    assert site_limit(episode, {**RESULT, 'site': 'sim_dem'}) is None
    assert site_limit(episode, {**RESULT, 'site': 'sim_bench_ur5e'}) is None


def test_no_number_is_lost_on_the_way_to_a_drawing(episode, tmp_path):
    """Pins NaN and infinity in the drawings, which browsers drop silently."""
    velocity = np.array(episode.command.velocity)
    velocity[100:110] = np.nan
    broken = replace(episode, command=replace(episode.command, velocity=velocity))
    text = write_report(broken, RESULT, tmp_path).read_text(encoding='utf-8')
    drawings = ''.join(re.findall(r'<svg.*?</svg>', text, re.S))
    assert 'nan' not in drawings.replace('finance', '') and 'inf' not in drawings


def test_result_is_checked_and_whole(tmp_path):
    """Pins a result.json that lacked a key or held NaN, which is not JSON."""
    path = write_result(RESULT, tmp_path / 'new')
    assert json.loads(path.read_text(encoding='utf-8')) == RESULT
    assert '빨간' in path.read_text(encoding='utf-8')
    for key in RESULT_KEYS:
        with pytest.raises(RecordingError, match=f"lacks '{key}'"):
            write_result({k: v for k, v in RESULT.items() if k != key}, tmp_path)
    with pytest.raises(RecordingError, match='not JSON'):
        write_result({**RESULT, 'seconds': {'run': float('nan')}}, tmp_path)
    (tmp_path / 'file').write_text('')
    with pytest.raises(RecordingError, match='cannot be written'):
        write_result(RESULT, tmp_path / 'file')
    assert sorted(p.name for p in tmp_path.iterdir()) == ['file', 'new']
