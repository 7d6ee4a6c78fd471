"""What only OPC UA has: a status with each value, and the names of companion specifications."""
import time

from lam_ws.plc.plc import connection
from lam_ws.plc_file import HeartbeatSettings, InputSettings
import plc_peer
from plc_peer import settings
import pytest

pytestmark = pytest.mark.peer
ROBOTICS = {'di': 'http://opcfoundation.org/UA/DI/',
            'rob': 'http://opcfoundation.org/UA/Robotics/'}
SAFETY = '/Objects/di:DeviceSet/1:Robot/rob:SafetyStates/1:SafetyState/di:ParameterSet/rob:'


@pytest.fixture(scope='module')
def there():
    """Return the running PLC."""
    with plc_peer.plc('opcua') as found:
        yield found


def test_a_value_that_the_server_does_not_trust_is_not_known(there):
    """Pins OPC UA's status: a sensor that failed is neither on nor off."""
    one = connection(settings('opcua', there.port), 2.0)
    there.do(set=['Gate', True])
    one.open()
    there.do(bad='Gate')
    assert one.read().inputs['gate'] is None
    there.do(good='Gate')
    assert one.read().inputs['gate'] is True
    one.close()


def test_the_safety_states_of_the_robotics_specification_are_read_by_their_names(there):
    """Pins OPC 40010-1: stops of a foreign robot controller, and the server's own time."""
    inputs = (InputSettings('no_stop', SAFETY + 'EmergencyStop', inverted=True, role='gate'),
              InputSettings('automatic', SAFETY + 'OperationalMode', equals=3))
    one = connection(settings('opcua', there.port, inputs=inputs, outputs=(), namespaces=ROBOTICS,
                              heartbeat=HeartbeatSettings('i=2258')), 2.0)
    one.open()
    first = one.read()
    assert dict(first.inputs) == {'no_stop': True, 'automatic': True}
    there.do(set=['EmergencyStop', True])
    there.do(set=['Mode', 1])
    time.sleep(0.05)
    second = one.read()
    assert dict(second.inputs) == {'no_stop': False, 'automatic': False}
    assert first.beat is not None and second.beat != first.beat
    there.do(set=['EmergencyStop', False])
    one.close()
