"""A shadow beside real cells: it predicts what is done, says where it differs, and moves nothing.

In lock-step from a recording, where views are the same to the bit, and beside a cell that runs in
real time while the policy, then a hand, moves the arm.
"""
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from lam_ws import cli
from lam_ws.keys import FOLDER
from lam_ws.resources import share
from lam_ws.types import Instruction
import pytest
import yaml

pytest.importorskip('rclpy')
pytest.importorskip('pybullet')

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.train]
ROOT = Path(__file__).resolve().parents[2]
NEAR_RAD = 0.01   # after 0.5 s, median: measured 0.002; the arm goes 0.09


def site_file(folder, name):
    """Return the file of a shipped site that records into `folder`."""
    content = yaml.safe_load((share() / f'config/sites/{name}.yaml').read_text(encoding='utf-8'))
    content['record'] = {'folder': str(folder / 'episodes'), 'frames': True}
    path = folder / f'{name}.yaml'
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding='utf-8')
    return path


def sentences(truth):
    """Return two sentences about two parts that are there once."""
    colours = {'red': '빨간', 'green': '초록', 'blue': '파란', 'yellow': '노란'}
    kinds = {'cube': '큐브', 'cylinder': '원통', 'bar': '막대'}
    names = [(part['kind'], part['colour']) for part in truth['parts']]
    once = [name for name in names if names.count(name) == 1]
    return [f'{colours[colour]} {kinds[kind]}을 검은 상자에 넣어 줘'
            for kind, colour in once[:2]]


@pytest.fixture(scope='module')
def recorded(tmp_path_factory):
    """Return a recording of one lock-step episode, its site, what was said and what was not."""
    from lam_ws.nodes.session import Session
    folder = tmp_path_factory.mktemp('shadow')
    path = site_file(folder, 'sim_bench')
    before = dict(os.environ)
    with Session(path, logs=folder) as cell:
        said, unsaid = sentences(cell.reset(11))
        cell.arm()
        outcome = cell.instruct(Instruction(said))
        cell.client.turn_for(2.0)   # its recorder ends the file
    os.environ.clear()
    os.environ.update(before)
    assert outcome.success, outcome
    return folder / 'episodes' / f'{outcome.episode}.mcap', path, said, unsaid


def shadow(capsys, *arguments):
    """Run the verb; return its exit status and what it printed."""
    before = dict(os.environ)
    status = cli.main(['shadow', *map(str, arguments), '--json'])
    os.environ.clear()
    os.environ.update(before)
    return status, json.loads(capsys.readouterr().out)


def test_the_same_policy_on_the_same_views_says_the_same(recorded, tmp_path, capsys):
    """Pins bit for bit that a shadow runs the cell's own path, and that errors are small."""
    recording, site, said, _ = recorded
    status, found = shadow(capsys, '--episode', recording, '--site', site, '--out', tmp_path)
    assert status == 0 and found['instruction'] == said
    assert found['same_as_commander']['chunks'] >= 10
    assert found['same_as_commander']['max_rad'] == 0.0
    assert all(goal['different'] == [] for goal in found['goals'] if goal['cells'])
    assert any(goal['cells'] for goal in found['goals'])
    verdicts, near = found['verdicts'], found['errors']['0.5']
    assert verdicts['refused'] == verdicts['stopped'] == 0
    assert near['guarded']['arm_rad']['median'] < NEAR_RAD
    assert near['standing']['arm_rad']['median'] > 3 * near['guarded']['arm_rad']['median']
    assert found['chunks'][-1]['done'] > 0.5 > found['chunks'][0]['done']
    folder = tmp_path / recording.stem
    assert {path.name for path in folder.iterdir()} == {'report.html', 'shadow.json',
                                                        'shadow.png'}


def test_another_sentence_is_seen_to_differ(recorded, tmp_path, capsys):
    """Pins that the comparison above can fail: another part, and the arm goes elsewhere."""
    recording, site, _, unsaid = recorded
    _, found = shadow(capsys, unsaid, '--episode', recording, '--site', site, '--out', tmp_path)
    [goal] = [goal for goal in found['goals'] if goal['cells']][:1]
    assert set(goal['different']) & {'kind', 'colour'}
    assert found['same_as_commander']['max_rad'] > 0.1
    assert found['errors']['0.5']['guarded']['arm_rad']['p95'] > 5 * NEAR_RAD


def test_a_sentence_that_fits_nothing_ends_it(recorded, tmp_path, capsys):
    """Pins that the refusal is the grounder's, after it was given time to see."""
    recording, site, _, _ = recorded
    status, found = shadow(capsys, '보라색 코끼리를 검은 상자에 넣어', '--episode', recording,
                           '--site', site, '--out', tmp_path)
    assert status == 1 and found['reason'] and found['chunks'] == []


