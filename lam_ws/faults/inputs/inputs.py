"""The tier of spoilt input, and of what a recorder leaves when it is killed, row by row.

`INPUT_CASES` leaves, for the table of `lam faults`.
"""
from lam_ws.faults.faults import Case
from lam_ws.faults.inputs.files import FILE_CASES
from lam_ws.faults.inputs.recordings import RECORDING_CASES

INPUT_CASES: tuple[Case, ...] = (*FILE_CASES, *RECORDING_CASES)
