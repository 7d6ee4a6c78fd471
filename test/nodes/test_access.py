"""The policy permits what the running nodes open, and nothing else."""
import time
from xml.etree import ElementTree

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('pybullet')
pytest.importorskip('torch')

from lam_ws.nodes.access import Access, access, policy, RULES, seen
from lam_ws.nodes.environment import enter
from lam_ws.nodes.session import Session
from lam_ws.site import load_site
from rclpy.node import NodeNameNonExistentError

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.train]
PATIENCE_S = 20.0


@pytest.fixture(scope='module')
def declared():
    """Return what the policy of the demonstration cell permits, by enclave."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('ROS_SECURITY_ENABLE', 'false')
        patch.setenv('ROS_DOMAIN_ID', '0')
        return access(load_site('sim_demo'))


def observed(node, enclave, expected):
    """Return what a running node has open, once discovery has caught up or time is up."""
    namespace, _, name = enclave.rpartition('/')
    deadline, found = time.monotonic() + PATIENCE_S, None
    while found != expected and time.monotonic() < deadline:
        try:
            found = seen(node, name, namespace)
        except NodeNameNonExistentError:   # not discovered yet
            time.sleep(0.1)
    return found


def test_the_running_cell_opens_what_its_policy_permits(declared, domain):
    """Pins a policy that has fallen behind the nodes: a denied topic, or a needless right."""
    enter(domain)
    with Session('sim_demo', domain) as cell:
        cell.arm()
        cell.client.stop()
        cell.client.clear()
        for enclave, expected in declared.items():
            if enclave in ('/cell/operator', '/cell/manager', '/cell/teleop',
                           '/cell/shadow'):
                continue
            assert observed(cell.client.node, enclave, expected) == expected, enclave
        own = seen(cell.client.node, 'operator', 'cell')
    for rule in RULES:
        asked = set(getattr(own, rule))
        assert asked <= set(getattr(declared['/cell/operator'], rule)), rule


def test_every_right_is_with_whom_it_belongs(declared):
    """Pins the guard's place in series: nobody else commands, and only operators permit."""
    def who(rule, name):
        return {enclave for enclave, may in declared.items() if name in getattr(may, rule)}
    assert who('publish', '/cell/command') == {'/cell/guard'}
    assert who('publish', '/cell/proposed') == {'/cell/policy', '/cell/teleop'}
    assert who('publish', '/cell/joint_states') == who('publish', '/clock') == {'/cell/sim'}
    assert who('publish', '/cell/subgoal') == {'/cell/task'}
    for name in ('stop', 'reset', 'arm'):
        assert who('request', f'/cell/{name}') == {'/cell/operator', '/cell/teleop'}
        assert who('reply', f'/cell/{name}') == {'/cell/guard'}
    assert who('execute', '/cell/execute_instruction') == {'/cell/task'}
    assert who('call', '/cell/execute_instruction') == {'/cell/operator'}
    assert '/cell/execute_instruction/_action/status' not in declared['/cell/task'].publish


def test_a_shadow_may_only_listen(declared):
    """Pins that DDS itself would refuse whatever a shadow had to say to a cell."""
    may = declared['/cell/shadow']
    assert set(may.publish) <= {'/rosout', '/parameter_events'}
    assert may.request == may.execute == may.call == ()
    assert {'/cell/joint_states', '/cell/command', '/cell/subgoal', '/cell/proposed',
            '/cell/front/image_raw', '/cell/front/mount'} <= set(may.subscribe)


def test_the_file_has_the_form_that_sros2_reads(declared):
    """Pins the format 0.2.0: enclaves, profiles, lists with one right each, names in full."""
    root = ElementTree.fromstring(policy(declared))
    assert (root.tag, root.attrib) == ('policy', {'version': '0.2.0'})
    assert [one.tag for one in root] == ['enclaves']
    paths = []
    for enclave in root[0]:
        assert enclave.tag == 'enclave' and [one.tag for one in enclave] == ['profiles']
        profile, = enclave[0]
        assert profile.tag == 'profile' and profile.attrib.keys() == {'ns', 'node'}
        paths.append(enclave.get('path'))
        assert paths[-1] == f'{profile.get("ns")}/{profile.get("node")}'
        read = {}
        for rows in profile:
            (right, word), = rows.attrib.items()
            many, one, attribute = RULES[right]
            assert (rows.tag, attribute, word) == (many, right, 'ALLOW') and len(rows)
            assert all(row.tag == one and row.text.startswith('/') for row in rows)
            read[right] = tuple(row.text for row in rows)
        assert Access(**read) == declared[paths[-1]]
    assert paths == list(declared)


def test_a_cell_without_a_namespace_has_a_policy_as_well():
    """Pins a profile whose namespace is empty, which SROS2 refuses."""
    root = ElementTree.fromstring(policy({'/guard': Access(publish=('/command',))}))
    assert root.find('.//profile').attrib == {'ns': '/', 'node': 'guard'}
