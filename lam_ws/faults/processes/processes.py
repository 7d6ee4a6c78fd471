"""The tier of processes: real nodes, real signals, this host's processor, disk and clock.

Cases leave, for the table of `lam faults`. Each is provoked in a cell of its own, which is gone
afterwards.
"""
from lam_ws.faults.faults import Case
from lam_ws.faults.processes.bringing_up import BRING_UP_CASES
from lam_ws.faults.processes.disks import DISK_CASES
from lam_ws.faults.processes.foreign import FOREIGN_CASES
from lam_ws.faults.processes.load import LOAD_CASES
from lam_ws.faults.processes.restart import RESTART_CASES
from lam_ws.faults.processes.signals import SIGNAL_CASES
from lam_ws.faults.processes.soak import SOAK_CASES
from lam_ws.faults.processes.stops import STOP_CASES
from lam_ws.faults.processes.wall_clock import CLOCK_CASES

PROCESS_CASES: tuple[Case, ...] = (*SIGNAL_CASES, *RESTART_CASES, *STOP_CASES,
                                    *CLOCK_CASES, *DISK_CASES, *BRING_UP_CASES, *FOREIGN_CASES,
                                    *LOAD_CASES, *SOAK_CASES)
