"""The report of one episode: a recording and its result go in, one HTML file comes out.

The file holds everything it shows and asks for nothing from any network (its content security
policy forbids it), so it can be opened from a disk, mailed or printed years later.
"""
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lam_ws.errors import LamError
from lam_ws.record.record import Episode
from lam_ws.report import sections
from lam_ws.report.document import document, section, write_page
from lam_ws.report.report import result_text, write_result
from lam_ws.site import load_site
from lam_ws.types import Array

__all__ = ['write_report', 'write_result']


def write_report(episode: Episode, result: Mapping[str, Any], folder: str | Path,
                 velocity_limit: Array | None = None) -> Path:
    """Write `folder`/report.html and return it.

    Args:
        episode: The recording, with pictures.
        result: What result.json holds (`lam_ws.report.report.RESULT_KEYS`).
        folder: Where the report goes; its episode.mp4 is taken into the page when it is there.
        velocity_limit: [n] rad/s (gripper m/s) that the guard enforced; None takes those of the
            site that the recording or the result names.

    Raises:
        RecordingError: The result lacks a key, or the file cannot be written.
    """
    folder = Path(folder)
    limit = site_limit(episode, result) if velocity_limit is None else velocity_limit
    return write_page(page(episode, result, folder, limit), folder / 'report.html')


def site_limit(episode: Episode, result: Mapping[str, Any]) -> Array | None:
    """Return [n] rad/s (gripper m/s) that the run's site sets, or None when it is not known."""
    name = result.get('site', episode.notes.get('episode', {}).get('site'))
    if name is None:
        return None
    try:
        site = load_site(str(name))
    except LamError:   # a report of another machine's recording: drawn without its limits
        return None
    if site.arm.names != episode.command.names:
        return None
    return site.arm.limits.velocity * site.limits.velocity_scale


def page(episode: Episode, result: Mapping[str, Any], folder: Path,
         limit: Array | None) -> str:
    """Return the whole page."""
    text = result_text(result)   # checks the keys before anything is drawn
    body = [
        sections.headline(episode, result),
        section('Pictures', '영상', sections.pictures(episode, folder)),
        '<div class="pair">', section('Plan', '계획', sections.plan(result)),
        section('Sources', '근거', sections.citations(result)), '</div>',
        section('Course of events', '진행', sections.course(episode, result), 'long'),
        section('Scene as perceived', '장면', sections.inventory(episode)),
        section('Joints', '관절', sections.motion(episode)),
        section('Guard', '안전 감시', sections.guard(episode, limit)),
        section('Versions and notes', '버전', sections.versions(episode, result), 'long'),
        section('Files', '파일', sections.files(folder, text), 'long'),
    ]
    language = 'ko' if result['language'] == 'ko' else 'en'
    return document(str(result['instruction']), language, ''.join(body),
                    'Made by lam_ws from the recording alone. Not a safety-rated system.')
