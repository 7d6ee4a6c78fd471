"""The tiers of the guard alone and of an episode in lock-step, row by row.

`LOCKSTEP_CASES` leaves, for the table of `lam faults`. A fault that is provoked with the guard
alone (U) and in an episode (S) has a row for each. Bounds are control cycles of 10 ms, from the
first in which the fault can be noticed.
"""
from lam_ws.faults.faults import Case, PHASES, Tier

MOVING = ('reach', 'carry')                         # phases in which the arm is on its way
WORKING = ('reach', 'grasp', 'carry', 'release')    # in which there is a chunk to follow
ALONE = ('idle', 'reach')                           # of the guard alone: it waits, it moves
FROZEN = 80.0    # three frames of 100 ms, then 500 ms at most
BLIND = 17.0     # 2.5 frame periods since the last good frame, of which one is over, + 2 cycles
STALE = 5.0      # stale_joints_s is three cycles, + 2


def _case(fault: int, name: str, tier: Tier, component: str, expected: str, bound: float,
          source: str, phases: tuple[str, ...], seeds: int = 3, quick: bool = False) -> Case:
    return Case(fault, name, tier, component, expected, bound,
                f'lam_ws.faults.lockstep.{source}', phases, seeds, quick)


def _both(fault: int, name: str, component: str, expected: str, bound: float, module: str,
          phases: tuple[str, ...] = PHASES, alone: tuple[str, ...] = ALONE,
          how: tuple[str, str] = ('lockstep', 'alone'), quick: bool = False) -> tuple[Case, Case]:
    """Return the rows of a fault that is provoked in an episode and with the guard alone."""
    return (_case(fault, name, 'S', component, expected, bound, f'{module}:{how[0]}', phases, 3,
                  quick),
            _case(fault, f'{name}_alone', 'U', component, expected, bound,
                  f'{module}:{how[1]}', alone, 10, True))


def _camera(fault: int, name: str, expected: str, bound: float, quick: bool = False) -> Case:
    return _case(fault, name, 'S', 'camera', expected, bound, 'cameras:lockstep', MOVING, 3, quick)


def _unsound(fault: int, name: str, quick: bool = False) -> tuple[Case, Case]:
    """Return the rows of a policy whose chunks are not followed."""
    return _both(fault, name, 'policy', 'no such chunk is followed; policy_stalled', 2.0,
                 'policy', WORKING, ('reach',), quick=quick)


_GIVES_UP = 'refused; the task gives up, the arm brakes and holds'
_DROPPED = 'dropped; a latched stop at the second'

