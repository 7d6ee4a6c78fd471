"""A folder of recordings, read for what can be learned from them.

Recordings with what is known of each enter; what each shows leaves, and a sentence on each that
shows nothing. Only what a person called a success is believed. Recordings are read, never
changed.
"""
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lam_ws.errors import ConfigurationError, RecordingError
from lam_ws.record.card import Card, read_card, SUCCESS
from lam_ws.record.reader import read_episode
from lam_ws.robot import ArmSpec
from lam_ws.site import load_site
from lam_ws.train.hindsight import hindsight, Shown


@dataclass(frozen=True)
class Found:
    """What one recording shows, or why it shows nothing: one of the two is empty."""

    recording: Path
    shown: Shown | None = None
    why: str = ''


def read_shown(folder: Path, site: str | None = None) -> Iterator[Found]:
    """Yield what the recordings of a folder show, in the order of their names.

    Args:
        folder: Of MCAP files, each with its JSON file beside it.
        site: Where they were made; by default where each says that it was.

    Raises:
        ConfigurationError: There are none, or their site is not known.
    """
    paths = recordings(folder)
    if not paths:
        raise ConfigurationError('holds no recordings (*.mcap); make some with: lam record, or '
                                 'with the buttons of the console', folder)
    arms: dict[str, ArmSpec] = {}
    for path in paths:
        try:
            card = read_card(path)
            name = site or card.site
            if name not in arms:
                arms[name] = load_site(name).arm
            yield Found(path, _shown(path, card, arms[name]))
        except RecordingError as failure:
            yield Found(path, None, str(failure))


def recordings(folder: Path) -> list[Path]:
    """Return the recordings of a folder, sorted; what lies in its trash is none."""
    return sorted(path for path in folder.glob('*.mcap') if not path.name.startswith('.'))


def _shown(path: Path, card: Card, arm: ArmSpec) -> Shown:
    if card.label is None or card.label.label != SUCCESS:
        said = 'nothing' if card.label is None or not card.label.label else card.label.label
        raise RecordingError(f'{path.name}: its label is {said}, only a success teaches')
    shown = hindsight(read_episode(path, images=False), card.instruction, arm)
    held = sum(_overlap(one.start_s, one.end_s, shown.closed_s, shown.opened_s)
               for one in card.interventions)
    carried = max(shown.opened_s - shown.closed_s, 1e-6)
    by_policy = any(step.start_s < shown.opened_s for step in card.steps)
    return replace(shown, by_hand=round(min(held / carried, 1.0), 3),
                   took_over=by_policy and held > 0.0)


def _overlap(start: float, end: float, first: float, last: float) -> float:
    return max(0.0, min(end, last) - max(start, first))
