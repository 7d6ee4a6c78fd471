"""What every page has in common: one file that holds all it shows and needs no network.

A title and the text of sections enter, a whole page leaves and is written at once or not at all.
Its content security policy forbids what it does not bring along, films beside it apart.
"""
from html import escape
import os
from pathlib import Path

from lam_ws.errors import RecordingError
from lam_ws.report.style import STYLE

POLICY = "default-src 'none'; img-src data:; media-src data: 'self' file:; " \
         "style-src 'unsafe-inline'"


def document(title: str, language: str, body: str, note: str) -> str:
    """Return a page; `body` is HTML, the rest is text.

    Args:
        title: What the window is called.
        language: 'ko' or 'en'.
        body: Sections.
        note: What stands at the foot.
    """
    return (f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>{escape(title)} · lam_ws</title>'
            f'<style>{STYLE}</style></head><body><main>{body}'
            f'<p class="muted">{escape(note)}</p></main></body></html>\n')


def section(title: str, korean: str, body: str, style: str = '') -> str:
    """Return a section with its heading in both languages; nothing when there is no body."""
    if not body:
        return ''
    return (f'<section class="{style}"><h2>{escape(title)}<small lang="ko">{escape(korean)}'
            f'</small></h2>{body}</section>')


def write_page(text: str, path: Path) -> Path:
    """Write a page and return its file.

    Raises:
        RecordingError: It cannot be written.
    """
    part = path.with_name(path.name + '.part')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding='utf-8')
        os.replace(part, path)
    except OSError as error:
        raise RecordingError(f'{path} cannot be written: {error.strerror}') from error
    return path
