"""Which topics of a recording are state, action and cameras: said in a file, or found.

A mapping enters, as options or as checked YAML, with what a recording has; topics leave that are
there and have a type that can be read. Recordings of our own cells need no mapping.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from lam_ws.embodiment import CameraName
from lam_ws.errors import RecordingError
from lam_ws.record.streams import Bag, JOINTS, NUMBERS, PICTURES, TRAJECTORY
from lam_ws.rules import Length, Range

STATE, COMMAND, IMAGE = 'joint_states', 'command', 'image_raw'   # last parts of our own topics
SENTENCE = 'std_msgs/msg/String'
MEASURED = 'state'      # in place of a topic of actions: what was measured one period later
Topic = Annotated[str, Length(0, 200)]


@dataclass(frozen=True)
class TopicMap:
    """What a recording of foreign origin has where; what is '' is found where that is plain.

    Attributes:
        state: Topic of the measured joints.
        action: Topic of the commanded ones, or `state`: what was measured one period later.
        cameras: Topic of each camera by its name.
        joints: Names of the joints in the order wanted; () as the recording has them. Messages
            without names take them from here.
        units: Of the joints; () for none, which keeps a model from being run at a site.
        sentence: Topic of the instruction, a string.
        task: The instruction itself, where no topic has it.
        robot: Name of the robot.
        fps: Frames a second; 0 as the slowest camera has them.
    """

    state: Topic = ''
    action: Topic = ''
    cameras: Mapping[CameraName, Topic] = field(default_factory=dict)
    joints: Annotated[tuple[Annotated[str, Length(1, 100)], ...], Length(0, 256)] = ()
    units: Annotated[tuple[Annotated[str, Length(0, 20)], ...], Length(0, 256)] = ()
    sentence: Topic = ''
    task: Annotated[str, Length(0, 1000)] = ''
    robot: Annotated[str, Length(0, 100)] = ''
    fps: Annotated[int, Range(0, 1000)] = 0

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield what cannot be meant together."""
        if self.units and len(self.units) != len(self.joints):
            yield 'units', f'there are {len(self.units)} for {len(self.joints)} joints'
        if len(set(self.joints)) != len(self.joints):
            yield 'joints', 'a joint stands twice'
        topics = list(self.cameras.values())
        yield from (('cameras', f'{topic} is two cameras') for topic in dict.fromkeys(topics)
                    if topics.count(topic) > 1)
        if self.sentence and self.task:
            yield 'task', 'a topic has the sentence already; give one of the two'


@dataclass(frozen=True)
class Topics:
    """The topics of one recording that are read; `action` is '' for the measured state."""

    state: str
    action: str
    cameras: Mapping[str, str]
    sentence: str


def resolve(bag: Bag, told: TopicMap) -> Topics:
    """Return the topics that `told` means in this recording.

    Raises:
        RecordingError: One is not there or is of another type, with the nearest that is; or what
            was left to be found could be several.
    """
    state = bag.find(told.state, NUMBERS) if told.state else _only(bag, STATE, (JOINTS,))
    if told.action == MEASURED:
        action = ''
    elif told.action:
        action = bag.find(told.action, NUMBERS)
    else:
        action = _only(bag, COMMAND, (TRAJECTORY,),
                       f', or say --action {MEASURED} to take what was measured one period later')
    cameras = {name: bag.find(topic, PICTURES) for name, topic in told.cameras.items()} \
        or _cameras(bag)
    sentence = bag.find(told.sentence, (SENTENCE,)) if told.sentence else ''
    return Topics(state, action, cameras, sentence)


def _only(bag: Bag, last: str, kinds: tuple[str, ...], also: str = '') -> str:
    """Return the one topic whose name ends so."""
    found = [name for name, kind in bag.topics.items()
             if kind in kinds and name.rsplit('/', 1)[-1] == last]
    if len(found) == 1:
        return found[0]
    option = '--state' if last == STATE else '--action'
    fitting = sorted(name for name, kind in bag.topics.items() if kind in NUMBERS)
    problem = f'{len(found)} topics are named {last}' if found else f'no topic is named {last}'
    raise RecordingError(f'{bag.path}: {problem}; choose one with {option}: '
                         f"{', '.join(fitting) or 'it has none with numbers'}{also}")


def _cameras(bag: Bag) -> dict[str, str]:
    """Return the cameras by the part of their topic's name before image_raw."""
    found: dict[str, str] = {}
    for topic in sorted(name for name, kind in bag.topics.items() if kind in PICTURES):
        parts = topic.strip('/').split('/')
        if parts[-1] == IMAGE and len(parts) > 1:
            if parts[-2] in found:
                raise RecordingError(f'{bag.path}: {found[parts[-2]]} and {topic} are both a '
                                     f'camera {parts[-2]}; name them with --camera NAME=TOPIC')
            found[parts[-2]] = topic
    if not found:
        fitting = ', '.join(sorted(name for name, kind in bag.topics.items()
                                   if kind in PICTURES)) or 'it has none with pictures'
        raise RecordingError(f'{bag.path}: no topic is named NAME/{IMAGE}; name the cameras with '
                             f'--camera NAME=TOPIC: {fitting}')
    return found