CAMERAS = (
    _camera(1, 'camera_frozen_front', f'frozen_camera {_GIVES_UP}', FROZEN, True),
    _camera(1, 'camera_frozen_wrist', f'frozen_camera {_GIVES_UP}', FROZEN),
    _case(1, 'camera_monitor', 'U', 'camera', 'frozen after three frames', 30.0,
          'cameras:freeze_alone', ('idle',), 10, True),
    _camera(2, 'camera_silent', f'stale_camera {_GIVES_UP}', BLIND, True),
    _camera(2, 'camera_lost', f'missing_camera {_GIVES_UP}', BLIND),
    *(_camera(3, f'camera_{name}', f'{reason} {_GIVES_UP}', BLIND) for name, reason in (
        ('black', 'black_camera'), ('saturated', 'saturated_camera'), ('size', 'wrong_size'))),
    *(_case(3, f'camera_{name}_leak', 'S', 'camera', 'no such frame reaches a model', 0.0,
            'cameras:leak', MOVING, 1) for name in ('black', 'saturated', 'size')),
    _case(3, 'camera_sets', 'Z', 'camera', 'none of 300 spoilt sets of frames is let through', 0.0,
          'cameras:spoilt_sets', ('idle',), 5, True),
    _camera(5, 'camera_swapped', f'wrong_size {_GIVES_UP}', BLIND, True),
    _camera(5, 'camera_optics', f'wrong_camera {_GIVES_UP}', BLIND),
)
JOINTS = (
    *_both(6, 'joints_silent', 'joints', 'stale_joints, a latched stop', STALE, 'joints',
           quick=True),
    *_both(6, 'joints_late', 'joints', 'stale_joints or bad_joints, a latched stop', STALE,
           'joints'),
    *(row for name in ('nan', 'speed_inf', 'reordered', 'missing', 'duplicated')
      for row in _both(7, f'joints_{name}', 'joints', _DROPPED, 2.0, 'joints',
                       quick=name == 'nan')),
    *_both(8, 'joint_jump', 'joints', 'joint_jump, a latched stop', 1.0, 'joints', quick=True),
)
POLICY = (
    *(row for name in ('nan', 'inf', 'time_nan') for row in _unsound(9, f'policy_{name}',
                                                                     name == 'nan')),
    *(row for name in ('length', 'axes', 'order', 'backwards') for row in _unsound(
        10, f'policy_{name}')),
    *(row for name in ('out_of_range', 'leap', 'huge') for row in _both(
        10, f'policy_{name}', 'policy', 'no command beyond a bound', 0.0, 'policy',
        ('reach', 'carry'), ('reach',), ('bounded', 'bounded_alone'), quick=name == 'leap')),
    _case(10, 'random_chunks', 'U', 'policy', 'none of 4,000 commands beyond a bound', 0.0,
          'streams:random_chunks', ('reach',), 10, True),
    *(row for name in ('old', 'future', 'replayed') for row in _unsound(11, f'policy_{name}',
                                                                        name == 'replayed')),
    *_unsound(12, 'policy_stalled', quick=True),
    _case(13, 'policy_crashed', 'S', 'policy', 'the arm brakes by its own deadline', 60.0,
          'policy:crash', WORKING, 3, True),
)
CLOCK = (
    *(row for name in ('forward', 'back', 'step', 'step_back', 'stands', 'nan') for row in _both(
        15, f'clock_{name}', 'clock', 'clock or late_cycle, a latched stop', 2.0, 'clock',
        quick=name == 'back')),
    *_both(15, 'joints_future', 'joints', 'future_joints, a latched stop at the second', 2.0,
           'joints'),
)
OPERATOR = (
    *_both(18, 'stop', 'operator', 'brakes in the same cycle; latched until reset and arm', 1.0,
           'operator', how=('stop', 'stop_alone'), quick=True),
    *_both(18, 'stop_against_chunk', 'operator', 'stop wins over a chunk of the same cycle', 1.0,
           'operator', how=('stop', 'stop_alone')),
    *(row for name in ('cancel',) for row in _both(
        23, name, 'operator', 'comes to rest inside every bound, holds', 1.0, 'operator',
        WORKING, ('reach',), ('let_go', 'let_go_alone'), True)),
    _case(23, 'new_instruction', 'S', 'operator', 'goes on inside every bound', 0.0,
          'operator:change_of_mind', MOVING),
    *_both(39, 'dead_man', 'operator', 'comes to rest, holds', 1.0, 'operator', WORKING,
           ('reach',), ('let_go', 'let_go_alone'), True),
    _case(40, 'reset_with_chunk', 'S', 'operator', 'no chunk of before is followed', 0.0,
          'operator:unsafe_resume', PHASES, 3, True),
    _case(40, 'moved_by_hand', 'S', 'operator', 'begins anew at the measured pose', 0.0,
          'operator:unsafe_resume', ('reach', 'grasp', 'carry'), 3, True),
)
_TRACKING = 'tracking or stalled, in the cycle in which the arm is further off than allowed'
ARM = (
    _case(20, 'arm_blocked', 'S', 'arm', _TRACKING, 1.0, 'arm:lockstep', MOVING, 3, True),
    _case(20, 'encoder_drifts', 'S', 'arm', _TRACKING, 1.0, 'arm:lockstep', MOVING),
    _case(21, 'gripper_stays_open', 'S', 'gripper', 'not_gripped, after a new attempt', 10.0,
          'arm:fingers', ('grasp',), 3, True),
    _case(21, 'gripper_drops', 'S', 'gripper', 'dropped, after a new attempt', 10.0,
          'arm:fingers', ('carry',)),
    _case(21, 'gripper_stays_shut', 'S', 'gripper', 'never reported as done', 0.0,
          'arm:unopened', ('release',), 2),
    _case(22, 'driver_refuses', 'S', 'arm', _TRACKING, 1.0, 'arm:lockstep', MOVING),
    _case(22, 'speed_scaled', 'S', 'arm', f'{_TRACKING}; no jump to catch up', 1.0,
          'arm:lockstep', MOVING),
)
TEXT = (
    _case(25, 'instruction_malformed', 'Z', 'instruction',
          'refused within 100 ms, memory grows by less than 10 MiB', 10.0, 'text:malformed',
          ('idle',), 3, True),
    _case(26, 'instruction_injected', 'U', 'instruction', 'none of 680 attacks becomes a plan',
          0.0, 'text:injected', ('idle',), 1, True),
    _case(26, 'instruction_attack', 'S', 'instruction', 'refused; the arm does not move', 0.0,
          'text:spoken', ('idle',), 5, True),
)

COMMANDERS = tuple(_case(24, name, 'U', 'commander', 'refused each time, none is followed', 0.0,
                         'commanders:spoken', ALONE, 3, name == 'second_policy')
                   for name in ('second_policy', 'person_unasked', 'policy_takes',
                                'gives_unasked', 'claim_replayed', 'no_claim'))

LOCKSTEP_CASES: tuple[Case, ...] = (
    *CAMERAS, *JOINTS, *POLICY, *CLOCK, *OPERATOR, *ARM, *COMMANDERS, *TEXT)
