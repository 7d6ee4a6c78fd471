"""Debian's Chromium, driven by Playwright, for what only a real browser can show."""
from contextlib import contextmanager, suppress
import os
from pathlib import Path
import shutil
import signal
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


def started(kind):
    """Return a browser that many windows may share."""
    return kind.launch(executable_path=executable(), headless=True, args=list(FLAGS),
                       chromium_sandbox=False, timeout=4 * PATIENCE_MS)


def _told(language, view, more):
    locale = {'ko': 'ko-KR', 'en': 'en-GB'}[language]
    return {'viewport': view, 'locale': locale, 'has_touch': view is PHONE, **more}


class Window:
    """A page with a profile of its own; `asked` are the addresses it loaded.

    Args:
        browser: Of `started`.
        language: 'ko' or 'en'.
        view: Size of the page, px.
    """

    def __init__(self, browser, language='ko', view=PANEL, **more):
        self._use(browser.new_context(**_told(language, view, more)))

    def _use(self, context):
        self.context, self.asked, self.faults = context, [], []
        context.on('request', lambda request: self.asked.append(request.url))
        context.on('weberror', lambda fault: self.faults.append(str(fault.error)))
        self.page = context.pages[0] if context.pages else context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on('console', self._hear)

    def _hear(self, message):
        # What the server refuses, such as asking who is logged in before anybody is, is no fault.
        if message.type == 'error' and not message.text.startswith('Failed to load resource'):
            self.faults.append(message.text)

    def close(self):
        """Close it."""
        self.context.close()

    def log_in(self, url, name='kim', password=PASSWORD):
        """Open the console and log in; returns once the cell is seen."""
        self.page.goto(url)
        self.page.wait_for_selector('body[data-ready]')
        self.page.fill('#login-name', name)
        self.page.fill('#login-password', password)
        self.page.click('#login-send')
        self.page.wait_for_selector('#link[data-state=connected]')

    def take(self):
        """Take the arm by hand, on the page for that; the guard must be armed."""
        self.page.click('#tab-move')
        self.page.wait_for_selector('#guard[data-state=armed], #guard[data-state=running]')
        self.page.click('#take')
        self.page.wait_for_selector('#hand[data-mine=true]')

    def poke(self, selector):
        """Click a button if it is enabled at this moment; wait for nothing."""
        self.page.eval_on_selector(selector, 'button => button.click()')

    def press(self, selector):
        """Put the pointer down on an element, and keep it there."""
        box = self.page.locator(selector).bounding_box()
        self.page.mouse.move(box['x'] + 20, box['y'] + 20)
        self.page.mouse.down()

    def strangers(self, url):
        """Return what was loaded from elsewhere than the console."""
        return [one for one in self.asked if not one.startswith((url, 'data:', 'blob:'))]


class OwnBrowser(Window):
    """The same in a browser of its own, which may be stopped and killed."""

    def __init__(self, kind, language='ko', view=PANEL, **more):
        self.folder = tempfile.mkdtemp(prefix='lam_ws.chromium.')
        self._use(kind.launch_persistent_context(
            self.folder, executable_path=executable(), headless=True, args=list(FLAGS),
            chromium_sandbox=False, timeout=4 * PATIENCE_MS, **_told(language, view, more)))

    def close(self):
        """End it, whatever state it is in, and forget its profile."""
        self.signal(signal.SIGCONT)
        if self.process() is not None:
            with suppress(Exception):   # it ends as it likes
                self.context.close()
        self.signal(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def process(self):
        """Return the id of the browser's main process, None when it is gone."""
        for folder in Path('/proc').glob('[0-9]*'):
            try:
                words = (folder / 'cmdline').read_bytes().decode().split('\0')
                gone = (folder / 'stat').read_text().rsplit(')', 1)[1].split()[0] == 'Z'
            except OSError:
                continue
            if f'--user-data-dir={self.folder}' in words and not gone and not any(
                    word.startswith('--type=') for word in words):
                return int(folder.name)
        return None

    def signal(self, number):
        """Send a signal to the main process; return its id."""
        process = self.process()
        if process is not None:
            with suppress(ProcessLookupError):
                os.kill(process, number)
        return process


def eventually(look, timeout_s=10.0):
    """Return the first true value of `look`, or the last."""
    deadline = time.monotonic() + timeout_s
    while not (value := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value
