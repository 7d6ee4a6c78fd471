"""What is recorded into which file: instructions, operators, labels, endings, failures."""
from lam_ws.errors import RecordingError
from lam_ws.record import faults, keeper, shelf
from lam_ws.record.card import Card, Ending, Label, read_card, Step
from lam_ws.record.checking import Checking, free_bytes
from lam_ws.record.keeper import Keeper, Message
from lam_ws.record.live import LiveChecks
from lam_ws.record.reader import read_episode
from lam_ws.record.recovery import part_of
import pytest
from recordings import Messages, TYPES

MS = 1_000_000
MESSAGES = Messages()


class Cell:
    """Plays messages to a keeper at 100 Hz from 1 s on."""

    def __init__(self, folder, free=lambda folder: 10 ** 12):
        self.said, self.now = [], 1000 * MS
        self.live = LiveChecks({'front': 10.0}, 100.0, 0.1)
        self.keeper = Keeper(folder, Card('', site='s', software='1', policy='p'),
                             Checking(self.live, folder, free),
                             lambda text, failed: self.said.append((text, failed)))

    def play(self, seconds, step=None, holder=''):
        for _ in range(round(seconds * 100)):
            self.now += 10 * MS
            if self.now % (100 * MS) == 0:
                self.live.image('front', self.now, self.now)
                if step is not None:
                    self.keeper.follow(self.now, step, 'kb1')
                self.keeper.hands.lease(holder, 1e-9 * self.now)
            self.live.joints(self.now, self.now)
            self.keeper.hear(Message(self.now, '/joint_states', TYPES['joint_states'],
                                     MESSAGES.joint_states(1e-9 * self.now)))


@pytest.fixture
def cell(tmp_path):
    """Return a cell that records into a folder of its own."""
    return Cell(tmp_path)


def step(episode, number=0, attempt=0):
    """Return an active step."""
    return Step(0.0, episode, number, attempt, 'push', f'do {number}')


def test_an_instruction_records_itself(cell, tmp_path):
    """Pins the second before, the half after, what was typed, and how it ended."""
    cell.play(2.0)
    cell.keeper.asked('i1', '밀어 줘', 'ko', 'kim')
    cell.play(1.0, step('i1'))
    cell.play(0.3, step('i1', 1))
    cell.keeper.ended(Ending('i1', '밀어 줘', True))
    cell.play(1.0)
    card = read_card(tmp_path / 'i1.mcap')
    assert card.seconds == pytest.approx(1.0 + 1.3 + 0.5, abs=0.1)
    assert (card.instruction, card.language, card.operator) == ('밀어 줘', 'ko', 'kim')
    assert not card.by_operator and card.kb_version == 'kb1' and card.success is True
    assert [(one.step, one.start_s) for one in card.steps] == [
        (0, pytest.approx(1.0, abs=0.1)), (1, pytest.approx(2.0, abs=0.1))]
    assert card == read_episode(tmp_path / 'i1.mcap').card
    assert card.verdict.good and card.verdict.cameras[0].images > 5


def test_an_ending_that_comes_after_the_file_was_closed(cell, tmp_path):
    """Pins that an arm that is slow to come to rest does not cost the result."""
    cell.play(1.0, step('i1'))
    cell.play(1.0)
    cell.keeper.ended(Ending('i1', '', False, 'timeout'))
    found = read_episode(tmp_path / 'i1.mcap').card
    assert found.success is False and found == read_card(tmp_path / 'i1.mcap')
    cell.keeper.ended(Ending('other', '', True))
    assert read_card(tmp_path / 'i1.mcap') == found


def test_instructions_come_and_go_within_an_operators_episode(cell, tmp_path):
    """Pins that subgoals neither cut it nor record themselves, also when they outlast it."""
    episode = cell.keeper.start('치워', 'ko', 'kim')
    cell.play(0.5)
    for name in ('i1', 'i2'):
        cell.play(0.5, step(name))
        cell.keeper.ended(Ending(name, '', True))
        cell.play(1.0)
    cell.play(0.5, step('i3'))
    assert cell.keeper.stop(None) == episode
    cell.play(1.0, step('i3'))
    assert [path.stem for path in shelf.episodes(tmp_path)] == [episode]
    card = read_card(tmp_path / f'{episode}.mcap')
    assert [one.episode for one in card.steps] == ['i1', 'i2', 'i3']
    assert [one.episode for one in card.endings] == ['i1', 'i2'] and card.by_operator
    assert card.seconds == pytest.approx(4.0, abs=0.1)   # nothing from before the start
    cell.play(0.5, step('i4'))
    assert cell.keeper.card is not None and cell.keeper.card.episode == 'i4'


