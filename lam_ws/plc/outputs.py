"""What the PLC is told: from what guard and task say to one truth for each output.

The guard's state, whether an instruction is in work, and its step enter; outputs by name leave.
"""
from lam_ws.plc_file import PlcSettings, Step

_LATCHED, _PERMITS = ('stopping', 'stopped'), ('armed', 'running')


def wanted(settings: PlcSettings, guard: str, busy: bool, step: Step | None) -> dict[str, bool]:
    """Return what each output should be.

    Args:
        settings: Of the site.
        guard: State of the guard, '' while it is not heard.
        busy: An instruction is being carried out.
        step: That is in work or waits to begin, None for none.
    """
    truth = {'busy': busy, 'fault': guard in ('', *_LATCHED), 'armed': guard in _PERMITS}
    return {one.name: step is not None and one.concerns(step) if one.role == 'step'
            else truth[one.role] for one in settings.outputs}


def resting(settings: PlcSettings) -> dict[str, bool]:
    """Return what each output should be when nobody is left to say otherwise."""
    return wanted(settings, '', False, None)
