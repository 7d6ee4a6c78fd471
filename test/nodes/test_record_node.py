"""The recorder of a real cell in real time: an operator's wishes, labels, hands, a kill."""
import json
import os
import signal
import time

from lam_ws.errors import LamError
from lam_ws.keys import FOLDER, read_keys
from lam_ws.record import shelf
from lam_ws.record.card import beside, read_card
from lam_ws.record.reader import read_episode
from lam_ws.record.recovery import part_of
from lam_ws.resources import share
from lam_ws.safety.lease import POLICY, TELEOP
from lam_ws.site import load_site
import pytest
import yaml

pytestmark = [pytest.mark.ros, pytest.mark.sim]
ORDER = '빨간 큐브를 흰 상자에 넣어'


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Return where this module's recordings go."""
    return tmp_path_factory.mktemp('recorded')


@pytest.fixture(scope='module')
def cell(folder):
    """Start simulator, guard and recorder in real time, armed."""
    from lam_ws.nodes.session import Session
    content = yaml.safe_load((share() / 'config/sites/sim_demo.yaml').read_text(encoding='utf-8'))
    content['record']['folder'] = str(folder / 'episodes')
    path = folder / 'sim_demo.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    with Session(load_site(path), logs=folder / 'log', only=['sim', 'guard', 'record'],
                 deaths='ignore') as session:
        session.arm()
        yield session


@pytest.fixture(scope='module')
def states(cell):
    """Collect what the recorder says, the newest last."""
    from lam_interfaces.msg import RecordState
    from lam_ws.nodes import nodes
    heard = []
    cell.client.node.create_subscription(RecordState, nodes.RECORD_STATE, heard.append,
                                         nodes.RELIABLE)
    wait(cell, lambda: heard)
    return heard


