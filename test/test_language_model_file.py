"""What `lam check` says of a site's language model, before anybody is asked anything."""
from lam_ws.resources import share
from lam_ws.site import examine, load_site
from lam_ws.testing.site import examine_site
import pytest


def site(tmp_path, section, name='sim_sort'):
    """Return the file of a site with a section of language_model."""
    text = (share() / 'config' / 'sites' / f'{name}.yaml').read_text(encoding='utf-8')
    path = tmp_path / f'{name}.yaml'
    path.write_text(text + f'language_model: {section}\n', encoding='utf-8')
    return path


@pytest.mark.parametrize('section', [
    '{url: "http://127.0.0.1:11434/v1", model: "qwen3:4b"}', '{url: "http://[::1]:8080/v1"}',
    '{url: "http://localhost:8080/v1/"}', '{path: /models/small, timeout_s: 20}',
    '{url: "https://api.example.com/v1beta/openai", key_variable: A_KEY}',
    '{url: "http://10.0.0.7:8000/v1", plaintext: true}'])
def test_a_language_model_is_read(tmp_path, section):
    """Pins servers of this host, encrypted ones, ones that are allowed, and folders."""
    settings = load_site(site(tmp_path, section)).language_model
    assert settings is not None and (settings.url is None) == (settings.path is not None)


def test_no_site_has_one_unasked():
    """Pins that it is off by default."""
    for path in sorted((share() / 'config' / 'sites').glob('*.yaml')):
        assert load_site(path).language_model is None


@pytest.mark.parametrize(('section', 'words'), [
    ('{model: x}', 'needs either url'), ('{url: "http://localhost/v1", path: x}', 'needs either'),
    ('{url: "http://10.0.0.7:8000/v1"}', '10.0.0.7 is another host: use https'),
    ('{url: "http://127.0.0.1.example.com/v1"}', 'is another host'),
    ('{url: "http://localhost.example.com/v1"}', 'is another host'),
    ('{url: "http://0.0.0.0/v1"}', 'is another host'),
    ('{url: "ftp://127.0.0.1/v1"}', 'must be http'), ('{url: "127.0.0.1:80"}', 'must be http'),
    ('{url: "http://"}', 'must be http'), ('{url: "http://[::1/v1"}', 'is no address'),
    ('{url: "http://127.0.0.1:99999/v1"}', 'is no address'),
    ('{url: "http://127.0.0.1/v1 x"}', 'must be http'),
    ('{url: "https://한국.example/v1"}', 'must be http'),
    ('{url: "https://me:secret@example.com/v1"}', 'must carry no user'),
    ('{url: "https://example.com/v1?key=secret"}', 'must carry no user'),
    ('{url: "https://example.com/v1", key: secret}', "unknown key 'key'"),
    ('{url: "https://example.com/v1", key_variable: "sk-12 34"}', 'a name of letters'),
    ('{path: x, model: y}', 'belongs to a server'),
    ('{url: "http://localhost/v1", timeout_s: 0}', 'greater than 0'),
    ('{url: "http://localhost/v1", timeout_s: 61}', 'at most 60')])
def test_wrong_settings_are_named(tmp_path, section, words):
    """Pins what would leak a key or an operator's words, and what is no address."""
    path = site(tmp_path, section)
    found, faults = examine(path)
    assert found is None and words in str(faults[0]) and faults[0].line is not None
    assert 'secret@' not in str(faults[0])


@pytest.mark.parametrize(('name', 'section', 'words'), [
    ('sim_sort', '{path: /no/such/folder}', 'has no *.safetensors'),
    ('sim_sort', '{url: "http://localhost/v1", key_variable: NO_SUCH_KEY}', 'NO_SUCH_KEY'),
    ('sim_demo', '{url: "http://localhost/v1"}', 'is a vocabulary')])
def test_a_check_tries_it(tmp_path, monkeypatch, name, section, words):
    """Pins what only shows when the model is loaded, at the line that names it."""
    monkeypatch.delenv('NO_SUCH_KEY', raising=False)
    fault, = examine_site(site(tmp_path, section, name)).faults
    assert words in str(fault) and fault.line is not None
