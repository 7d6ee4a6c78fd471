"""What a shadow predicted against what was measured: numbers one can work out by hand."""
from lam_ws.shadow.comparing import compared
from lam_ws.shadow.shadow import Predicted, Pursuit, Said, Watch
from lam_ws.shadow.trial import Verdict
from lam_ws.site import load_arm
from lam_ws.types import ActionChunk, Goal, Instruction, JointState
import numpy as np
import pytest

ARM = load_arm('fr3')
RED = Goal('pick_place', 'cube', 'red', 'black', 'the red cube', seen_at=(0.5, 0.0, 0.02))


def watch(led=True):
    """Return a watch: the first joint really turns at 0.2 rad/s, the chunk wanted 0.5 rad/s."""
    seen = Watch(Instruction('the red cube into the black bin'))
    for t in np.arange(0.0, 2.0, 0.01):
        position = ARM.home.copy()
        position[0] += 0.2 * t
        seen.joints.append(JointState(5.0 + t, ARM.names, position, np.zeros(ARM.axes)))
    times = 0.1 * np.arange(1, 11)
    wanted = np.tile(ARM.home, (10, 1))
    wanted[:, 0] += 0.5 * times
    half = np.tile(ARM.home, (10, 1))
    half[:, 0] += 0.3 * times
    seen.chunks.append(Predicted(0, 0, ActionChunk(5.0, ARM.names, times, wanted, 0.25, 'reach'),
                                 Verdict('', ('velocity',), '', times, half), led))
    seen.proposals[5_000_000_000] = ActionChunk(5.0, ARM.names, times, wanted + 0.001)
    return seen


def test_errors_are_those_of_the_policy_the_guard_and_an_arm_at_rest():
    """Pins worst joint and tool at each time: 0.3, 0.1 and 0.2 rad/s times the time."""
    found = compared(watch(), ARM)
    for after, errors in found['errors'].items():
        t = float(after)
        for name, speed in (('chunk', 0.3), ('guarded', 0.1), ('standing', 0.2)):
            assert errors[name]['count'] == 1
            assert errors[name]['arm_rad']['max'] == pytest.approx(speed * t, abs=1e-6)
    tool = found['errors']['0.5']['standing']['tool_m']['max']
    assert 0.03 < tool < 0.1   # 0.1 rad at an arm's length of 0.3 to 1 m
    assert found['verdicts'] == {'passed': 0, 'limited': 1, 'refused': 0, 'stopped': 0,
                                 'reasons': {'velocity': 1}}
    assert found['same_as_commander'] == {'chunks': 1, 'median_rad': pytest.approx(0.001),
                                          'max_rad': pytest.approx(0.001)}


def test_what_was_not_measured_is_no_error():
    """Pins that a chunk near the end has no error at times after it."""
    seen = watch()
    del seen.joints[20:]   # 0.19 s of motion
    found = compared(seen, ARM)['errors']
    assert found['0.1']['chunk']['count'] == 1 and found['0.3']['chunk']['count'] == 0


def test_chunks_before_the_cells_task_began_count_in_no_error():
    """Pins that waiting for the cell's instruction is not called a wrong prediction."""
    seen = watch()
    seen.chunks.append(watch(led=False).chunks[0])
    found = compared(seen, ARM)
    assert len(found['chunks']) == 2 and found['errors']['0.1']['chunk']['count'] == 1


def test_goals_are_compared_word_by_word():
    """Pins which words differ, and how far apart the two see the thing."""
    seen = watch()
    other = Goal('pick_place', 'cube', 'blue', 'black', 'the blue cube', seen_at=(0.5, 0.1, 0.02))
    seen.pursuits += [Pursuit(5.0, RED, other), Pursuit(5.5, RED, None), Pursuit(6.0, RED, RED)]
    first, second, third = compared(seen, ARM)['goals']
    assert first['different'] == ['colour'] and first['seen_at_apart_m'] == pytest.approx(0.1)
    assert first['place_at_apart_m'] is None and second['cells'] is None
    assert third['different'] == []


def test_what_the_cells_guard_said_is_counted():
    """Pins states, bounds and who commanded."""
    seen = watch()
    seen.said += [Said(5.0, 'running', '', 'velocity', '/cell/policy/7'),
                  Said(5.1, 'stopped', 'tracking', '', '/cell/policy/7')]
    told = compared(seen, ARM)['cells_guard']
    assert told['states'] == {'running': 1, 'stopped (tracking)': 1}
    assert told['limited'] == {'velocity': 1} and told['commanders'] == ['/cell/policy/7']


def test_a_shadow_that_saw_nothing_says_so():
    """Pins that no joints and no chunk is an answer, not an error."""
    found = compared(Watch(Instruction('x')), ARM)
    assert found['chunks'] == [] and found['seconds'] == 0.0
    assert found['errors']['0.5']['chunk'] == {'count': 0}