def wait(cell, true, seconds=15.0):
    """Turn the cell until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        cell.client.turn_for(0.05)


def ask(cell, action, **fields):
    """Ask the recorder and return its answer."""
    from lam_interfaces.srv import Record
    from lam_ws.nodes import nodes
    return cell.client.call(Record, nodes.RECORD, Record.Request(action=action, **fields), 15.0)


def started(cell, instruction=ORDER):
    """Begin an episode and return its id."""
    answer = ask(cell, 'start', instruction=instruction, operator_id='kim')
    assert answer.success, answer.message
    return answer.episode_id


def test_an_operators_episode(cell, states, folder):
    """Pins who, what, when and how good, in the recording, beside it, and in what is shown."""
    episode = started(cell)
    wait(cell, lambda: states[-1].episode_id == episode and states[-1].seconds > 3.0)
    shown = states[-1]
    assert (shown.instruction, shown.by_operator) == (ORDER, True)
    assert shown.messages > 300 and list(shown.cameras) == ['front', 'wrist']
    assert all(rate > 5.0 for rate in shown.rate_hz)
    answer = ask(cell, 'stop', label='success', operator_id='kim', note='first try')
    assert answer.success and answer.episode_id == episode, answer.message
    wait(cell, lambda: not states[-1].episode_id)
    path = folder / 'episodes' / f'{episode}.mcap'
    card = read_episode(path, images=False).card
    assert card == read_card(path) and json.loads(beside(path).read_text())['success'] is True
    assert (card.operator, card.instruction, card.language) == ('kim', ORDER, 'ko')
    assert (card.site, card.policy, card.by_operator) == ('sim_demo', 'lam_small lam_small', True)
    assert card.label.who == 'kim' and card.label.note == 'first try' and card.label.when
    assert card.finished and card.seconds == pytest.approx(3.0, abs=2.0)
    assert {camera.name for camera in card.verdict.cameras} == {'front', 'wrist'}
    assert all(camera.images > 10 for camera in card.verdict.cameras)


def test_the_same_wish_twice_is_one(cell, folder):
    """Pins that a lost answer, asked for again, neither fails nor records twice."""
    episode = started(cell)
    assert started(cell) == episode
    assert not ask(cell, 'start', instruction='another', operator_id='kim').success
    assert ask(cell, 'stop').episode_id == episode
    assert ask(cell, 'stop').episode_id == episode


def test_a_label_that_comes_later(cell, folder):
    """Pins that a label given after the end is in both places, and that the last one counts."""
    episode = started(cell)
    cell.client.turn_for(0.5)
    assert ask(cell, 'stop').success
    path = folder / 'episodes' / f'{episode}.mcap'
    assert read_card(path).success is None
    before = read_episode(path, images=False)
    for label in ('success', 'failure'):
        assert ask(cell, 'label', label=label, operator_id='lee', episode_id=episode).success
    after = read_episode(path, images=False)
    assert after.card == read_card(path) and after.card.success is False
    assert after.card.label.who == 'lee' and after.counts == before.counts


def test_discarded_and_recorded_anew(cell, folder):
    """Pins that what is discarded leaves the list, is kept, and comes back by name."""
    first = started(cell)
    cell.client.turn_for(0.5)
    assert ask(cell, 'discard').episode_id == first
    second = started(cell)
    assert second != first
    cell.client.turn_for(0.3)
    assert ask(cell, 'stop', label='failure').episode_id == second
    names = [path.stem for path in shelf.episodes(folder / 'episodes')]
    assert second in names and first not in names
    assert [path.stem for path in shelf.trash(folder / 'episodes')] == [first]
    back = shelf.take_back(folder / 'episodes', first)
    assert read_episode(back, images=False).card.episode == first == read_card(back).episode
    assert not shelf.trash(folder / 'episodes')


@pytest.mark.parametrize(('action', 'fields', 'word'), [
    ('erase', {}, 'none of'), ('stop', {'label': 'good'}, 'label'),
    ('label', {'episode_id': '../../etc/passwd'}, 'no name'),
    ('discard', {'episode_id': 'never_was'}, 'no recording'),
    ('start', {'instruction': '가' * 1400}, 'longer'),
    ('label', {'note': 'x' * 4097}, 'longer')])
def test_what_is_refused(cell, action, fields, word):
    """Pins that nonsense is refused in words and records nothing."""
    answer = ask(cell, action, **fields)
    assert not answer.success and word in answer.message


class Task:
    """Says as the task does which step is in work."""

    def __init__(self, cell):
        from lam_interfaces.msg import Subgoal
        from lam_ws.nodes import nodes
        self.cell = cell
        self.key = read_keys(('task',), {FOLDER: str(cell.supervisor.keys)})['task']
        self.out = cell.client.node.create_publisher(Subgoal, nodes.SUBGOAL, nodes.RELIABLE)
        wait(cell, lambda: self.out.get_subscription_count() >= 2)

    def work(self, episode, seconds, key=None):
        from lam_ws.nodes import conversion, sealing
        from lam_ws.types import Goal
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            message = conversion.subgoal_message(time.monotonic(), episode, Goal(
                'pick_place', 'cube', 'red', 'white', ORDER))
            self.out.publish(sealing.sealed(message, key or self.key))
            self.cell.client.turn_for(0.1)
        rest = conversion.subgoal_message(time.monotonic(), episode, None)
        self.out.publish(sealing.sealed(rest, self.key))


def test_an_instruction_records_itself_and_does_not_cut_an_operators(cell, folder):
    """Pins both ways of recording, and that a forged subgoal begins neither."""
    task, there = Task(cell), folder / 'episodes'
    task.work('forged', 1.0, bytes(32))
    task.work('by_itself', 1.0)
    wait(cell, lambda: (there / 'by_itself.mcap').exists())
    card = read_card(there / 'by_itself.mcap')
    assert not card.by_operator and [step.text for step in card.steps] == [ORDER]
    assert not (there / 'forged.mcap').exists()
    episode = started(cell)
    for within in ('within_1', 'within_2'):
        task.work(within, 0.6)
        cell.client.turn_for(0.8)   # longer than an instruction's own recording goes on
    assert ask(cell, 'stop').episode_id == episode
    cell.client.turn_for(0.5)
    assert not [path for path in there.iterdir() if path.name.startswith('within')]
    card = read_card(there / f'{episode}.mcap')
    assert [step.episode for step in card.steps] == ['within_1', 'within_2']
    assert card.steps[1].start_s - card.steps[0].start_s > 1.0


def test_when_a_hand_moved_the_arm(cell, folder):
    """Pins the interval of an intervention by sealed claims; a forged one is none."""
    from lam_interfaces.msg import Proposal
    from lam_ws.nodes import conversion, nodes, sealing
    keys = read_keys((POLICY, TELEOP), {FOLDER: str(cell.supervisor.keys)})
    node = cell.client.node
    out = node.create_publisher(Proposal, nodes.PROPOSED, nodes.RELIABLE)
    wait(cell, lambda: out.get_subscription_count() >= 2)

    def hold(commander, key, seconds, **what):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            now_s = time.monotonic()
            message = Proposal(claim=sealing.claim_message(
                commander.claim(now_s, True, **what)), sequence=1)
            message.header.stamp = conversion.to_time(now_s)
            out.publish(sealing.sealed(message, key))
            cell.client.turn_for(0.03)

    cell.client.clear()
    cell.arm()
    hand = sealing.commander(TELEOP, node)
    episode = started(cell)
    cell.client.turn_for(0.5)
    hold(sealing.commander(TELEOP, node), keys[POLICY], 0.5, takes=True)   # a wrong seal
    began = time.monotonic()
    hold(hand, keys[TELEOP], 2.0, takes=True)
    hold(hand, keys[TELEOP], 0.2, gives=True)
    cell.client.turn_for(0.5)
    took_s = time.monotonic() - began - 0.5
    assert ask(cell, 'stop').success
    card = read_card(folder / 'episodes' / f'{episode}.mcap')
    assert len(card.interventions) == 1, card.interventions
    one = card.interventions[0]
    assert one.commander == hand.name
    assert 1.2 < one.end_s - one.start_s < took_s + 0.3
    assert one.start_s > 0.8   # not while the seal was wrong


def test_a_recorder_that_is_killed(cell, folder):
    """Pins that an operator's episode survives kill -9 with what was known when it began."""
    episode = started(cell, 'put it away')
    cell.client.turn_for(2.0)
    path = folder / 'episodes' / f'{episode}.mcap'
    os.kill(cell.processes['record'], signal.SIGKILL)
    with pytest.raises(LamError):
        ask_in_vain(cell)
    assert part_of(path).exists() and not path.exists()
    assert [one.stem for one in shelf.mend(folder / 'episodes')] == [episode]
    found = read_episode(path, images=False)
    assert found.card == read_card(path) and not found.card.finished
    assert (found.card.operator, found.card.instruction) == ('kim', 'put it away')
    assert found.duration_s > 1.5 and len(found.joints.times) > 100


def ask_in_vain(cell):
    """Ask a recorder that is gone."""
    from lam_interfaces.srv import Record
    from lam_ws.nodes import nodes
    cell.client.call(Record, nodes.RECORD, Record.Request(action='stop'), 1.0)
