"""A dataset for imitation: episodes of camera pixels, state, action and a sentence.

Episodes enter a folder through `lam_ws.dataset.writer` and leave it through
`lam_ws.dataset.reader`. The folder has the layout of LeRobot's dataset v3.0, so LeRobot's tools
read what is written here and the trainings here read what was recorded there; LeRobot itself is
not needed. Facts of the layout, from LeRobot's documentation ("LeRobotDataset v3.0") and its
modules dataset_metadata, dataset_writer and io_utils (Apache-2.0); no code of theirs is here:

    meta/info.json                                what there is: features, rate, totals, paths
    meta/stats.json                               mean, std, min, max, count of each feature
    meta/tasks.parquet                            the sentences; the index of pandas named task
    meta/episodes/chunk-000/file-000.parquet      a row an episode: where it lies
    data/chunk-000/file-000.parquet               a row a frame, many episodes in a file
    videos/<feature>/chunk-000/file-000.mp4       many episodes in a film, one after the other

A frame's row names its episode and its sentence; an episode's row says in which files its
frames and films lie and from which second on. A dataset may also hold the true state of what
stands around the robot, observation.environment_state: where it does, it is taught.

Beside LeRobot's own columns stand ours, which its tools pass over: of each frame whether a person
led the arm (`intervention`), of each episode what people say of it (`About`).
"""
from collections.abc import Mapping
from dataclasses import dataclass, field

from lam_ws.dataset.video import Part
from lam_ws.embodiment import Embodiment, Signal
from lam_ws.record.card import SUCCESS
from lam_ws.types import Array, Pixels
import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
VERSION = 'v3.0'
INFO, STATS, TASKS = 'meta/info.json', 'meta/stats.json', 'meta/tasks.parquet'
EPISODES_PATH = 'meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet'
DATA_PATH = 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet'
VIDEO_PATH = 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4'
FILES_IN_CHUNK = 1000
STATE, ACTION, IMAGES = 'observation.state', 'action', 'observation.images.'
ENVIRONMENT = 'observation.environment_state'
# Columns that every dataset of this layout has beside its own.
INDEX = {'timestamp': 'float32', 'frame_index': 'int64', 'episode_index': 'int64',
         'index': 'int64', 'task_index': 'int64'}
INTERVENTION = 'intervention'     # a column of ours: bool, true where a person led the arm


@dataclass(frozen=True)
class About:
    """What is said of an episode; columns of meta/episodes that are an addition of ours.

    Attributes:
        label: 'success', 'failure', or '' while nobody has decided.
        operator: Who moved the arm or gave the instruction, '' where nobody said it.
        scene: What the scene was, for instance its name and seed; '' where nobody said it.
        source: The recording it was made from.
        note: What a person wanted to keep with it.
        repeated: Frames that show the picture of the frame before, for want of a newer one.
        late_s: Largest distance between a frame and the picture it shows, s.
    """

    label: str = SUCCESS
    operator: str = ''
    scene: str = ''
    source: str = ''
    note: str = ''
    repeated: int = 0
    late_s: float = 0.0


@dataclass(frozen=True)
class Episode:
    """One recorded attempt of T frames.

    Attributes:
        sentence: What was asked for.
        state: [T, S] measured numbers, in the units of the embodiment.
        action: [T, A] commanded numbers, each the target one period after its frame.
        frames: By camera, uint8 RGB [T, height, width, 3].
        about: What is said of it.
        intervention: [T] bool, true where a person led the arm; None for nowhere.
        films: By camera, where the frames lie encoded already; none as a rule.
        environment: [T, E] what was true around the robot, for instance where things were;
            known while it was recorded, never seen at work. None where nobody knew.
    """

    sentence: str
    state: Array
    action: Array
    frames: Mapping[str, Pixels]
    about: About = field(default_factory=About)
    environment: Array | None = None
    intervention: Flags | None = None
    films: Mapping[str, Part] = field(default_factory=dict)


@dataclass(frozen=True)
class Info:
    """What meta/info.json says.

    Attributes:
        embodiment: Names, units, cameras and rate.
        keys: Feature of each camera, by the camera's name.
        episodes: Number of episodes.
        frames: Number of frames.
        data_path: Template of the data files.
        video_path: Template of the films, '' where there are none.
        environment: The numbers that tell what was true around the robot, none as a rule.
        led: Whether each frame says if a person led the arm.
    """

    embodiment: Embodiment
    keys: Mapping[str, str]
    episodes: int
    frames: int
    data_path: str = DATA_PATH
    video_path: str = VIDEO_PATH
    environment: tuple[Signal, ...] = ()
    led: bool = False
