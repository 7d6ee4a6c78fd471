"""What late answers cost, with the scripted expert in the simulated cell."""
from dataclasses import replace
import json

import pytest

pytest.importorskip('ruckig')
pytest.importorskip('pybullet')
from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.delays import (
    count_violations,
    draw_delays,
    LateCell,
    Lateness,
    LateRun,
    Seams,
    summarise_late,
)
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.site import load_site
from lam_ws.types import ActionChunk, Command, JointState, Observation
from lam_ws.verbs import delays
from lam_ws.verbs.eval import main as evaluate_main
import numpy as np

pytestmark = pytest.mark.sim
SEED = 5000
SITE = load_site('sim_bench')


@pytest.fixture(scope='module', params=['pick_place', 'press'])
def late(request):
    """Return a cell with one task, led by the scripted expert, and an episode without delay."""
    made = LateCell('sim_bench', request.param, 'expert')
    yield made, *made.run(SEED, None)
    made.close()


def alike(first, second):
    """Return whether two runs sent the same commands, bit by bit."""
    return len(first.commands) == len(second.commands) and all(
        a.stamp_s == b.stamp_s and a.position.tobytes() == b.position.tobytes()
        and a.velocity.tobytes() == b.velocity.tobytes()
        for a, b in zip(first.commands, second.commands, strict=True))


def test_no_delay_changes_no_command(late):
    """Pins that the path without lateness is the one that was measured before there was any."""
    cell, plain, without = late
    assert plain.verdict.success and plain.violations == 0 and len(without.commands) > 300
    for wrapper in ('none', 'blend'):
        run, outcome = cell.run(SEED, Lateness(0.0, wrapper))
        assert alike(outcome, without), wrapper
        assert run.verdict == plain.verdict and run.chunks == plain.chunks


@pytest.mark.parametrize('wrapper', ['blend', 'rtc'])
def test_three_hundred_milliseconds_are_survived(late, wrapper):
    """Pins success, task time and limits at 300 ms: late chunks joined, not restarted."""
    cell, plain, _ = late
    run, outcome = cell.run(SEED, Lateness(0.3, wrapper))
    assert run.verdict.success, run.verdict
    assert run.violations == 0 and outcome.chunks == run.chunks
    assert run.verdict.seconds < 1.5 * plain.verdict.seconds


class Asked:
    """A policy that notes when it is asked."""

    def __init__(self, policy):
        self.policy, self.stamps = policy, []

    def reset(self, goal):
        self.policy.reset(goal)

    def act(self, seen):
        self.stamps.append(seen.stamp_s)
        return self.policy.act(seen)


@pytest.mark.parametrize(('delay_s', 'between_s'), [(0.3, 0.5), (0.6, 0.6)])
def test_the_next_chunk_is_asked_for_at_replanning_or_once_the_last_is_there(delay_s, between_s):
    """Pins that inference overlaps motion, and that only one answer is ever under way."""
    cell = LateCell('sim_bench', 'press', 'expert')
    cell.policy = asked = Asked(cell.policy)
    run, _ = cell.run(SEED, Lateness(delay_s, 'none'))
    cell.close()
    assert run.verdict.attempts == 1 and run.violations == 0
    np.testing.assert_allclose(np.diff(asked.stamps), between_s)


def test_standing_still_works_and_costs_time(late):
    """Pins that waiting for each chunk succeeds too, and is the slower way."""
    cell, plain, _ = late
    run, _ = cell.run(SEED, Lateness(0.3, 'hold'))
    assert run.verdict.success and run.violations == 0
    assert run.verdict.seconds > 1.5 * plain.verdict.seconds


def test_jitter_and_losses_break_no_limit(late):
    """Pins that whatever becomes of the task, the commands stay within the site's limits."""
    run, _ = late[0].run(SEED, Lateness(0.1, 'blend', jitter_s=0.2, drop=0.2))
    assert run.violations == 0 and run.chunks > 3


def commands(*positions):
    """Return commands of the last arm joint, one cycle apart, everything else at home."""
    sent = []
    for number, value in enumerate(positions):
        position = SITE.arm.home.copy()
        position[-2] += value
        sent.append(Command(0.01 * number, SITE.arm.names, position, 0 * position))
    return sent