class Beside:
    """`lam shadow` as a process of its own beside a cell."""

    def __init__(self, cell, site, text, seconds, out):
        self._cell, self._out = cell, out / 'printed.json'
        with self._out.open('w') as printed:
            self.process = subprocess.Popen(
                [sys.executable, '-m', 'lam_ws', 'shadow', text, '--site', str(site),
                 '--domain', os.environ['ROS_DOMAIN_ID'], '--seconds', str(seconds), '--out',
                 str(out), '--json'], cwd=ROOT, stdout=printed,
                env={key: value for key, value in os.environ.items() if key != FOLDER})
        self.until(lambda: 'shadow' in cell.client.node.get_node_names())

    def until(self, holds, seconds=30.0):
        """Turn the cell's client until something holds."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.process.poll() is None and time.monotonic() < deadline
            self._cell.client.turn()

    def result(self, seconds=60.0):
        """Wait for its end and return what it printed."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline
            self._cell.client.turn()
        return json.loads(self._out.read_text(encoding='utf-8'))


def offers(node, namespace):
    """Return the topics that the shadow publishes and the services it calls, by base name."""
    published = node.get_publisher_names_and_types_by_node('shadow', namespace)
    called = node.get_client_names_and_types_by_node('shadow', namespace)
    return {name for name, _ in published}, {name for name, _ in called}


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    """Return a cell in real time, and the file of its site."""
    from lam_ws.nodes.session import Session
    folder = tmp_path_factory.mktemp('beside')
    path = site_file(folder, 'sim_demo')
    before = dict(os.environ)
    with Session(path, logs=folder, without=['record']) as running:
        yield running, path
    os.environ.clear()
    os.environ.update(before)


def publishers(cell):
    """Return how many publish each topic that can move an arm."""
    from lam_ws.nodes import nodes
    return {name: cell.client.node.count_publishers(
        cell.client.node.resolve_topic_name(name)) for name in (
        nodes.COMMAND, nodes.PROPOSED, nodes.SUBGOAL, nodes.ESTOP, nodes.GRIPPER_COMMAND)}


def test_beside_a_running_cell_it_predicts_and_is_not_noticed(cell, tmp_path):
    """Pins: no publisher, no client, one commander, and the motion of the same policy foretold."""
    running, path = cell
    said, _ = sentences(running.reset(3))
    before = publishers(running)
    beside = Beside(running, path, said, 25.0, tmp_path)
    assert publishers(running) == before
    published, called = offers(running.client.node, f'/{running.site.namespace}')
    assert published <= {'/rosout', '/parameter_events'} and called == set()
    beside.until(lambda: running.client.guard is not None)
    running.client.turn_for(1.0)
    running.arm()
    outcome = running.instruct(Instruction(said))
    found = beside.result()
    assert outcome.success, outcome
    print(json.dumps({key: found[key] for key in ('verdicts', 'same_as_commander', 'errors')}))
    assert len(found['cells_guard']['commanders']) == 1
    assert '/policy/' in found['cells_guard']['commanders'][0]
    led = [goal for goal in found['goals'] if goal['cells']]
    assert led and led[0]['different'] == []
    same, near = found['same_as_commander'], found['errors']['0.5']
    assert same['chunks'] >= 5 and same['median_rad'] < 0.005
    assert near['guarded']['arm_rad']['median'] < NEAR_RAD
    assert near['standing']['arm_rad']['median'] > 2 * near['guarded']['arm_rad']['median']


def test_interrupted_it_keeps_what_it_saw_while_a_hand_moved_the_arm(cell, tmp_path):
    """Pins Ctrl-C, and that chunks are judged where nobody gave the cell an instruction."""
    running, path = cell
    said, _ = sentences(running.reset(3))
    running.arm()
    hand = subprocess.Popen([sys.executable, str(ROOT / 'test/hand_process.py'), str(path),
                             os.environ['ROS_DOMAIN_ID']], cwd=ROOT,
                            env={**os.environ, FOLDER: str(running.supervisor.keys)})
    try:
        beside = Beside(running, path, said, 60.0, tmp_path)
        beside.until(lambda: running.client.guard is not None
                     and 'teleop' in running.client.guard.commander)
        running.client.turn_for(6.0)
        beside.process.send_signal(signal.SIGINT)
        found = beside.result()
    finally:
        hand.kill()
        hand.wait()
    assert found['interrupted'] and found['chunks']
    assert all(goal['cells'] is None for goal in found['goals'])
    assert any('teleop' in one for one in found['cells_guard']['commanders'])
    assert found['errors']['0.3']['standing']['count'] > 0
