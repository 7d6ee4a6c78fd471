"""The demonstration cell with its console, as real processes in a folder of its own."""
from contextlib import contextmanager
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from chromium import PASSWORD
from console_browser import free_port

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = (('park', 'viewer'), ('kim', 'operator'), ('lee', 'engineer'))
UP_S = 120.0


def site_file(folder, port):
    """Write sim_demo with a console at `port` into `folder`; return the path."""
    from lam_ws.console.users import Users
    text = (ROOT / 'config' / 'sites' / 'sim_demo.yaml').read_text(encoding='utf-8')
    text = text.replace('folder: out/episodes', f'folder: {folder / "episodes"}')
    text += (f'console:\n  port: {port}\n  users: {folder / "users.yaml"}\n'
             f'  audit: {folder / "audit.jsonl"}\n')
    path = folder / 'sim_demo.yaml'
    path.write_text(text, encoding='utf-8')
    for name, role in PEOPLE:
        Users(folder / 'users.yaml').add(name, role, PASSWORD)
    return path


@contextmanager
def running(folder, domain):
    """Give the address of the console of a cell that runs on `domain`."""
    port = free_port()
    command = [sys.executable, '-m', 'lam_ws', 'console', '--site', str(site_file(folder, port)),
               '--domain', str(domain), '--logs', str(folder / 'logs')]
    with (folder / 'said').open('wb') as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said,
                                   env=dict(os.environ, OMP_NUM_THREADS='1'))
    try:
        deadline = time.monotonic() + UP_S
        while b'READY' not in (folder / 'said').read_bytes():
            assert process.poll() is None and time.monotonic() < deadline, \
                (folder / 'said').read_text()
            time.sleep(0.2)
        yield f'http://127.0.0.1:{port}/'
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
