"""A server over real HTTP: how it is asked, and that nothing which it sends is believed."""
import gzip
import json
import threading
import time

from grounding.proposing.servers import CANDIDATES, chat, order, sent, serving
from hypothesis import given, settings, strategies
from lam_ws.errors import ConfigurationError
from lam_ws.grounding.factory.order import Step
from lam_ws.grounding.proposing.server import MOST_BYTES, Server
from lam_ws.language_model_file import LanguageModelSettings
import pytest

TEXT = '볼죠 빨강이 격리'
MEANT = (Step('pick_place', 'bj20r', 'quarantine'),)


def asked(url, deadline_s=5.0, **more):
    """Return what a server at `url` proposes."""
    return Server(LanguageModelSettings(url=url, **more)).propose(TEXT, CANDIDATES, deadline_s)


def formats(heard):
    """Return the response format of every request, '' for none."""
    return [body.get('response_format', {}).get('type', '') for _, _, body in heard]


def test_a_server_is_asked_for_ids_that_it_was_offered(monkeypatch):
    """Pins path, key, model, and a schema whose enumerations are the candidates."""
    monkeypatch.setenv('A_KEY', 'sesame')
    with serving(sent(body=chat(order({})))) as (url, heard):
        assert asked(f'{url}/', model='small', key_variable='A_KEY') == MEANT
    (path, headers, body), = heard
    assert path == '/v1/chat/completions' and headers['Authorization'] == 'Bearer sesame'
    assert body['model'] == 'small' and body['temperature'] == 0.0 and not body['stream']
    keys = body['response_format']['json_schema']['schema']['properties']['steps']['items'][
        'properties']
    assert keys['object']['enum'] == ['bj20r', 'quarantine', 'start_btn']
    assert keys['tool']['enum'] == ['', 'gripper_2f'] and keys['source']['enum'][0] == ''
    assert keys['count']['enum'] == [*map(str, range(1, 13)), 'all']


@pytest.mark.parametrize(('takes', 'tried'), [
    ('json_schema', ['json_schema']), ('json_object', ['json_schema', 'json_object']),
    ('', ['json_schema', 'json_object', ''])])
@pytest.mark.parametrize('status', [400, 422, 500, 200])
def test_what_a_server_takes_is_remembered(takes, tried, status):
    """Pins the three formats in turn: refused by a status, or taken and not heeded (200)."""
    def behave(handler, body):
        if body.get('response_format', {}).get('type', '') == takes:
            sent(body=chat(order({})))(handler, body)
        else:
            sent(status, chat('Sure! I would put it there.'))(handler, body)

    with serving(behave) as (url, heard):
        server = Server(LanguageModelSettings(url=url))
        assert server.propose(TEXT, CANDIDATES, 5.0) == MEANT and formats(heard) == tried
        assert server.propose(TEXT, CANDIDATES, 5.0) == MEANT and formats(heard)[-1] == takes
        assert len(heard) == len(tried) + 1


def test_a_server_that_comes_back_as_another_is_tried_anew():
    """Pins a server that took plain requests only and was updated meanwhile."""
    takes = ['']
    with serving(lambda handler, body: sent(
            *(200, chat(order({}))) if body.get('response_format', {}).get('type', '') == takes[0]
            else (400, b'no'))(handler, body)) as (url, heard):
        server = Server(LanguageModelSettings(url=url))
        assert server.propose(TEXT, CANDIDATES, 5.0) == MEANT
        takes[0] = 'json_schema'
        assert server.propose(TEXT, CANDIDATES, 5.0) is None
        assert server.propose(TEXT, CANDIDATES, 5.0) == MEANT


def drip(handler, _):
    """Answer one byte at a time, headers first, for ever."""
    for byte in b'HTTP/1.1 200 OK\r\nX-Padding: ' + b'a' * 60000:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.02)


def drip_body(handler, _):
    """Send headers at once and the body one byte at a time."""
    handler.send_response(200)
    handler.send_header('Content-Length', '60000')
    handler.end_headers()
    for _ in range(60000):
        handler.wfile.write(b' ')
        time.sleep(0.02)


@pytest.mark.parametrize('behave', [drip, drip_body, lambda *_: time.sleep(3.0)],
                         ids=['headers', 'body', 'nothing'])
def test_the_time_is_kept_whatever_a_server_does(behave):
    """Pins the budget of all attempts, and that nobody is left reading."""
    with serving(behave) as (url, _):
        began = time.monotonic()
        assert asked(url, 0.3) is None
        assert time.monotonic() - began < 1.0
        deadline = time.monotonic() + 2.0
        while any(one.name == 'proposer' for one in threading.enumerate()):
            assert time.monotonic() < deadline, 'somebody still reads'
            time.sleep(0.01)