def test_an_operator_who_begins_while_an_instruction_is_on(cell, tmp_path):
    """Pins that the instruction's own file is finished, and the rest goes to the operator's."""
    cell.play(1.0, step('i1'))
    episode = cell.keeper.start('', '', 'kim')
    cell.play(1.0, step('i1'))
    cell.keeper.stop(Label('failure', 'kim'))
    assert {path.stem for path in shelf.episodes(tmp_path)} == {'i1', episode}
    assert read_card(tmp_path / f'{episode}.mcap').success is False
    with pytest.raises(RecordingError, match='nothing'):
        cell.keeper.stop(None)


def test_a_label_while_recording_is_kept_at_the_end(cell, tmp_path):
    """Pins that what was said early is not lost, and '' means the one of the moment."""
    episode = cell.keeper.start('', '', 'kim')
    cell.play(0.2)
    assert cell.keeper.label('', Label('success', 'kim')) == episode
    cell.keeper.stop(None)
    assert read_card(tmp_path / f'{episode}.mcap').success is True
    cell.keeper.label('', Label('', 'lee'))
    assert read_card(tmp_path / f'{episode}.mcap').success is None


def test_a_hand_within_an_episode(cell, tmp_path):
    """Pins interventions counted from the first message of the file."""
    cell.keeper.hands.claim('teleop', 'hand')
    cell.keeper.start('', '', '')
    cell.play(1.0)
    cell.play(0.5, holder='hand')
    cell.play(0.5)
    one, = read_card(tmp_path / f'{cell.keeper.stop(None)}.mcap').interventions
    assert (one.start_s, one.end_s) == (pytest.approx(1.0, abs=0.11),
                                        pytest.approx(1.5, abs=0.11))


def test_a_cell_that_is_laid_out_anew_ends_the_episode(cell, tmp_path):
    """Pins that two runs of simulated time never share a file."""
    episode = cell.keeper.start('', '', '')
    cell.play(0.5)
    cell.keeper.restart(0)
    assert (tmp_path / f'{episode}.mcap').exists() and cell.keeper.card is None


def test_a_disk_that_refuses_ends_the_recording_and_nothing_else(cell, tmp_path, monkeypatch):
    """Pins that hearing never raises, that the operator is told, and what was written is kept."""
    episode = cell.keeper.start('', '', 'kim')
    cell.play(1.0)
    monkeypatch.setattr(keeper.Recorder, 'write', lambda *args: (_ for _ in ()).throw(
        RecordingError('No space left on device')))
    cell.play(0.5)
    assert cell.keeper.card is None and cell.keeper.lost == 1 and cell.said[-1][1]
    found = cell.keeper.checking.look(cell.now, None, 0.0)
    assert found[0].code == faults.RECORDING_ENDED and 'No space' in found[0].where
    with pytest.raises(RecordingError, match='No space'):
        cell.keeper.stop(None)
    monkeypatch.undo()
    assert part_of(tmp_path / f'{episode}.mcap').exists()
    cell.keeper.start('', '', 'kim')
    assert not [fault for fault in cell.keeper.checking.look(cell.now, cell.keeper.recorder, 0.0)
                if fault.code == faults.RECORDING_ENDED]


def test_a_folder_that_cannot_be_made(tmp_path):
    """Pins that a start that fails says why and leaves nothing half begun."""
    (tmp_path / 'file').write_text('')
    cell = Cell(tmp_path / 'file')
    with pytest.raises(RecordingError, match='file'):
        cell.keeper.start('', '', '')
    cell.play(0.2, step('i1'))
    assert cell.keeper.card is None and cell.keeper.lost >= 2


def test_the_room_on_the_disk(tmp_path):
    """Pins that the warning comes while there are still two minutes, in what is being written."""
    room = [10 ** 12]
    cell = Cell(tmp_path, lambda folder: room[0])
    cell.keeper.start('', '', '')
    cell.play(2.0)
    recorder = cell.keeper.recorder
    assert not cell.keeper.checking.look(cell.now, recorder, 2.0)
    room[0] = 200_000_000 + round(60.0 * recorder.size / 2.0)
    fault, = cell.keeper.checking.look(cell.now, recorder, 2.0)
    assert fault.code == faults.DISK_LOW and fault.measured == pytest.approx(60.0, rel=0.01)
    assert free_bytes(tmp_path / 'not' / 'yet') > 0


def test_a_slow_write_is_told_and_stays_in_the_verdict(cell):
    """Pins that a stall between two looks is seen, told for two seconds, and remembered."""
    cell.keeper.start('', '', '')
    cell.play(1.0)
    checking, recorder = cell.keeper.checking, cell.keeper.recorder
    checking.wrote(0.9)
    assert checking.look(cell.now, recorder, 1.0)[0].code == faults.DISK_SLOW
    for _ in range(4):
        found = checking.look(cell.now, recorder, 1.0)
    assert not found and not checking.verdict().good
    assert checking.verdict().faults == (faults.DISK_SLOW,) and checking.verdict().delay_s == 0.9
