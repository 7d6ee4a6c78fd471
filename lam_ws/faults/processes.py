"""The tier of processes: real nodes, real signals, this host's processor, disk and clock.

Cases leave, for the table of `lam faults`. Each is provoked in a cell of its own, which is gone
afterwards.
"""
from lam_ws.faults.bringing_up import BRING_UP_CASES
from lam_ws.faults.clocks import CLOCK_CASES
from lam_ws.faults.faults import Case
from lam_ws.faults.foreign import FOREIGN_CASES
from lam_ws.faults.load import LOAD_CASES
from lam_ws.faults.recording import DISK_CASES
from lam_ws.faults.restart import RESTART_CASES
from lam_ws.faults.signals import SIGNAL_CASES
from lam_ws.faults.soak import SOAK_CASES
from lam_ws.faults.stops import STOP_CASES

PROCESS_CASES: tuple[Case, ...] = (*SIGNAL_CASES, *RESTART_CASES, *STOP_CASES,
                                    *CLOCK_CASES, *DISK_CASES, *BRING_UP_CASES, *FOREIGN_CASES,
                                    *LOAD_CASES, *SOAK_CASES)
