"""A console that really listens, in front of a cell that only remembers."""
from dataclasses import replace

from console_browser import Browser, free_port, PASSWORD
from lam_ws.site import ConsoleSettings, load_site, RecordSettings
import pytest

ROLES = ('viewer', 'operator', 'engineer')


@pytest.fixture(scope='session')
def users_text(tmp_path_factory):
    """Return a file of three users, each named like its role; hashing takes a second."""
    from lam_ws.console.users import Users
    users = Users(tmp_path_factory.mktemp('users') / 'users.yaml')
    for role in ROLES:
        users.add(role, role, PASSWORD)
    return users.path.read_text()


@pytest.fixture
def site(tmp_path, users_text):
    """Return a site with a console and a folder of recordings."""
    users = tmp_path / 'users.yaml'
    users.write_text(users_text)
    users.chmod(0o600)
    folder = tmp_path / 'episodes'
    folder.mkdir()
    return replace(load_site('sim_demo'), record=RecordSettings(str(folder)),
                   console=ConsoleSettings(port=free_port(), users=str(users),
                                           audit=str(tmp_path / 'audit.jsonl')))


@pytest.fixture
def cell():
    """Return a cell that only remembers."""
    from stand_in_cell import StandInCell
    return StandInCell()


@pytest.fixture
def console(site, cell):
    """Return a console that listens."""
    from lam_ws.console.server import Console
    made = Console(site, cell)
    yield made
    made.close()


@pytest.fixture
def visit(site, console):
    """Return a function: role -> a browser that is logged in; '' for one that is not."""
    def enter(role='operator'):
        browser = Browser(site.console.port)
        if role:
            assert browser.login(role).status == 200
        return browser
    return enter
