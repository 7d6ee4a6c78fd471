"""Servers that people run, as real processes: which formats they take, and which they heed.

Each is installed in an environment of its own, see docs/howto_language_model.md; the variables
below name its Python. The models are a few kilobytes and written here.
"""
from contextlib import contextmanager
import json
import os
from pathlib import Path
import socket
import subprocess
import time

from grounding.proposing.servers import CANDIDATES, order
from grounding.proposing.tiny import write_transformers
from lam_ws.grounding.factory.order import Step
from lam_ws.grounding.proposing.server import Server
from lam_ws.language_model_file import LanguageModelSettings
import pytest

pytestmark = [pytest.mark.models, pytest.mark.train]
LLAMA_CPP, TRANSFORMERS = 'LAM_LLAMA_CPP_PYTHON', 'LAM_TRANSFORMERS_SERVE_PYTHON'
SERVE = 'from transformers.cli.transformers import main; main()'


def python(variable):
    """Return the Python that a variable names."""
    return os.environ.get(variable) or pytest.skip(f'{variable} is not set')


@contextmanager
def running(tmp_path, *command):
    """Yield the address of a server that a command starts, once it listens."""
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    with (tmp_path / 'log').open('wb') as log:
        process = subprocess.Popen([*command, '--port', str(port)], stdout=log, stderr=log,
                                   env={**environment, 'HF_HUB_OFFLINE': '1'})
        try:
            deadline = time.monotonic() + 120.0
            while time.monotonic() < deadline:
                assert process.poll() is None, (tmp_path / 'log').read_text()
                try:
                    socket.create_connection(('localhost', port), 1.0).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f'http://localhost:{port}/v1'
        finally:
            process.terminate()
            process.wait(30.0)


def asked(url, monkeypatch, model=None):
    """Return what a server proposes twice, and (format, status) of every request."""
    server, heard, post = Server(LanguageModelSettings(url=url, model=model)), [], Server._post

    def listen(self, body, seconds):
        answer = post(self, body, seconds)
        heard.append((body.get('response_format', {}).get('type', ''), answer and answer[0]))
        return answer

    monkeypatch.setattr(Server, '_post', listen)
    found = [server.propose('시작 단추 꾹', CANDIDATES, 60.0) for _ in range(2)]
    return found, heard


def test_llama_cpp_refuses_one_format_and_heeds_the_next(tmp_path, monkeypatch):
    """Pins that a model which only likes some bytes is held to ids, and what is remembered."""
    program = python(LLAMA_CPP)
    subprocess.run([program, '-c', 'import sys, tiny; tiny.write_gguf(sys.argv[1])',
                    str(tmp_path / 'tiny.gguf')], check=True, cwd=Path(__file__).parent)
    with running(tmp_path, program, '-m', 'llama_cpp.server', '--model',
                 str(tmp_path / 'tiny.gguf'), '--n_ctx', '8192', '--chat_format', 'chatml') as url:
        found, heard = asked(url, monkeypatch)
    assert found == [(Step('press', 'start_btn'),)] * 2
    assert heard == [('json_schema', 500), ('json_object', 200), ('json_object', 200)]


@pytest.mark.parametrize(('says', 'meant', 'formats'), [
    (order({}), (Step('pick_place', 'bj20r', 'quarantine'),), ['json_schema'] * 2),
    (json.dumps({'steps': 'all'}), None, ['json_schema', 'json_object', ''] * 2)])
def test_transformers_takes_every_format_and_heeds_none(tmp_path, monkeypatch, says, meant,
                                                        formats):
    """Pins that what a server lets pass in spite of the schema is read here all the same."""
    program = python(TRANSFORMERS)
    write_transformers(tmp_path / 'model', says.replace(' ', ''))
    with running(tmp_path, program, '-c', SERVE, 'serve', str(tmp_path / 'model'),
                 '--device', 'cpu') as url:
        found, heard = asked(url, monkeypatch, str(tmp_path / 'model'))
    assert found == [meant] * 2 and heard == [(one, 200) for one in formats]
