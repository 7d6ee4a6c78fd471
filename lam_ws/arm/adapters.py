"""The adapters by name: a spec and a file of config/adapters enter, an unconnected `Arm` leaves.

An adapter is imported when it is asked for: each needs its vendor's client, which is an extra
of its own. The driver 'ros2_control' is not here, because it is made of topics (`nodes/`).
"""
from importlib import import_module

from lam_ws.adapter_file import AdapterFile
from lam_ws.arm.wired import WiredArm
from lam_ws.errors import ArmError
from lam_ws.robot import ArmSpec

ADAPTERS = {
    'franka': 'lam_ws.arm.franka:FrankaArm',
    'fanuc': 'lam_ws.arm.fanuc:FanucArm',
    'trossen': 'lam_ws.arm.trossen:TrossenArm',
    'indy': 'lam_ws.arm.indy:IndyArm',
}


def make_arm(spec: ArmSpec, adapter: AdapterFile, cycle_s: float) -> WiredArm:
    """Return the arm of `spec` behind `adapter`; `connect` reaches it.

    Args:
        spec: The arm.
        adapter: How it is reached.
        cycle_s: Control cycle of the guard, s.

    Raises:
        ArmError: The vendor's client is not installed.
    """
    module, _, kind = ADAPTERS[adapter.driver].partition(':')
    try:
        made: WiredArm = getattr(import_module(module), kind)(spec, adapter, cycle_s)
    except ModuleNotFoundError as error:
        raise ArmError(f'the driver {adapter.driver} needs {error.name}: pip install '
                       f"'lam_ws[{adapter.driver}]'") from error
    return made
