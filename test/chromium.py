"""Debian's Chromium, driven by Playwright, for what only a real browser can show."""
from contextlib import contextmanager
from pathlib import Path
import shutil
import signal
import subprocess
import tempfile
import time

FLAGS = ('--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
         '--disable-background-networking', '--disable-component-update', '--disable-sync')
PANEL = {'width': 1280, 'height': 800}
PHONE = {'width': 390, 'height': 844}
PASSWORD = 'long enough'
PATIENCE_MS = 30_000     # of a shared machine


def missing():
    """Return what a browser test lacks here, '' if nothing."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "needs Playwright: pip install '.[browser]'"
    return '' if executable() else 'needs Chromium: apt install chromium fonts-nanum'


def executable():
    """Return the path of the browser, None without one."""
    return shutil.which('chromium') or shutil.which('chromium-browser')


@contextmanager
def engine():
    """Give what starts browsers."""
    from playwright.sync_api import sync_playwright
    with sync_playwright() as driver:
        yield driver.chromium


class Window:
    """One browser of its own with a page; `asked` are the addresses it loaded.

    Args:
        kind: Of `engine`.
        language: 'ko' or 'en'.
        view: Size of the page, px.
    """

    def __init__(self, kind, language='ko', view=PANEL, **more):
        self.folder = tempfile.mkdtemp(prefix='lam_ws.chromium.')
        self.context = kind.launch_persistent_context(
            self.folder, executable_path=executable(), headless=True, args=list(FLAGS),
            chromium_sandbox=False, viewport=view, timeout=4 * PATIENCE_MS,
            locale={'ko': 'ko-KR', 'en': 'en-GB'}[language], **more)
        self.asked, self.faults = [], []
        self.context.on('request', lambda request: self.asked.append(request.url))
        self.context.on('weberror', lambda fault: self.faults.append(str(fault.error)))
        self.page = self.context.pages[0]
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on('console', self._hear)

    def _hear(self, message):
        # A page that asks who is logged in is told 401, which is no fault of it.
        if message.type == 'error' and '401' not in message.text:
            self.faults.append(message.text)

    def close(self):
        """End it, whatever state it is in, and forget its profile."""
        self.signal(signal.SIGCONT)
        try:
            self.context.close()
        except Exception:   # it was killed
            pass
        self.signal(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def process(self):
        """Return the id of the browser's main process, None when it is gone."""
        for folder in Path('/proc').glob('[0-9]*'):
            try:
                words = (folder / 'cmdline').read_bytes().decode().split('\0')
            except OSError:
                continue
            if f'--user-data-dir={self.folder}' in words and not any(
                    word.startswith('--type=') for word in words):
                return int(folder.name)
        return None

    def signal(self, number):
        """Send a signal to the main process."""
        process = self.process()
        if process is not None:
            subprocess.run(['kill', f'-{int(number)}', str(process)], check=False)

    def log_in(self, url, name='kim', password=PASSWORD):
        """Open the console and log in; returns once the cell is seen."""
        self.page.goto(url)
        self.page.wait_for_selector('body[data-ready]')
        self.page.fill('#login-name', name)
        self.page.fill('#login-password', password)
        self.page.click('#login-send')
        self.page.wait_for_selector('#link[data-state=connected]')

    def strangers(self, url):
        """Return what was loaded from elsewhere than the console."""
        return [one for one in self.asked if not one.startswith((url, 'data:', 'blob:'))]


def eventually(look, timeout_s=10.0):
    """Return the first true value of `look`, or the last."""
    deadline = time.monotonic() + timeout_s
    while not (value := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value