def test_violations_are_found_from_the_commands_alone():
    """Pins each of the three limits, and that rest and a single command break none."""
    assert count_violations([], SITE) == count_violations(commands(0.0), SITE) == 0
    assert count_violations(commands(*[0.0] * 5), SITE) == 0
    cycle, joint = 0.01, -2
    gain = SITE.limits.acceleration_scale * SITE.arm.limits.acceleration[joint] * cycle ** 2
    soft = np.cumsum(np.cumsum([0.0, 0.9 * gain, 0.9 * gain, -0.9 * gain, -0.9 * gain]))
    assert count_violations(commands(*soft), SITE) == 0
    assert count_violations(commands(*(soft * 1.2)), SITE) == 4        # acceleration
    jump = commands(0.0, 0.0, 0.5, 0.5, 0.5)
    assert count_violations(jump, SITE) >= 2                          # speed, and to stop it
    far = replace(jump[0], position=SITE.arm.limits.upper + 0.1)
    assert count_violations([far] * 1 + [replace(far, stamp_s=0.01)], SITE) == 2
    fast = replace(jump[1], velocity=2 * SITE.arm.limits.velocity)
    assert count_violations([jump[0], fast], SITE) == 1               # as told to the drive


def test_a_seam_is_what_the_target_jumps_by():
    """Pins both figures on chunks that differ by a known step."""
    times = 0.1 * np.arange(1, 11)
    names, speed = SITE.arm.names, 0.3

    class Two:
        def __init__(self):
            self.count = 0

        def act(self, seen):
            self.count += 1
            away = 0.2 if self.count == 2 else 0.0
            ramp = (speed * (1 + 2 * away) * (seen.stamp_s + times) + away)[:, None]
            return ActionChunk(seen.stamp_s, names, times, ramp * np.ones(SITE.arm.axes))
    seams, still = Seams(Two()), np.zeros(SITE.arm.axes)
    for now_s in (0.0, 0.5):
        seams.act(Observation(now_s, JointState(now_s, names, still, still), {}))
    (first, first_s), (second, second_s) = seams.steps
    assert (first, first_s) == pytest.approx((0.1 * speed, speed))    # from rest
    assert (second, second_s) == pytest.approx((0.2 + 0.4 * speed * 0.6, 0.4 * speed))
    assert seams.largest() == (max(first, second), max(first_s, second_s))


def test_a_row_says_what_happened_and_can_be_drawn(tmp_path):
    """Pins the keys that programs read, JSON without NaN, and a picture."""
    won = Verdict(1, 'fr3', 'en', 'press it', True, '', 4.8, 1, 'press')
    run = LateRun(Lateness(0.1, 'rtc'), won, 0.02, 0.3, 0, 10)
    lost = replace(run, lateness=Lateness(0.2, 'rtc'),
                   verdict=replace(run.verdict, success=False, cause='timeout'))
    rows = summarise_late([run, run, lost])
    assert [(row['delay_ms'], row['episodes'], row['successes']) for row in rows] == [
        (100.0, 2, 2), (200.0, 1, 0)]
    assert rows[1]['seconds'] is None and rows[1]['failures'] == {'timeout': 1}
    assert {'delay_ms', 'wrapper', 'rate', 'wilson95', 'seam_rad', 'seam_rad_s', 'seconds',
            'violations'} <= set(rows[0])
    json.dumps(rows, allow_nan=False)
    draw_delays(rows, tmp_path / 'delays.png')
    assert (tmp_path / 'delays.png').stat().st_size > 5000


def test_the_command_writes_rows_and_a_picture(tmp_path, capsys, monkeypatch):
    """Pins the command line to its end: one object on stdout, the same in the file, a table."""
    won = Verdict(1, 'fr3', 'en', 'press it', True, '', 4.8, 1, 'press')
    monkeypatch.setattr(delays, '_evaluate', lambda given, tasks, latenesses: [
        LateRun(lateness, won, 0.02, 0.3, 0, 10) for lateness in latenesses])
    out = tmp_path / 'new' / 'delay.json'
    call = ['--delay-ms', '0,300', '--wrapper', 'hold,rtc', '--tasks', 'press', '--jitter-ms',
            '50', '--out', str(out)]
    assert evaluate_main([*call, '--json']) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(out.read_text()) and out.with_suffix('.png').is_file()
    assert [(row['delay_ms'], row['wrapper']) for row in found['delays']] == [
        (0.0, 'hold'), (0.0, 'rtc'), (300.0, 'hold'), (300.0, 'rtc')]
    assert evaluate_main(call) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5


@pytest.mark.parametrize(('wrong', 'words'), [
    (['--wrapper', 'blnd'], "did you mean 'blend'"), (['--tasks', 'pres'], "mean 'press'")])
def test_the_command_names_the_nearest(wrong, words):
    """Pins that a misspelt wrapper or task is refused before anything runs."""
    with pytest.raises(ConfigurationError, match=words):
        evaluate_main(['--delay-ms', '100', *wrong])


@pytest.mark.parametrize('wrong', ['-1', 'soon', 'nan', '100,,200'])
def test_the_command_refuses_what_is_no_delay(wrong, capsys):
    """Pins one line and status 2 for a delay that is not a number of at least 0."""
    with pytest.raises(SystemExit) as left:
        evaluate_main([f'--delay-ms={wrong}'])
    assert left.value.code == 2 and '--delay-ms takes numbers' in capsys.readouterr().err