def test_no_time_is_no_request():
    """Pins that a budget which is used up asks nobody."""
    with serving(sent(body=chat(order({})))) as (url, heard):
        assert asked(url, 0.0) is None and not heard


@pytest.mark.parametrize('behave', [
    sent(body=b'x' * 10_000_000), sent(body=chat('{' * 200_000)),
    sent(body=chat(order({}))[:-5]), sent(body=chat(order({})), Content_Length='10'),
    sent(body=b'\xff\xfe\x00{"choices": "\xed\xa0\x80"}'), sent(body=gzip.compress(chat(''))),
    sent(body=b''), sent(status=204), sent(body=b'null'), sent(body=b'[' * 100_000),
    sent(body=b'{"choices": []}'), sent(body=b'{"choices": [{"message": {"content": 3}}]}'),
    sent(status=401, body=chat(order({}))), sent(status=404), sent(status=429), sent(status=503),
    sent(status=200, body=chat(order({})), Transfer_Encoding='chunked'),
    lambda handler, _: handler.wfile.write(b'220 smtp.example ESMTP\r\n'),
    lambda handler, _: handler.wfile.write(b'HTTP/1.1 200 OK\r\n' + b'A: b\r\n' * 200 + b'\r\n'),
], ids=range(19))
def test_what_is_no_order_is_no_proposal(behave):
    """Pins too much, too little, no JSON, no UTF-8, no chat and no HTTP."""
    with serving(behave) as (url, _):
        assert asked(url) is None


def test_an_answer_just_small_enough_is_read():
    """Pins the bound on the size of an answer."""
    body = chat(order({}))
    for size, meant in ((MOST_BYTES, MEANT), (MOST_BYTES + 1, None)):
        with serving(sent(body=body + b' ' * (size - len(body)))) as (url, _):
            assert asked(url) == meant


def test_nobody_is_sent_to_another_host(monkeypatch):
    """Pins that a redirection is not followed, so that no key goes elsewhere."""
    monkeypatch.setenv('A_KEY', 'sesame')
    with serving(sent(body=chat(order({})))) as (there, heard):
        for status in (301, 302, 303, 307, 308):
            with serving(sent(status, Location=f'{there}/chat/completions')) as (url, _):
                assert asked(url, key_variable='A_KEY') is None
        assert not heard


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    """Pins that what an operator says goes to the address of the site and nowhere else."""
    with serving(sent(body=chat(order({})))) as (proxy, heard), \
            serving(sent(body=chat(order({})))) as (url, _):
        for name in ('http_proxy', 'HTTP_PROXY', 'all_proxy'):
            monkeypatch.setenv(name, proxy.removesuffix('/v1'))
        assert asked(url) == MEANT and not heard


def test_nobody_there_is_no_proposal():
    """Pins a port that is closed, and one that speaks no TLS."""
    with serving(sent(body=chat(order({})))) as (url, _):
        assert asked(url.replace('http:', 'https:')) is None
    assert asked(url) is None


@pytest.mark.parametrize('value', [None, '', '  ', 'a\nb', '열쇠'])
def test_a_key_that_is_none_is_named_at_the_start(monkeypatch, value):
    """Pins that no key is sent that would break a header, and that the variable is named."""
    monkeypatch.delenv('A_KEY', raising=False)
    if value is not None:
        monkeypatch.setenv('A_KEY', value)
    with pytest.raises(ConfigurationError, match='A_KEY'):
        Server(LanguageModelSettings(url='http://127.0.0.1:1/v1', key_variable='A_KEY'))


@pytest.fixture(scope='module')
def echo():
    """Return a server's proposal for any body that it answers with."""
    body = [b'']
    with serving(lambda handler, request: sent(body=body[0])(handler, request)) as (url, _):
        def propose(answer):
            body[0] = answer
            return asked(url)
        yield propose


@settings(max_examples=60, deadline=None)
@given(strategies.one_of(
    strategies.binary(max_size=300), strategies.text(max_size=200).map(chat),
    strategies.recursive(
        strategies.none() | strategies.text(max_size=5) | strategies.integers(),
        lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(
            strategies.sampled_from(['choices', 'message', 'content', 'steps', 'skill']), inner,
            max_size=3), max_leaves=12).map(lambda value: json.dumps(value).encode())))
def test_whatever_bytes_come_back_are_no_order(echo, body):
    """Pins that bytes, texts and JSON of any shape end as no proposal, and never as an error."""
    assert echo(body) is None
