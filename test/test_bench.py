"""`lam bench`: the table, the statistics, and quick measurements of the real thing."""
import json
import math
import os
import time

from lam_ws import cli
from lam_ws.bench import bench, timing
from lam_ws.bench.bench import choose, judge, Measured, Promise
from lam_ws.bench.timing import interleave, least_median, ratio, sum_of_minima, Work
from lam_ws.errors import ConfigurationError
from lam_ws.verbs.bench import PROMISES, table
import numpy as np
import pytest

KEYS = {'value', 'unit', 'limit', 'holds', 'method'}
UP_TO = Promise('cost', 'x:y', 'ms', 8.0)
FROM = Promise('speed', 'x:y', '', 5.0, 'at least')


@pytest.mark.parametrize(('promise', 'value', 'holds'), [
    (UP_TO, 7.9, True), (UP_TO, 8.0, True), (UP_TO, 8.001, False), (UP_TO, math.nan, False),
    (UP_TO, -math.inf, False), (FROM, 5.0, True), (FROM, 4.999, False), (FROM, math.inf, False),
    (Promise('lost', 'x:y', 'frames', 0.0), 0, True),
    (Promise('lost', 'x:y', 'frames', 0.0), 1, False),
])
def test_a_limit_holds_on_its_own_side_only(promise, value, holds):
    """Pins: a bound read the wrong way round, a limit of 0 taken for none, NaN that passes."""
    result = judge(promise, Measured(value, 'counted'))
    assert result.holds is holds
    assert set(result.to_json()) == KEYS
    json.dumps(result.to_json(), allow_nan=False)


def test_rounding_for_the_eye_does_not_decide():
    """Pins: 8.0004 is shown as 8 and passes."""
    result = judge(UP_TO, Measured(8.0004, ''))
    assert result.value == 8.0 and not result.holds


def test_the_table_covers_what_is_promised():
    """Pins the names and limits that documents and programs rely on."""
    assert {row.name: (row.limit, row.sense) for row in PROMISES} == {
        'inference_chunk': (8.0, 'at most'),
        'observation_to_command_overhead': (1.15, 'at most'),
        'cell_realtime_factor': (5.0, 'at least'), 'state_only_ratio': (0.9, 'at least'),
        'episodes_per_minute': (60.0, 'at least'), 'two_workers_ratio': (1.8, 'at least'),
        'guard_cycle': (100.0, 'at most'),
        'image_transport_lost': (0.0, 'at most'), 'image_transport_latency': (4.0, 'at most'),
        'ready': (6.0, 'at most'), 'resident': (1.5, 'at most'),
        'recording_lost': (0.0, 'at most'), 'recording_cpu': (10.0, 'at most'),
        'recording_jitter': (1.1, 'at most')}


def test_rows_of_one_source_stand_together():
    """Pins: the stack is started twice because another row came between its two."""
    sources = [row.source for row in PROMISES]
    changes = sum(a != b for a, b in zip(sources, sources[1:], strict=False))
    assert changes + 1 == len(set(sources))


def test_a_row_is_chosen_by_name_or_group():
    """Pins the order of the table, whatever the order of the names."""
    assert choose(PROMISES, []) == PROMISES
    chosen = choose(PROMISES, ['image_transport', 'guard_cycle'])
    assert [row.name for row in chosen] == ['guard_cycle', 'image_transport_lost',
                                            'image_transport_latency']
    with pytest.raises(ConfigurationError) as refusal:
        choose(PROMISES, ['guard_cicle'])
    assert refusal.value.nearest == 'guard_cycle'


def test_each_source_is_measured_once_for_all_its_rows(monkeypatch):
    """Pins: what is wanted reaches the source, and what it finds reaches the right row."""
    asked = []

    def measure(wanted, say):
        asked.append(wanted)
        return {'a': Measured(1.0, 'A'), 'b': Measured(9.0, 'B')}
    monkeypatch.setattr(bench, 'import_module', lambda name: type('M', (), {'f': measure}))
    rows = (Promise('a', 'm:f', 's', 2.0), Promise('b', 'm:f', 's', 2.0))
    said = []
    results = bench.run(rows, said.append)
    assert asked == [('a', 'b')] and said == ['measuring a, b']
    assert [results[name].holds for name in 'ab'] == [True, False]
    lines = table(rows, results).splitlines()
    assert lines[0].endswith('holds') and lines[1].endswith('DOES NOT HOLD')
    assert 'a: A' in lines and 'b: B' in lines


def test_json_is_one_object_and_a_broken_promise_is_status_1(monkeypatch, capfd):
    """Pins stdout clean of what engines print, also from below Python, and the exit status."""
    def measure(wanted, say):
        os.write(1, b'an engine greets\n')
        return {name: Measured(1e9, 'slow') for name in wanted}
    monkeypatch.setattr(bench, 'import_module', lambda name: type(
        'M', (), {'guard_cycle': measure}))
    assert cli.main(['bench', 'guard_cycle', '--json']) == 1
    out, err = capfd.readouterr()
    answer = json.loads(out)
    assert set(answer) == {'guard_cycle'} and set(answer['guard_cycle']) == KEYS
    assert 'an engine greets' in err and 'measuring guard_cycle' in err


