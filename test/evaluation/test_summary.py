"""What an evaluation says: figures by group, JUnit that adds up, gates that fail closed."""
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip('pybullet')
from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.evaluation.quality import Quality
from lam_ws.evaluation.summary import Gates, load_gates, missed, summarise, write_junit

pytestmark = pytest.mark.sim


def verdict(seed, cause='', task='kit', axis='', seconds=8.0, force=3.0):
    """Return a verdict, of a success where there is no cause."""
    return Verdict(seed, 'fr3', 'ko' if seed % 2 else 'en', f'do {seed}', not cause, cause,
                   seconds, 1, task, axis, Quality(1.0 + seed, seconds, 30.0, None, force))


VERDICTS = [verdict(0), verdict(1, 'timeout', seconds=50.0, force=90.0),
            verdict(2, seconds=10.0), verdict(0, 'false_done', 'press', 'light')]


def of(verdicts):
    """Return the summary of verdicts."""
    return summarise(verdicts, 'seen', 0, 'site', {})


def test_a_group_has_its_causes_its_time_and_its_motion():
    """Pins that time and motion are those of successes: a failure moves until its time-out."""
    found = of(VERDICTS)
    kit, press = found['by']['task']['kit'], found['by']['task']['press']
    assert (kit['successes'], kit['failures'], kit['seconds']) == (2, {'timeout': 1}, 9.0)
    assert kit['quality'] == {'path_m': 2.0, 'seconds': 9.0, 'jerk_m_s3': 30.0, 'force_n': 3.0}
    assert kit['force_max_n'] == 90.0   # of all of them: force does harm in failures too
    assert press['seconds'] is None and press['quality'] is None
    assert (found['false_done'], found['worst'], found['mean']) == (1, 'press', 0.3333)
    assert {name: row['episodes'] for name, row in found['by']['language'].items()} == {
        'en': 3, 'ko': 1}
    assert found['failed'][0]['quality']['path_m'] == 2.0


def test_perturbations_have_a_total_and_a_row_a_task():
    """Pins both tables of the page; without a perturbation there is neither."""
    by = of([verdict(0, axis='camera'), verdict(0, 'timeout', axis='light')])['by']
    assert {axis: row['successes'] for axis, row in by['axis'].items()} == {
        'camera': 1, 'light': 0}
    assert by['axis_task']['light']['kit']['failures'] == {'timeout': 1}
    assert 'axis' not in of([verdict(0)])['by']


def test_nothing_can_be_summarised():
    """Pins a crash when Ctrl-C comes before the first verdict."""
    assert of([])['episodes'] == 0 and of([])['worst'] == '' and of([])['cases'] == []


def test_a_gate_holds_below_and_at_the_bound_and_says_what_it_misses():
    """Pins the lower end of the interval, not the rate, and a task that was left out."""
    found = of([verdict(seed) for seed in range(40)])
    low = found['by']['task']['kit']['wilson95'][0]
    assert missed(found, Gates({'kit': low})) == [] == missed(found, Gates({}))
    line, = missed(found, Gates({'kit': low + 0.001}))
    assert line.startswith('kit: 40 of 40, lower bound') and 'too few' in line
    assert missed(found, Gates({'press': 0.1})) == ['press: not evaluated, floor 0.1']
    line, = missed(of(VERDICTS), Gates({'kit': 0.3}))
    assert 'too few' not in line


@pytest.mark.parametrize(('text', 'words'), [
    ('floors: {kitt: 0.5}', "did you mean 'kit'"), ('floors: {kit: 1.5}', 'at most 1'),
    ('floor: {kit: 0.5}', "did you mean 'floors'")])
def test_a_wrong_gate_is_refused_by_name(text, words, tmp_path):
    """Pins a misspelt task, whose floor would be missed after hours of evaluation."""
    path = tmp_path / 'gate.yaml'
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=words):
        load_gates(path)
    path.write_text('floors:\n  kit: 0.5\n')
    assert load_gates(path).floors == {'kit': 0.5}


def test_junit_adds_up_and_names_each_case_once(tmp_path: Path):
    """Pins what CI reads: counts, gate, interruption, and perturbed cases that share a seed."""
    path = tmp_path / 'new' / 'junit.xml'
    write_junit([*VERDICTS, verdict(0, 'timeout', 'press', 'scale')], path,
                {'kit': '', 'press': 'press: 0 of 2'}, 'interrupted after 5 of 9 episodes')
    root = ElementTree.parse(path).getroot()
    suites = {suite.get('name'): suite for suite in root}
    assert list(suites) == ['kit', 'press', 'gate', 'lam eval']
    for name, suite in suites.items():
        assert int(suite.get('tests')) == len(suite)
        assert int(suite.get('failures')) == len(suite.findall('testcase/failure'))
        assert int(suite.get('errors')) == len(suite.findall('testcase/error')), name
        cases = [case.get('name') for case in suite]
        assert len(set(cases)) == len(cases)
    assert suites['gate'].find('testcase/failure').get('message') == 'press: 0 of 2'
    assert suites['lam eval'].get('errors') == '1'
