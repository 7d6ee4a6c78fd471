"""What only OPC UA has: a status with each value, and the names of companion specifications."""
import asyncio
import statistics
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


def subscribed(there, turns):
    """Return s from a change in the server to its notification, `turns` of them."""
    from asyncua import Client

    async def watch():
        client, came, last = Client(f'opc.tcp://127.0.0.1:{there.port}'), asyncio.Event(), [None]

        class Handler:
            def datachange_notification(self, node, value, data):
                last[0] = value
                came.set()
        await client.connect()
        # Asked for at once; the server may make it longer.
        subscription = await client.create_subscription(10, Handler())
        await subscription.subscribe_data_change(client.get_node('ns=1;s=Cell.Gate'),
                                                 sampling_interval=10)
        found = []
        for turn in range(turns):
            await asyncio.sleep(0.15 + 0.007 * turn)
            began_s, _ = there.do(set=['Gate', turn % 2 == 0])
            while last[0] is not (turn % 2 == 0):
                came.clear()
                await asyncio.wait_for(came.wait(), 5.0)
            found.append(time.monotonic() - began_s)
        await client.disconnect()
        return found
    there.do(set=['Gate', True])
    return asyncio.run(watch())


def test_a_poll_is_sooner_known_than_a_subscription(there, capsys):
    """Pins why values are polled, by the same server."""
    waits = subscribed(there, 30)
    with capsys.disabled():
        print(f'\nOPC UA subscription: median {1e3 * statistics.median(waits):.0f} ms, longest '
              f'{1e3 * max(waits):.0f} ms')
    period_s = 1.0 / settings('opcua', there.port).poll_hz
    assert statistics.median(waits) > 1.5 * period_s
