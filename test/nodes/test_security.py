"""A cell that is to be secured is secured, or does not start and says why in one line."""
import os
import subprocess
import sys

import pytest

pytest.importorskip('rclpy')

from lam_ws import graph
from lam_ws.nodes import security
from lam_ws.nodes.security import complaint, FILES, has_plugin, require, SecurityError, wanted
from lam_ws.site import load_site

pytestmark = pytest.mark.ros
ON = {'ROS_SECURITY_ENABLE': 'true', 'ROS_SECURITY_STRATEGY': 'Enforce'}
ROWS = graph.nodes(load_site('sim_demo'))


@pytest.mark.parametrize('variables, answer', [
    ({}, False), ({'ROS_SECURITY_ENABLE': ''}, False), ({'ROS_SECURITY_ENABLE': 'false'}, False),
    (ON, True)])
def test_what_is_said_whole_is_taken(variables, answer):
    """Pins the two ways of running that ROS itself knows."""
    assert wanted(variables) is answer and complaint(variables) == ''


@pytest.mark.parametrize('variables', [
    {'ROS_SECURITY_ENABLE': '1'}, {'ROS_SECURITY_ENABLE': 'True'},
    {'ROS_SECURITY_ENABLE': 'true'},
    {'ROS_SECURITY_ENABLE': 'true', 'ROS_SECURITY_STRATEGY': 'Permissive'}])
def test_what_is_said_by_halves_is_refused(variables):
    """Pins a cell in the clear whose operator believes that it is secured."""
    with pytest.raises(SecurityError):
        wanted(variables)
    assert complaint(variables)


@pytest.mark.parametrize('variables', [
    {'ROS_SECURITY_ENABLE': 'true'}, {'ROS_SECURITY_ENABLE': '1'}, ON])
def test_without_the_plugin_no_cell_starts(tmp_path, variables):
    """Pins status 2 and one line, from the real command and the real middleware."""
    if has_plugin({}):
        pytest.skip('this Fast DDS has DDS-Security')
    run = subprocess.run(
        [sys.executable, '-m', 'lam_ws', 'run', '--site', 'sim_demo', '--only', 'sim',
         '--domain', '93'], capture_output=True, text=True, timeout=60,
        env={**os.environ, 'ROS_SECURITY_KEYSTORE': str(tmp_path), **variables})
    assert run.returncode == 2
    assert len(run.stderr.strip().splitlines()) == 1 and 'DDS-Security' in run.stderr


@pytest.mark.parametrize('module', ['guard_node', 'record_node', 'manager'])
def test_a_node_by_itself_refuses_half_a_security(module):
    """Pins a node that `ros2 launch` starts beside the supervisor: it joins in the clear."""
    run = subprocess.run(
        [sys.executable, '-m', f'lam_ws.nodes.{module}', '--ros-args', '-p', 'site:=sim_demo'],
        capture_output=True, text=True, timeout=60,
        env={**os.environ, 'ROS_SECURITY_ENABLE': 'true'})
    assert run.returncode == 2 and len(run.stderr.strip().splitlines()) == 1


def test_a_keystore_must_have_every_enclave(tmp_path, monkeypatch):
    """Pins a cell of which one node, or the operator, has no keys."""
    monkeypatch.setattr(security, 'has_plugin', lambda variables: True)
    variables = {**ON, 'ROS_SECURITY_KEYSTORE': str(tmp_path)}
    with pytest.raises(SecurityError, match='no keystore'):
        require(ROWS, variables)
    names = [*(row.enclave for row in ROWS), '/cell/operator']
    for enclave in names:
        folder = tmp_path / 'enclaves' / enclave.strip('/')
        folder.mkdir(parents=True)
        for name in FILES:
            with pytest.raises(SecurityError, match=f'{enclave} has no {name}'):
                require(ROWS, variables)
            (folder / name).write_text('')
    assert require(ROWS, variables)
    assert not require(ROWS, {})
