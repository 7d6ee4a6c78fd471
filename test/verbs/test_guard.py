"""`lam guard explain`: every code in words, with its values, in both languages."""
import json

from lam_ws import cli
from lam_ws.safety.words import WORDINGS, words
import pytest


def told(capsys, *arguments):
    """Return exit status and output of `lam guard explain`."""
    status = cli.main(['guard', 'explain', *arguments])
    out, err = capsys.readouterr()
    return status, out if status == 0 else err


@pytest.mark.parametrize('language', ['ko', 'en'])
@pytest.mark.parametrize('code', WORDINGS)
def test_each_code_is_explained_with_its_values(capsys, code, language):
    """Pins a code that the command does not know, or whose values it loses."""
    values = '--measured', '0.25', '--allowed', '0.125', '--where', 'fr3_joint2'
    status, text = told(capsys, code, '--language', language, *values)
    assert status == 0 and text == words(code, 0.25, 0.125, 'fr3_joint2', language) + '\n'
    status, text = told(capsys, code, '--language', language, '--json', *values)
    row = json.loads(text)
    assert (row['code'], row['measured'], row['allowed']) == (code, 0.25, 0.125)
    assert row['tripped'] and row['next'] and row['unit'] != 'ms'


def test_without_a_code_all_are_listed(capsys):
    """Pins a list that misses one, in text and in JSON."""
    status, text = told(capsys, '--language', 'en')
    assert status == 0 and [line.split()[0] for line in text.splitlines()] == list(WORDINGS)
    rows = json.loads(told(capsys, '--json')[1])['codes']
    assert [row['code'] for row in rows] == list(WORDINGS)


@pytest.mark.parametrize('arguments, hint', [
    (['stale_joint'], "did you mean 'stale_joints'?"), (['xyz'], 'lists them'),
    (['tracking', '--measured', '1'], 'go together'),
    (['tracking', '--measured', 'nan', '--allowed', '1'], 'finite')])
def test_what_cannot_be_explained_is_refused_in_one_line(capsys, arguments, hint):
    """Pins a traceback, or an answer to something that was not asked."""
    status, text = told(capsys, *arguments)
    assert status == 2 and hint in text and len(text.splitlines()) == 1
