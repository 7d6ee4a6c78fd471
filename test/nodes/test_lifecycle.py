"""The one lifecycle base class."""
from contextlib import suppress
import subprocess
import sys

import pytest

pytest.importorskip('rclpy')
from lam_ws.nodes.lifecycle import LamNode
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
import rclpy
from rclpy.clock import ClockType
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter

pytestmark = pytest.mark.ros


class Probe(LamNode):
    """A node that fails where it is told to, and notes what was called."""

    def __init__(self, fails=()):
        super().__init__('probe')
        self.fails, self.calls = fails, []

    def _do(self, name):
        self.calls.append(name)
        if name in self.fails:
            raise ValueError(f'{name} went wrong')

    def open(self):
        self._do('open')

    def start(self):
        self._do('start')

    def stop(self):
        self._do('stop')

    def shut(self):
        self._do('shut')


@pytest.fixture
def probe(domain):
    """Return a maker of probes on a real graph."""
    rclpy.init(args=['--ros-args', '-p', 'site:=sim_bench'], domain_id=domain)
    made = []

    def make(*fails):
        made.append(Probe(fails))
        return made[-1]
    yield make
    for node in made:
        node.destroy_node()
    rclpy.try_shutdown()


def label(node):
    """Return the state a node is in."""
    return node._state_machine.current_state[1]


def test_the_whole_life(probe):
    """Pins: a step of the lifecycle that is forgotten or done twice."""
    node = probe()
    assert node.trigger_configure() == TransitionCallbackReturn.SUCCESS
    assert node.site.name == 'sim_bench'
    for step in (node.trigger_activate, node.trigger_deactivate, node.trigger_activate,
                 node.trigger_shutdown):
        assert step() == TransitionCallbackReturn.SUCCESS
    assert node.calls == ['open', 'start', 'stop', 'start', 'stop', 'shut']
    assert label(node) == 'finalized'


@pytest.mark.parametrize('fails', ['open', 'start', 'stop'])
def test_an_exception_in_a_transition_is_an_error_and_is_told(probe, fails, capfd):
    """Pins: rclpy swallows the exception and nobody learns why the node does not come up."""
    node = probe(fails)
    answers = [node.trigger_configure()]
    if answers[-1] == TransitionCallbackReturn.SUCCESS:
        answers.append(node.trigger_activate())
    if answers[-1] == TransitionCallbackReturn.SUCCESS:
        answers.append(node.trigger_deactivate())
    assert answers[-1] == TransitionCallbackReturn.ERROR
    assert label(node) == 'finalized'
    assert isinstance(node.failure, ValueError)
    assert node.calls[-1] == 'shut'
    told = capfd.readouterr().err
    assert 'Traceback' in told and f'{fails} went wrong' in told


def test_a_fault_of_the_configuration_is_one_line(domain, capfd):
    """Pins: a traceback where the operator needs file, line and nearest name."""
    rclpy.init(args=['--ros-args', '-p', 'site:=sim_bensh'], domain_id=domain)
    node = Probe()
    try:
        assert node.trigger_configure() == TransitionCallbackReturn.ERROR
        told = capfd.readouterr().err
        assert 'sim_bench' in told and 'Traceback' not in told
    finally:
        node.destroy_node()
        rclpy.try_shutdown()


def test_publishers_deliver_once_active(probe):
    """Pins: an 'active' node whose publishers send nothing, as super() was not called."""
    from std_msgs.msg import String
    node = probe()
    node.trigger_configure()
    out = node.create_lifecycle_publisher(String, 'words', 10)
    assert not out.is_activated
    node.trigger_activate()
    assert out.is_activated


def test_an_impossible_transition_is_refused_and_survived(probe):
    """Pins: `ros2 lifecycle set` at the wrong moment ends the process."""
    node = probe()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    client = node.create_client(ChangeState, 'probe/change_state')
    assert client.wait_for_service(5.0)
    asked = ChangeState.Request(transition=Transition(id=Transition.TRANSITION_ACTIVATE))
    answer = client.call_async(asked)
    executor.spin_until_future_complete(answer, 5.0)
    assert answer.result().success is False
    assert label(node) == 'unconfigured' and node.failure is None
    executor.shutdown()


def test_the_site_cannot_be_changed_at_run_time(probe):
    """Pins: limits exchanged under a moving arm by a parameter."""
    node = probe()
    answer = node.set_parameters([Parameter('site', value='sim_demo')])[0]
    assert not answer.successful
    assert node.get_parameter('site').value == 'sim_bench'


def test_no_parameter_can_be_set_while_it_runs(probe):
    """Pins rclpy's own use_sim_time, which it would let anybody set at any time."""
    node = probe()
    assert not node.set_parameters([Parameter('use_sim_time', value=True)])[0].successful
    assert node.get_parameter('use_sim_time').value is False


def test_every_timer_follows_the_monotonic_clock(probe):
    """Pins a guard that stands still for an hour because the wall clock was set back by one."""
    node = probe()
    node.create_timer(1.0, lambda: None)
    assert len(list(node.timers)) > 1
    for timer in node.timers:
        assert timer.clock.clock_type == ClockType.STEADY_TIME


TRANSITIONS = {  # state: what each transition leads to; what is missing is refused
    'unconfigured': {'configure': 'inactive', 'shutdown': 'finalized'},
    'inactive': {'activate': 'active', 'cleanup': 'unconfigured', 'shutdown': 'finalized'},
    'active': {'deactivate': 'inactive', 'shutdown': 'finalized'},
    'finalized': {}}


WAYS = {'unconfigured': (), 'inactive': ('configure',), 'active': ('configure', 'activate'),
        'finalized': ('shutdown',)}


@pytest.mark.parametrize('state', TRANSITIONS)
def test_every_transition_in_every_state_follows_the_table(probe, state):
    """Pins double activation and all else that is asked for at the wrong moment."""
    for step in ('configure', 'activate', 'deactivate', 'cleanup', 'shutdown'):
        node = probe()
        for before in WAYS[state]:
            getattr(node, f'trigger_{before}')()
        with suppress(rclpy._rclpy_pybind11.RCLError):   # what is not allowed is refused so
            getattr(node, f'trigger_{step}')()
        after = TRANSITIONS[state].get(step, state)
        assert label(node) == after and node.failure is None
        assert node.running == (after == 'active')


CALLBACK = """
import sys
from lifecycle_msgs.msg import Transition
from lam_ws.nodes.lifecycle import LamNode, run_node

class Failing(LamNode):
    def __init__(self):
        super().__init__('failing')
        self.create_timer(0.05, self._tick)
        self.ticks = 0

    def _tick(self):
        self.ticks += 1
        if self.ticks == 1:
            self.trigger_configure()
            self.trigger_activate()
        if self.ticks == 3:
            raise RuntimeError('a callback went wrong')

    def stop(self):
        print('STOP CALLED', file=sys.stderr)

    def shut(self):
        print('SHUT CALLED', file=sys.stderr)

sys.exit(run_node(Failing))
"""


def test_an_exception_in_a_callback_ends_the_process(domain):
    """Pins: a node that looks alive after its callback failed."""
    run = subprocess.run([sys.executable, '-c', CALLBACK, '--ros-args', '-p',
                          'site:=sim_bench'], capture_output=True, text=True, timeout=30,
                         check=False)
    assert run.returncode == 1
    assert 'Traceback' in run.stderr and 'a callback went wrong' in run.stderr
    assert 'SHUT CALLED' in run.stderr
