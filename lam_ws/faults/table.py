"""The table of provoked faults: what is broken, where, what must happen, and within what.

The rows of the rooms enter, one room for each way of provoking; `CASES` leaves. Numbers are those
of docs/faults.md.
"""
from lam_ws.faults.faults import Case
from lam_ws.faults.inputs.inputs import INPUT_CASES
from lam_ws.faults.lockstep.lockstep import LOCKSTEP_CASES
from lam_ws.faults.processes.network import NETWORK_CASES
from lam_ws.faults.processes.processes import PROCESS_CASES

CASES: tuple[Case, ...] = (*LOCKSTEP_CASES, *INPUT_CASES, *PROCESS_CASES, *NETWORK_CASES)