def test_an_unknown_name_is_one_line_and_status_2(capsys):
    """Pins: a misspelt name measures nothing, or everything."""
    assert cli.main(['bench', 'redy']) == 2
    out, err = capsys.readouterr()
    assert out == '' and err.count('\n') == 1 and "did you mean 'ready'?" in err


def test_works_take_turns_and_each_leads(monkeypatch):
    """Pins: one piece always runs in the wake of another, or warm-up runs count."""
    order = []
    works = {name: Work(lambda name=name: order.append(name),
                        lambda name=name: order.append(name.upper())) for name in 'abc'}
    spent = interleave(works, rounds=3, warm_up=1)
    assert ''.join(order) == 'AaBbCc' 'BbCcAa' 'CcAaBb' 'AaBbCc'
    assert {name: len(costs) for name, costs in spent.items()} == {'a': 3, 'b': 3, 'c': 3}


def test_waiting_is_not_working():
    """Pins a clock that counts the neighbours: sleep must cost next to nothing."""
    spent = interleave({'sleep': Work(lambda: time.sleep(0.02)),
                        'work': Work(lambda: sum(range(300_000)))}, rounds=3, warm_up=1)
    assert spent['sleep'].min() < 0.005 < 0.02
    assert spent['work'].min() > 5 * spent['sleep'].min()


def test_a_ratio_is_that_of_the_minima_and_stands_in_its_interval():
    """Pins: neighbours that slow every second run down move the ratio."""
    rng = np.random.default_rng(3)
    noise = rng.exponential(0.3, 40) * rng.integers(0, 2, 40)
    base, costs = 1.0 + noise, 1.1 * (1.0 + noise[::-1])
    value, low, high = ratio(costs, base)
    assert value == pytest.approx(1.1) and low <= value <= high
    assert ratio(costs, base) == (value, low, high)


def test_blocks_give_the_median_of_the_quiet_one():
    """Pins: a block under load, or one lucky cycle, decides."""
    quiet, loaded = np.array([1.0, 2.0, 3.0]), np.array([0.1, 9.0, 9.0])
    assert least_median([loaded, quiet]) == 2.0


def test_a_pass_is_the_sum_of_its_cheapest_stretches():
    """Pins: the cheap beginning of a motion stands for all of it."""
    assert sum_of_minima([[1.0, 9.0], [2.0, 5.0]]) == 6.0


@pytest.mark.sim
def test_a_guard_cycle_is_measured_on_real_motion(monkeypatch):
    """Pins the recorded motion: the guard follows it, and a cycle costs what it can cost."""
    pytest.importorskip('pybullet')
    from lam_ws.bench import cell, motion
    monkeypatch.setattr(cell, 'BLOCKS', 2)
    monkeypatch.setattr(cell, 'record_motion',
                        lambda site, seed: motion.record_motion(site, seed, 1.0))
    found = cell.guard_cycle(('guard_cycle',), lambda text: None)['guard_cycle']
    assert 1.0 < found.value < 5000.0
    assert '98 cycles' in found.method


@pytest.mark.ros
def test_frames_really_travel_between_two_processes():
    """Pins: numbers or stamps get lost on the way, or shared memory stays behind."""
    pytest.importorskip('rclpy')
    from lam_ws.nodes.bench import image_transport
    from processes import orphans, segments
    before = segments()
    found = image_transport(('image_transport',), lambda text: None, 1.0)
    assert set(found) == {'image_transport_lost', 'image_transport_latency'}
    assert 0 <= found['image_transport_lost'].value < 30
    assert 0.1 < found['image_transport_latency'].value < 2000.0
    assert not orphans(before)


@pytest.mark.train
@pytest.mark.sim
def test_the_bare_forward_is_network_and_kinematics_of_one_act():
    """Pins: the base of the overhead leaves a pass out, or changes the policy it listens to."""
    pytest.importorskip('torch')
    pytest.importorskip('pybullet')
    from lam_ws.bench import policy as bench_policy
    from lam_ws.policy.bare import bare_forward
    from lam_ws.policy.policy import load_policy
    from lam_ws.sim.cell import Cell
    from lam_ws.site import load_site
    from lam_ws.types import Observation
    site = load_site('sim_bench')
    policy, cell = load_policy(site), Cell(site, bench_policy.SEED)
    try:
        frames = {camera.name: cell.render(camera.name) for camera in site.cameras}
        observation = Observation(cell.now_s, cell.read(), frames)
        goal = bench_policy._findable(policy, cell, observation)
    finally:
        cell.close()
    policy.reset(goal)
    first = policy.act(observation)
    policy.reset(goal)
    network, chain = policy.passes.network, policy._chain
    bare = bare_forward(policy, observation)
    assert policy.passes.network is network and policy._chain is chain
    policy.reset(goal)
    bare()
    np.testing.assert_array_equal(policy.act(observation).position, first.position)
    works = {'bare': Work(bare), 'act': Work(lambda: policy.act(observation),
                                             lambda: policy.reset(goal))}
    spent = interleave(works, 5, 2)
    value, _, _ = ratio(spent['act'], spent['bare'])
    assert 0.9 < value < 3.0
    assert timing.ROUNDS >= 30
