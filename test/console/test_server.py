"""When a console must not start, and what it says then; the first account; the site's section."""
from dataclasses import replace

from lam_ws.console.server import Console, ensure_users, url_of
from lam_ws.console.users import Users, users_file
from lam_ws.errors import ConfigurationError, KeyFileError
from lam_ws.site import ConsoleSettings, examine
import pytest
import yaml


def test_other_hosts_without_users_is_refused(site, cell, tmp_path):
    """Pins principle 5 at the start: no account is made where others could log in with it."""
    open_site = replace(site, console=ConsoleSettings(
        host='0.0.0.0', port=site.console.port, hosts=('panel:1',),
        users=str(tmp_path / 'none.yaml'), audit=site.console.audit))
    with pytest.raises(ConfigurationError, match='has no users.*lam users add'):
        Console(open_site, cell)
    assert not (tmp_path / 'none.yaml').exists()


def test_the_first_account_is_told_once(site, tmp_path, capsys):
    """Pins name and password on the terminal, at the first start and no other."""
    fresh = replace(site, console=replace(site.console, users=str(tmp_path / 'new.yaml')))
    users = Users(users_file(fresh))
    ensure_users(fresh, users)
    said = capsys.readouterr().err
    password = next(line.split()[1] for line in said.splitlines() if 'password  ' in line)
    assert users.verify('operator', password).role == 'operator'
    ensure_users(fresh, users)
    assert capsys.readouterr().err == ''


def test_a_port_that_is_taken_names_the_key(site, cell, console):
    """Pins a mend instead of a traceback."""
    with pytest.raises(ConfigurationError, match='console.port'):
        Console(site, cell)


def test_no_log_no_console(site, cell, tmp_path):
    """Pins that who did what is never unwritten from the start."""
    (tmp_path / 'file').write_text('')
    wrong = replace(site, console=replace(site.console, audit=str(tmp_path / 'file' / 'log')))
    with pytest.raises(KeyFileError, match='audit'):
        Console(wrong, cell)


def test_the_page_is_served_with_its_types(visit):
    """Pins what a browser needs to run a module; nosniff forbids it to guess."""
    from lam_ws.console.app import PAGES
    browser, kinds = visit(''), {'.html': 'text/html', '.js': 'javascript', '.css': 'text/css',
                                 '.svg': 'image/svg+xml'}
    files = [path for path in PAGES.rglob('*') if path.suffix in kinds]
    for path in files:
        reply = browser.get(f'/{path.relative_to(PAGES)}')
        assert reply.status == 200 and kinds[path.suffix] in reply.headers['Content-Type']
        assert reply.headers['Cache-Control'] == 'no-cache' and reply.body == path.read_bytes()
        again = browser.send('GET', f'/{path.relative_to(PAGES)}',
                             headers={'If-None-Match': reply.headers['ETag']})
        assert again.status == 304


@pytest.fixture
def written(tmp_path):
    """Return a function: a console section -> (site, faults) of a site that has it."""
    from lam_ws.configuration import locate
    text = locate('config/sites', 'sim_demo').read_text()

    def check(section):
        path = tmp_path / 'sim_demo.yaml'
        path.write_text(text + yaml.safe_dump({'console': section}))
        site, faults = examine(path)
        return site, '\n'.join(map(str, faults))
    return check


def test_the_section_of_a_site_has_closed_defaults(written):
    """Pins that an empty section listens on the loopback device alone."""
    site, faults = written({})
    assert not faults and site.console == ConsoleSettings() and site.console.local
    assert url_of(site.console) == 'http://127.0.0.1:8600/'


@pytest.mark.parametrize('section, fault', [
    ({'host': '0.0.0.0'}, 'users.*lam users add'),
    ({'host': '0.0.0.0', 'users': 'u.yaml'}, 'hosts'),
    ({'host': '192.168.0.7', 'hosts': ['panel:8600']}, 'users'),
    ({'host': '::', 'hosts': ['panel:8600']}, 'users'),
    ({'host': 'panel'}, 'address'), ({'host': '999.1.1.1'}, 'address'),
    ({'port': 0}, 'port'), ({'port': 70000}, 'port'), ({'hosts': ['http://panel']}, 'hosts'),
    ({'hosts': ['*']}, 'hosts'), ({'https': True}, 'hosts'), ({'prot': 8600}, 'prot.*port'),
    ({'idle_minutes': 0}, 'idle_minutes')])
def test_a_section_that_opens_a_door_or_makes_no_sense_is_a_fault(written, section, fault):
    """Pins `lam check`: file, line, and what is missing before others may reach the console."""
    import re
    site, faults = written(section)
    assert site is None and re.search(rf'sim_demo.yaml:\d+.*{fault}', faults, re.DOTALL), faults


def test_behind_a_proxy_only_its_name_counts(site, cell):
    """Pins https: own Origin is https://NAME, and the cookie travels on no other way."""
    from console_browser import Browser
    behind = replace(site, console=replace(site.console, https=True, hosts=('panel.plant',)))
    console = Console(behind, cell)
    try:
        browser = Browser(site.console.port)
        assert browser.login('operator').status == 421
        browser.host, browser.origin = 'panel.plant', 'http://panel.plant'
        assert browser.login('operator').status == 403
        browser.origin = 'https://panel.plant'
        reply = browser.login('operator')
        assert reply.status == 200 and 'Secure' in reply.headers['Set-Cookie']
        assert browser.cookie.startswith('__Host-')
        assert browser.get('/api/me').status == 200
    finally:
        console.close()
