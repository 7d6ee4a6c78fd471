"""The room's contract: every topic, service, action and QoS profile of the graph, once.

A site enters, names and profiles leave. Nodes never spell a topic themselves, so the graph can
be read here from top to bottom; names are relative and the cell's namespace sets them apart.

Lock-step (the site's simulated clock is 'lockstep') is an echo of stamps: sim publishes clock,
images and joint states of time t and waits for the command of time t. At the ticks where all
cameras deliver (`is_tick`) the others take turns: perception answers images with the scene,
task answers the scene with the subgoal, policy answers that with a proposal, and the guard
waits for both before it commands. While no instruction is active task holds its subgoal back,
so simulated time stands still and every run is the same. A stamp that goes backwards means that
the cell was reset: every node starts afresh.
"""
from lam_ws.site import Site
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

JOINT_STATES = 'joint_states'      # sensor_msgs/JointState, 100 Hz, from the arm
ARM_STATE = 'arm_state'            # lam_interfaces/ArmState, from a real arm
GRIPPER_STATES = 'gripper/joint_states'   # sensor_msgs/JointState, of a gripper with a driver
GRIPPER_COMMAND = 'gripper/command'       # trajectory_msgs/JointTrajectory, to that driver
SCENE = 'scene'                    # lam_interfaces/Scene, from perception
SUBGOAL = 'subgoal'                # lam_interfaces/Subgoal, from task
PROPOSED = 'proposed'              # lam_interfaces/Proposal, from policy
COMMAND = 'command'                # trajectory_msgs/JointTrajectory, from the guard alone
GUARD_STATE = 'guard_state'        # lam_interfaces/GuardState, on change and at 10 Hz
ASSIGNMENT = 'assignment'          # std_msgs/String, from task: what was asked, its end
CELL_SIGNALS = 'cell_signals'      # lam_interfaces/CellSignals, from plc, at each poll
RECORD_STATE = 'record_state'      # lam_interfaces/RecordState, on change and at 2 Hz
CLOCK = '/clock'                   # rosgraph_msgs/Clock, from a simulated cell
DIAGNOSTICS = '/diagnostics'       # diagnostic_msgs/DiagnosticArray, 1 Hz from every node

STOP = 'stop'                      # std_srvs/Trigger on the guard: brake, latch
RESET = 'reset'                    # std_srvs/Trigger on the guard: clear the latch
ESTOP = 'estop'                    # std_msgs/Bool to the guard, true while pressed; lasting
RECOVER = 'recover'                # std_srvs/Trigger on a real arm: clear its fault
ARM = 'arm'                        # std_srvs/Trigger on the guard: permit motion
SIM_RESET = 'sim/reset'            # lam_interfaces/ResetCell
SIM_TRUTH = 'sim/truth'            # lam_interfaces/CellTruth, for evaluation only
EXECUTE = 'execute_instruction'    # lam_interfaces/ExecuteInstruction action on task
REPLY = 'reply'                    # lam_interfaces/Reply on task: answers its question
RECORD = 'record'                  # lam_interfaces/Record on the recorder

BASE_FRAME = 'base'

RELIABLE = QoSProfile(depth=10, history=HistoryPolicy.KEEP_LAST,
                      reliability=ReliabilityPolicy.RELIABLE)
# A recorder that is late for a moment must not lose what others no longer need, and forged
# messages must not push out the one that is sealed.
DEEP = QoSProfile(depth=1000, history=HistoryPolicy.KEEP_LAST,
                  reliability=ReliabilityPolicy.RELIABLE)
# Whoever comes later learns the last one.
LATCHED = QoSProfile(depth=1, history=HistoryPolicy.KEEP_LAST,
                     reliability=ReliabilityPolicy.RELIABLE,
                     durability=DurabilityPolicy.TRANSIENT_LOCAL)
# In real time only the newest image is worth reading.
NEWEST = QoSProfile(depth=1, history=HistoryPolicy.KEEP_LAST,
                    reliability=ReliabilityPolicy.BEST_EFFORT)


def image_topic(camera: str) -> str:
    """Return the topic of a camera's images."""
    return f'{camera}/image_raw'


def info_topic(camera: str) -> str:
    """Return the topic of a camera's calibration."""
    return f'{camera}/camera_info'


def mount_topic(camera: str) -> str:
    """Return the topic of a camera's calibrated pose (geometry_msgs/TransformStamped)."""
    return f'{camera}/mount'


def lockstep(site: Site) -> bool:
    """Return whether simulated time of this site waits for the commands."""
    return site.sim is not None and site.sim.clock == 'lockstep'


def image_qos(site: Site) -> QoSProfile:
    """Return what to subscribe to images with: all in lock-step, the newest in real time."""
    return RELIABLE if lockstep(site) else NEWEST


def cycle_ns(site: Site) -> int:
    """Return the control cycle in ns."""
    return round(1e9 / site.limits.control_hz)


def tick_ns(site: Site) -> int:
    """Return the time in ns between two moments at which every camera delivers."""
    return round(1e9 / min(camera.rate_hz for camera in site.cameras))


def is_tick(site: Site, stamp_ns: int) -> bool:
    """Return whether every camera delivers at `stamp_ns` of a lock-step run."""
    return stamp_ns % tick_ns(site) == 0
