"""Every error lam_ws raises on purpose.

    LamError                    exit status 2: the caller can mend it
    ├── ConfigurationError      a file says something it must not: file, line, nearest key
    ├── CheckpointError         weights that are missing, altered or made for another arm
    ├── InstructionError        a sentence that cannot become a plan; carries a reason code
    │   └── Question            it could with another word of the operator; carries the options
    ├── ObservationError        camera or joint data that must not reach the policy
    ├── WireError               a peer that does not answer, refuses or sends nonsense
    ├── JogError                an operator's device asks for what makes no sense
    ├── LimitError              a limit that is missing, not finite or contradictory
    ├── KeyFileError            a key that is missing, spoilt or readable by others
    ├── ArmError                the arm refused or did not answer
    ├── CameraError             a camera that cannot be opened, read or calibrated
    ├── PlcError                the cell's PLC refused, did not answer, or answered nonsense
    └── RecordingError          a recording that cannot be written or read

An error carries the values that caused it, so that a caller never parses its text.
"""
from collections.abc import Callable
from typing import Any


class LamError(Exception):
    """Base of all; its text is one clear line for the operator."""


class ConfigurationError(LamError):
    """A configuration file is wrong.

    Args:
        message: What is wrong and what was expected.
        path: The file at fault.
        line: 1-based line in it, or None when the whole file is meant.
        nearest: The known name closest to the wrong one, when there is one.
    """

    def __init__(self, message: str, path: object = None, line: int | None = None,
                 nearest: str | None = None):
        self.message, self.path, self.line, self.nearest = message, path, line, nearest
        where = '' if path is None else f'{path}:{line}: ' if line else f'{path}: '
        hint = f" (did you mean '{nearest}'?)" if nearest else ''
        super().__init__(f'{where}{message}{hint}')


class CheckpointError(LamError):
    """Weights are missing, altered, or belong to another embodiment."""


class InstructionError(LamError):
    """An instruction cannot be carried out.

    Args:
        reason: Stable reason code, for example 'unknown_object'.
        message: One sentence for the operator, in the operator's language.
    """

    def __init__(self, reason: str, message: str):
        self.reason = reason
        super().__init__(message)


class Question(InstructionError):
    """An instruction that needs another word of the operator.

    Args:
        reason: Stable reason code, for example 'ambiguous_object'.
        message: The question, in the operator's language.
        options: What may be chosen, in that language; empty where the reply is free or yes or no.
        reply: Takes what the operator replies and the scene of now; returns the plan, or raises
            what grounding raises: another Question, or an InstructionError.
    """

    def __init__(self, reason: str, message: str, options: tuple[str, ...],
                 reply: Callable[[str, Any], Any]):
        self.options, self.reply = options, reply
        super().__init__(reason, message)


class ObservationError(LamError):
    """Sensor data is stale, malformed or inconsistent.

    Args:
        reason: Stable reason code, for example 'stale_camera'.
        message: What was measured against what is allowed.
    """

    def __init__(self, reason: str, message: str):
        self.reason = reason
        super().__init__(message)


class WireError(LamError):
    """A policy server, its client, or a server of graphs fails to answer or breaks the protocol.

    Args:
        reason: Stable reason code: 'malformed', 'unreachable', 'slow', 'lost', 'unauthorised',
            'refused' or 'wrong_embodiment'.
        message: One sentence without anything the peer wrote beyond names it was asked for.
    """

    def __init__(self, reason: str, message: str):
        self.reason = reason
        super().__init__(message)


class JogError(LamError):
    """What an operator's device asks for makes no sense."""


class LimitError(LamError):
    """A safety limit is missing, not finite, or contradicts another."""


class KeyFileError(LamError):
    """A key is missing, spoilt, or others may read it."""


class ArmError(LamError):
    """The arm refused a request or stopped answering."""


class CameraError(LamError):
    """A camera cannot be opened, gives no image, or cannot be calibrated by what was shown."""


class PlcError(LamError):
    """The cell's PLC refused a request, did not answer in time, or answered nonsense."""


class RecordingError(LamError):
    """A recording cannot be written or read."""
