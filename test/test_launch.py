"""The launch files start what the node table says, for each of the three ways to start."""
from contextlib import ExitStack
from importlib.util import find_spec
import json
from pathlib import Path
import signal
import subprocess
import sys
import time

from lam_ws import graph
from lam_ws.errors import ConfigurationError
from lam_ws.keys import FOLDER
from lam_ws.site import load_site
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'test'))

import launch_stand_in  # noqa: E402

REAL = find_spec('launch_ros') is not None


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Return a function: (launch file, arguments) -> (process actions, context)."""
    monkeypatch.setenv(FOLDER, str(tmp_path / 'keys'))
    if not REAL:
        for name, module in launch_stand_in.modules().items():
            monkeypatch.setitem(sys.modules, name, module)
    from launch import LaunchContext
    from launch_ros.actions import Node

    def run(name, **arguments):
        context = LaunchContext()
        context.launch_configurations.update(arguments)
        waiting, found = [launch_stand_in.load(ROOT / 'launch' / f'{name}.launch.py')], []
        while waiting:
            entity = waiting.pop(0)
            if isinstance(entity, Node):
                found.append(entity)
            else:
                waiting[:0] = entity.visit(context) or []
        return found, context
    return run


def executables(actions):
    """Return what each process action starts."""
    return [(action.node_package, action.node_executable) for action in actions]


def test_the_console_is_one_argument_away(start):
    """An operator under ros2 launch has the page as well."""
    actions, _ = start('cell', site='sim_demo', console='true')
    assert ('lam_ws', 'console') in executables(actions)
    assert ('lam_ws', 'console') not in executables(start('cell', site='sim_demo')[0])


@pytest.mark.parametrize('site', ['sim_demo', 'sim_bench', 'sim_bench_ur5e'])
def test_cell_is_the_table_and_its_manager(start, site):
    """A row that the launch file forgets is a node that is missing under ros2 launch only."""
    actions, _ = start('cell', site=site)
    rows = graph.nodes(load_site(site))
    expected = [(row.package, row.executable) for row in rows]
    assert executables(actions) == [*expected, ('lam_ws', 'manager')]


@pytest.mark.skipif(REAL, reason='launch_ros keeps these to itself until a process starts')
def test_rows_arrive_whole(start):
    """A dropped namespace or parameter starts nodes that never meet, or of another site."""
    actions, context = start('cell', site='sim_bench')
    rows = graph.nodes(load_site('sim_bench'))
    for action, row in zip(actions, (*rows, graph.manager(rows)), strict=True):
        assert (action.name, action.namespace) == (row.name, row.namespace)
        assert action.parameters == [dict(row.parameters)]
        assert isinstance(action, launch_stand_in.LifecycleNode) == row.lifecycle
        assert bool(action.on_exit) == row.motion_critical
    assert Path(context.environment['FASTRTPS_DEFAULT_PROFILES_FILE']).is_file()


def test_teleop_leaves_the_policy_to_the_operator(start):
    """A cell for hands alone: no policy loads its weights, and none is in the graph."""
    names = {name for _, name in executables(start('teleop')[0])}
    assert 'policy' not in names
    assert {'guard', 'manager'} <= names


@pytest.mark.skipif(REAL, reason='launch_ros keeps parameters to itself until a process starts')
def test_manager_waits_only_for_what_was_started(start):
    """A manager that waits for the policy of a teleop cell would never report READY."""
    manager = start('teleop')[0][-1]
    assert manager.parameters[0]['nodes'] == 'sim,perception,task,guard,record'


def test_sim_alone(start):
    """The simulated arm can be driven without the stack."""
    assert executables(start('sim')[0]) == [('lam_ws', 'sim'), ('lam_ws', 'manager')]


def test_unknown_node_is_refused(start):
    """A misspelt name must not silently start the whole cell, or nothing."""
    with pytest.raises(ConfigurationError, match="no node 'polcy'"):
        start('cell', without='polcy')


@pytest.mark.ros
@pytest.mark.sim
@pytest.mark.skipif(REAL, reason='reads the actions of the stand-in')
def test_what_launch_starts_becomes_ready(start, tmp_path):
    """The executables, parameters and manager of a launch file must work as processes do."""
    from lam_ws.nodes.environment import environment, free_domain
    actions, _ = start('sim')
    with free_domain() as domain, ExitStack() as running:
        variables = environment(domain) | {'PYTHONPATH': str(ROOT)}
        for action in actions:
            log = running.enter_context((tmp_path / action.name).open('w'))
            running.callback(end, subprocess.Popen(
                command(action, tmp_path), env=variables, stdout=log, stderr=log))
        deadline = time.monotonic() + 60.0
        while 'READY' not in (tmp_path / 'manager').read_text():
            assert time.monotonic() < deadline, (tmp_path / 'manager').read_text()
            time.sleep(0.1)


def command(action, folder):
    """Return the command line that launch_ros makes of a node action."""
    file = folder / f'{action.name}.yaml'
    file.write_text(json.dumps({'/**': {'ros__parameters': action.parameters[0]}}))
    return [sys.executable, str(ROOT / 'scripts' / action.node_executable), '--ros-args',
            '-r', f'__node:={action.name}', '-r', f'__ns:=/{action.namespace}',
            '--params-file', str(file)]


def end(process):
    """End a process as launch does, and insist that it obeys."""
    process.send_signal(signal.SIGINT)
    assert process.wait(10.0) == 0


@pytest.mark.skipif(REAL, reason='pins the stand-in')
def test_stand_in_refuses_what_jazzy_refuses():
    """The keywords of older launch_ros made launch files load here and fail there."""
    with pytest.raises(TypeError):
        launch_stand_in.Node(package='lam_ws', node_executable='sim')
    with pytest.raises(TypeError):
        launch_stand_in.LifecycleNode(package='lam_ws', executable='sim', name='sim')
