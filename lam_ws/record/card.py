"""What is known of an episode besides its messages: who, what, how it ended, how good it is.

Facts enter as they become known; text leaves, as a note inside the recording and as the JSON
file beside it. Every note carries all that is known by then, so the last one counts and a
recording that was cut short still says what was known when it began.
"""
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
import json
import os
from pathlib import Path
from typing import Any

from lam_ws.errors import RecordingError

NOTE = 'episode'                              # name of the note in the recording
SUCCESS, FAILURE, UNDECIDED = 'success', 'failure', ''
LABELS = (SUCCESS, FAILURE, UNDECIDED)
_LARGEST = 1_000_000                          # bytes of a file beside a recording


@dataclass(frozen=True)
class Label:
    """What a person says of an episode; '' withdraws what was said."""

    label: str = UNDECIDED
    who: str = ''
    when: str = ''    # ISO 8601, by the wall clock
    note: str = ''


@dataclass(frozen=True)
class Intervention:
    """A time in which a person's hand held the lease, s after the start of the recording."""

    start_s: float
    end_s: float
    commander: str    # process that held it


@dataclass(frozen=True)
class Step:
    """An attempt at a step of a plan that began at `start_s`; texts as the policy read them."""

    start_s: float
    episode: str      # of the instruction
    step: int
    attempt: int
    skill: str
    text: str


@dataclass(frozen=True)
class Ending:
    """What the task said of an instruction that ended within the episode."""

    episode: str
    instruction: str
    success: bool
    reason: str = ''
    text: str = ''


@dataclass(frozen=True)
class CameraVerdict:
    """What came of one camera; `rate_hz` is over the whole episode."""

    name: str
    images: int
    dropped: int
    rate_hz: float


@dataclass(frozen=True)
class Verdict:
    """Whether the recording is good: `faults` are codes of `lam_ws.record.faults`."""

    good: bool
    faults: tuple[str, ...] = ()
    cameras: tuple[CameraVerdict, ...] = ()
    skew_s: float = 0.0
    delay_s: float = 0.0


@dataclass(frozen=True)
class Card:
    """One episode.

    Attributes:
        episode: Its id, also the name of the file.
        site: Name of the site.
        site_sha256: Of the site's file.
        software: Version of this package.
        policy: Name of the policy that the cell runs.
        started: When, ISO 8601 by the wall clock.
        by_operator: An operator began it; False: an instruction did.
        operator: Who.
        instruction: The sentence, as typed.
        language: 'ko' or 'en', '' where there is no sentence.
        kb_version: Of the knowledge that the steps' limits were found in, '' for none.
        seconds: From the first message to the last, 0.0 until it is finished.
        finished: Whether it was closed; False: its recorder died, and what follows is missing.
        label: What a person said of it, None before anyone did.
        interventions: When a hand moved the arm.
        steps: What the task asked of the policy.
        endings: How the instructions within it ended.
        verdict: What the checks found, None until it is finished.
    """

    episode: str
    site: str = ''
    site_sha256: str = ''
    software: str = ''
    policy: str = ''
    started: str = ''
    by_operator: bool = False
    operator: str = ''
    instruction: str = ''
    language: str = ''
    kb_version: str = ''
    seconds: float = 0.0
    finished: bool = False
    label: Label | None = None
    interventions: tuple[Intervention, ...] = ()
    steps: tuple[Step, ...] = ()
    endings: tuple[Ending, ...] = ()
    verdict: Verdict | None = None

    @property
    def success(self) -> bool | None:
        """Whether it succeeded: as a person says, else as the task did, None if nobody did."""
        if self.label is not None and self.label.label != UNDECIDED:
            return self.label.label == SUCCESS
        if self.endings:
            return all(ending.success for ending in self.endings)
        return None

    def note(self) -> dict[str, str]:
        """Return it as the key-value note of a recording: texts as they are, the rest as JSON."""
        return {key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                for key, value in asdict(self).items()}

    def to_json(self) -> dict[str, Any]:
        """Return it as the file beside the recording has it; `success` is for readers' ease."""
        return {**asdict(self), 'success': self.success}


def from_note(name: str, note: Mapping[str, str]) -> Card:
    """Return the card in a note; what older recordings lack has its default.

    Args:
        name: Id of the episode where the note names none.
        note: As the recording has it.

    Raises:
        RecordingError: It is not what a recorder writes.
    """
    texts = {field.name for field in fields(Card) if field.type in (str, 'str')}
    known = {field.name for field in fields(Card)}
    try:
        return from_json(name, {key: value if key in texts else json.loads(value)
                                for key, value in note.items() if key in known})
    except ValueError as error:
        raise RecordingError(f'the note of {name} cannot be read: {error}') from error


def from_json(name: str, values: Mapping[str, Any]) -> Card:
    """Return the card in the JSON object of a file beside a recording.

    Raises:
        RecordingError: It is not what a recorder writes.
    """
    known = {field.name for field in fields(Card)}
    found = {key: value for key, value in values.items() if key in known}
    try:
        for key, kind in (('interventions', Intervention), ('steps', Step),
                          ('endings', Ending)):
            found[key] = tuple(kind(**row) for row in found.get(key, ()))
        if found.get('label') is not None:
            found['label'] = Label(**found['label'])
            if found['label'].label not in LABELS:
                raise RecordingError(f"{name} has the label {found['label'].label!r}; known are "
                                     f'{SUCCESS}, failure and none')
        if found.get('verdict') is not None:
            found['verdict'] = _verdict(found['verdict'])
        return Card(**{'episode': name, **found})
    except (TypeError, KeyError, AttributeError) as error:
        raise RecordingError(f'what is kept of {name} cannot be read: {error}') from error


def _verdict(values: Mapping[str, Any]) -> Verdict:
    cameras = tuple(CameraVerdict(**camera) for camera in values.get('cameras', ()))
    return Verdict(**{**values, 'faults': tuple(values.get('faults', ())), 'cameras': cameras})


def beside(recording: Path) -> Path:
    """Return the file beside a recording that says what is known of it."""
    return recording.with_suffix('.json')


def write_card(recording: Path, card: Card) -> Path:
    """Write the file beside a recording, whole or not at all, and return it.

    Raises:
        RecordingError: It cannot be written.
    """
    path = beside(recording)
    draft = path.with_name(f'.{path.name}.{os.getpid()}')
    try:
        with draft.open('w', encoding='utf-8') as file:
            json.dump(card.to_json(), file, ensure_ascii=False, indent=2, allow_nan=False)
            file.write('\n')
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except (OSError, ValueError) as error:
        draft.unlink(missing_ok=True)
        raise RecordingError(f'{path} cannot be written: {error}') from error
    return path


def read_card(recording: Path) -> Card:
    """Return what the file beside a recording says.

    Raises:
        RecordingError: There is none, or it is spoilt.
    """
    path = beside(recording)
    try:
        with path.open('rb') as file:
            values = json.loads(file.read(_LARGEST))
    except (OSError, ValueError) as error:
        raise RecordingError(f'{path} cannot be read: {error}') from error
    if not isinstance(values, dict):
        raise RecordingError(f'{path} holds no object')
    return from_json(recording.stem, values)
