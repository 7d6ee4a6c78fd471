"""The suite on real stages: the same verdict however it is run, films, Ctrl-C, the page."""
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip('ruckig')
pytest.importorskip('pybullet')
from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.evaluation.films import choose, replay, reproduce
from lam_ws.evaluation.suite import evaluate_suite, Kept, Setting
from lam_ws.verbs.eval import main as evaluate_main
import numpy as np

pytestmark = pytest.mark.sim
ROOT = Path(__file__).resolve().parents[2]
PRESS = Setting('sim_bench', 'press', policy='expert')
SEEDS = (5000, 5001)


@pytest.fixture(scope='module')
def verdicts():
    """Return the verdicts of two cases, each on a stage of its own."""
    return [next(evaluate_suite('sim_bench', 'press', [seed], 'seen', 'expert'))
            for seed in SEEDS]


def test_a_verdict_depends_on_its_seed_alone(verdicts):
    """Pins results that depend on workers: on a stage kept from other tasks and cases."""
    kept = Kept()
    kept.run(Setting('sim_bench', 'press', policy='expert', axis='light', split='perturbed'), 5000)
    assert [kept.run(PRESS, seed) for seed in reversed(SEEDS)] == verdicts[::-1]
    kept.close()
    quality = verdicts[0].quality
    assert 0.3 < quality.path_m < 3.0 and 2.0 < quality.seconds < 20.0
    assert quality.jerk_m_s3 > 0.0 and quality.smoothness < -5.3
    assert quality.force_n > 4.0   # a button has a spring


def test_a_film_shows_the_run_that_was_counted(verdicts):
    """Pins a camera that disturbs what it films, and what the film says below its picture."""
    again, episode = replay(PRESS, SEEDS[0])
    assert again == verdicts[0]
    view, seen = episode.frames['view'], episode.frames['seen']
    assert len(view) == len(seen) > 20 and view[0].pixels.shape == (440, 640, 3)
    assert [one.time_s for one in view] == [one.time_s for one in seen]
    assert not np.array_equal(view[0].pixels, view[-1].pixels)
    assert episode.subgoals[0].text == verdicts[0].text
    assert [one.phase for one in episode.proposals][-1] and episode.guard[-1].state == 'running'


def test_films_are_spread_over_tasks_and_causes():
    """Pins eight films of one task's commonest failure."""
    rows = [Verdict(seed, 'fr3', 'en', '', cause == '', cause, 5.0, 1, task)
            for seed, (task, cause) in enumerate(
                [('kit', 'timeout')] * 5 + [('kit', '')] + [('kit', 'false_done')]
                + [('press', 'timeout')] * 2 + [('push', 'missed_done')])]
    assert [one.seed for one in choose(rows, 4)] == [0, 6, 7, 9]
    assert [one.seed for one in choose(rows, 5)] == [0, 6, 7, 8, 9]
    assert choose(rows, 0) == [] and len(choose(rows, 99)) == 9
    command = reproduce(Setting('my site', 'press', 'perturbed', 'expert', 'light'), 7)
    assert "--site 'my site'" in command and '--axis light --tasks press --seed 7' in command


def test_a_wrong_instruction_fails_is_filmed_and_stands_on_the_page(tmp_path, capsys):
    """Pins the whole way to the page; the expert does what was said, which was wrong."""
    out, report = tmp_path / 'a.json', tmp_path / 'report'
    gate = tmp_path / 'gate.yaml'
    gate.write_text('floors: {press: 0.4}')
    call = ['--suite', 'cell', '--tasks', 'press', '--episodes', '1', '--seed', '5001',
            '--policy', 'expert', '--split', 'wrong-instruction', '--workers', '1']
    assert evaluate_main([*call, '--gate', str(gate), '--out', str(out), '--report', str(report),
                          '--junit', str(tmp_path / 'j.xml'), '--json']) == 1
    found = json.loads(out.read_text())
    assert found == json.loads(capsys.readouterr().out)
    assert found['complete'] and found['planned'] == 1 and not found['gate']['holds']
    assert found['cases'][0]['solved'] == '0' and (tmp_path / 'j.xml').is_file()
    assert json.loads((report / 'result.json').read_text()) == found
    page = (report / 'report.html').read_text(encoding='utf-8')
    assert (report / 'press_5001.mp4').stat().st_size > 10_000
    assert page.count('<img ') == 4 and 'src="press_5001.mp4"' in page and 'differs' not in page
    assert '--split wrong-instruction --tasks press --seed 5001' in page
    assert found['failed'][0]['text'] in page


def test_control_c_loses_nothing(tmp_path):
    """Pins the verdicts of an interrupted evaluation, its mark and its exit status."""
    out = tmp_path / 'a.json'
    process = subprocess.Popen(
        [sys.executable, '-m', 'lam_ws', 'eval', '--suite', 'cell', '--tasks', 'press',
         '--episodes', '500', '--policy', 'expert', '--workers', '1', '--out', str(out),
         '--report', str(tmp_path / 'report'), '--junit', str(tmp_path / 'j.xml')],
        cwd=tmp_path, env={**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    until = time.monotonic() + 60.0
    while not Path(f'/proc/{process.pid}/task/{process.pid}/children').read_text().split() \
            and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(7.0)   # for some episodes; fewer or none are no fault
    os.killpg(process.pid, signal.SIGINT)   # as a terminal does, to the workers too
    _, said = process.communicate(timeout=300)   # a busy machine is no fault
    assert process.returncode == 130, said
    assert 'Traceback' not in said and 'interrupted after' in said
    found = json.loads(out.read_text())
    assert found['complete'] is False and found['planned'] == 500
    assert 0 <= found['episodes'] < 500
    assert found['episodes'] == sum(len(row['solved']) for row in found['cases'])
    assert 'Interrupted after' in (tmp_path / 'report' / 'report.html').read_text()
    assert 'interrupted' in (tmp_path / 'j.xml').read_text()


def test_a_task_that_a_split_has_no_goals_for_is_left_out_before_anything_runs(tmp_path, capsys):
    """Pins an evaluation of minutes that ended in an error at the first button."""
    call = ['--suite', 'cell', '--episodes', '1', '--policy', 'expert', '--workers', '1',
            '--split', 'heldout-pairs', '--out', str(tmp_path / 'a.json'), '--tasks']
    with pytest.raises(ConfigurationError, match='no scene of press has a goal of heldout-pairs'):
        evaluate_main([*call, 'press'])
    evaluate_main([*call, 'press', 'stack'])
    assert 'press: left out' in capsys.readouterr().err
    found = json.loads((tmp_path / 'a.json').read_text())
    assert found['unasked'] == ['press'] and list(found['by']['task']) == ['stack']
    assert found['complete'] and found['planned'] == 1
