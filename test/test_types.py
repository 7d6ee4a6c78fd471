"""The data that travels: frozen, read-only, its own."""
from dataclasses import fields, FrozenInstanceError, is_dataclass

from lam_ws import robot, types
from lam_ws.site import load_arm
from lam_ws.types import (
    ActionChunk,
    CameraHealth,
    CameraModel,
    Command,
    Detection,
    Frame,
    freeze,
    JointState,
    Observation,
    Scene,
)
import numpy as np
import pytest

SAMPLES = [
    JointState(0.1, ('a', 'b'), np.zeros(2), np.ones(2), np.ones(2)),
    Command(0.1, ('a', 'b'), np.zeros(2), np.ones(2)),
    ActionChunk(0.1, ('a', 'b'), np.array([0.1, 0.2]), np.zeros((2, 2))),
    Detection('cube', 'red', np.zeros(3), 0.9),
    CameraModel('front', 4, 3, np.eye(3), 'base', np.eye(4)),
    load_arm('fr3').limits,
    load_arm('fr3'),
]


def test_every_type_of_the_floor_is_frozen():
    """Pins rule 5: frozen data in, new data out."""
    found = [item for module in (types, robot) for item in vars(module).values()
             if is_dataclass(item)]
    assert len(found) >= 14
    for item in found:
        assert item.__dataclass_params__.frozen, item.__name__


@pytest.mark.parametrize('sample', SAMPLES, ids=lambda sample: type(sample).__name__)
def test_arrays_are_read_only_and_float64(sample):
    """Pins that a stage can hand data on without copying: nobody can write into it."""
    arrays = [getattr(sample, item.name) for item in fields(sample)
              if isinstance(getattr(sample, item.name), np.ndarray)]
    assert arrays
    for array in arrays:
        assert array.dtype == np.float64 and not array.flags.writeable
        with pytest.raises(ValueError, match='read-only'):
            array[...] = 0.0
    with pytest.raises(FrozenInstanceError):
        setattr(sample, fields(sample)[0].name, None)


def test_the_array_is_taken_over_by_copy():
    """Pins that a producer that goes on writing into its buffer changes nothing downstream."""
    buffer = np.zeros(2)
    state = JointState(0.0, ('a', 'b'), buffer, buffer)
    buffer[0] = 9.0
    assert state.position[0] == 0.0 and state.velocity[0] == 0.0
    assert freeze([1, 2]).dtype == np.float64


def test_mappings_are_read_only_and_their_own():
    """Pins that frames and camera health cannot change after an observation is made."""
    joints = SAMPLES[0]
    frame = Frame(0.1, SAMPLES[4], np.zeros((3, 4, 3), np.uint8))
    frames = {'front': frame}
    observation = Observation(0.1, joints, frames)
    health = {'front': CameraHealth.OK}
    scene = Scene(0.1, (), health)
    frames.clear()
    health['front'] = CameraHealth.BLACK
    assert observation.frames['front'] is frame
    assert scene.cameras['front'] is CameraHealth.OK
    with pytest.raises(TypeError):
        observation.frames['wrist'] = frame
    with pytest.raises(TypeError):
        scene.cameras['front'] = CameraHealth.BLACK


def test_an_arm_counts_the_gripper_as_its_last_axis():
    """Pins axes = joints + 1: a missing gripper entry shifts every command by one."""
    for name, axes in (('fr3', 8), ('ur5e', 7)):
        arm = load_arm(name)
        assert arm.axes == axes == len(arm.home) == len(arm.dh) + 1
        for item in fields(arm.limits):
            assert getattr(arm.limits, item.name).shape == (axes,)
        assert arm.limits.lower[-1] == 0.0 and arm.limits.upper[-1] == arm.home[-1]


def test_what_may_be_a_thing_is_found_where_nothing_surely_is():
    """Pins that a doubtful cube is the carton that was asked for, unless a carton is there."""
    here, there = np.zeros(3), np.ones(3)
    doubtful = Detection('cube', 'red', here, 0.9, 'carton')
    scene = Scene(0.0, (doubtful, Detection('cube', 'blue', there, 0.9)))
    assert scene.find('carton', 'red') is doubtful and scene.find('carton', 'blue') is None
    assert scene.names() == (('cube', 'red'), ('cube', 'blue'), ('carton', 'red'))
    sure = Detection('carton', 'red', there, 0.4)
    both = Scene(0.0, (doubtful, sure))
    assert both.find('carton', 'red') is sure and both.find('cube', 'red') is doubtful
    assert both.names() == (('cube', 'red'), ('carton', 'red'))
