"""Fixtures of the browser tests: one driver, a console on a pretended cell, a window on it."""
from dataclasses import replace

import chromium
import pytest


@pytest.fixture(scope='module')
def engine():
    """Return what starts browsers; skip where there is none."""
    if chromium.missing():
        pytest.skip(chromium.missing())
    with chromium.engine() as driver:
        yield driver


@pytest.fixture(scope='module')
def browser(engine):
    """Return a browser that windows share."""
    one = chromium.started(engine)
    yield one
    one.close()


@pytest.fixture(scope='module')
def console(tmp_path_factory):
    """Return (url, cell) of a console on a pretended cell."""
    from console_browser import free_port
    from lam_ws.console.server import Console
    from lam_ws.console.users import Users
    from lam_ws.console_file import ConsoleSettings
    from lam_ws.site import load_site
    from pretend_cell import PretendCell
    folder = tmp_path_factory.mktemp('console')
    users = Users(folder / 'users.yaml')
    for name, role in (('park', 'viewer'), ('kim', 'operator'), ('lee', 'engineer')):
        users.add(name, role, chromium.PASSWORD)
    settings = ConsoleSettings(port=free_port(), users=str(users.path),
                               audit=str(folder / 'audit.jsonl'))
    site = load_site('sim_demo')
    site = replace(site, console=settings,
                   record=replace(site.record, folder=str(folder / 'episodes')))
    cell = PretendCell()
    served = Console(site, cell)
    yield served.url, cell
    served.close()


@pytest.fixture
def cell(console):
    """Return the pretended cell as it is at first."""
    console[1].__init__()
    return console[1]


@pytest.fixture
def window(request, engine, browser, console, cell):
    """Return a window in which an operator is logged in; what it does wrong fails the test.

    A test marked `own_browser` may stop or kill it.
    """
    own = request.node.get_closest_marker('own_browser')
    one = chromium.OwnBrowser(engine) if own else chromium.Window(browser)
    try:
        one.log_in(console[0])
        yield one
        assert not one.strangers(console[0])
        assert not one.faults
    finally:
        one.close()
