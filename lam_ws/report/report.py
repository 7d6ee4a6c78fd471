"""The outcome of a run as data: what every result.json holds, and how it is written.

A mapping with at least RESULT_KEYS enters, a checked JSON file leaves. The page, the command
line and other programs read that one file, so it appears whole or not at all.
"""
from collections.abc import Mapping
import json
import os
from pathlib import Path
from typing import Any

from lam_ws.errors import RecordingError

#: success: bool. instruction: as typed. language: 'ko' or 'en'. plan: the grounded steps.
#: reason: '' or a reason code. seconds: {setup, run}. processes: number or names.
#: citations: sources the plan rests on. versions: package name -> version.
RESULT_KEYS = ('success', 'instruction', 'language', 'plan', 'reason', 'seconds', 'processes',
               'citations', 'versions')


def write_result(result: Mapping[str, Any], folder: str | Path) -> Path:
    """Write `result` to `folder`/result.json and return that file.

    Raises:
        RecordingError: A key is missing, a value is not JSON, or the file cannot be written.
    """
    path = Path(folder) / 'result.json'
    part = path.with_name(path.name + '.part')
    text = result_text(result)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text + '\n', encoding='utf-8')
        os.replace(part, path)
    except OSError as error:
        raise RecordingError(f'{path} cannot be written: {error.strerror}') from error
    return path


def result_text(result: Mapping[str, Any]) -> str:
    """Return `result` as readable JSON.

    Raises:
        RecordingError: A key of RESULT_KEYS is missing, or a value is not JSON (NaN is not).
    """
    missing = [key for key in RESULT_KEYS if key not in result]
    if missing:
        raise RecordingError(f"the result lacks '{missing[0]}'; it needs {', '.join(RESULT_KEYS)}")
    try:
        return json.dumps(dict(result), ensure_ascii=False, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RecordingError(f'the result is not JSON: {error}') from error
