"""The hub: newest first out, slow pages alone with their slowness, memory bounded."""
import asyncio
import time

from console_browser import until
from lam_ws.console.console import Person
from lam_ws.console.hub import framed, Hub, MOST, Viewer
from lam_ws.console.sessions import Session, Sessions
import pytest
from stand_in_cell import StandInCell


def session():
    """Return somebody's session."""
    return Session(Person('kim', 'operator'), 'token', 0.0, 0.0)


def test_of_what_waits_only_the_newest_is_sent_and_events_all():
    """Pins latest wins for states and pictures, and order of events."""
    async def run():
        viewer, sent = Viewer(session(), '', 1), []
        for number in range(100):
            viewer.show('state', f'state {number}')
            viewer.show('picture front', b'%d' % number)
            if number < 50:
                viewer.tell({'type': 'result', 'number': number})

        async def send(data):
            sent.append(data)
        task = asyncio.create_task(viewer.pump(send))
        await asyncio.sleep(0.05)
        task.cancel()
        assert sent[-2:] == ['state 99', b'99']
        assert sent[:-2] == [f'{{"type":"result","number":{n}}}' for n in range(50)]
        assert not viewer.over.is_set()
    asyncio.run(run())


def test_a_page_that_takes_nothing_is_let_go(monkeypatch):
    """Pins both ends of a stuck page: events that pile up, and a send that never ends."""
    monkeypatch.setattr('lam_ws.console.hub._STUCK_S', 0.1)

    async def run():
        viewer = Viewer(session(), '', 1)
        for number in range(1000):
            viewer.tell({'number': number})
        assert viewer.over.is_set() and len(viewer._events) <= 64

        async def never(data):
            await asyncio.Event().wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(viewer.pump(never), 5.0)
    asyncio.run(run())


def test_there_is_an_end_to_pages():
    """Pins the number of pages, and that a place that is left is free again."""
    async def run():
        cell = StandInCell()
        hub = Hub(cell, Sessions(time.monotonic, 9.0, 9.0, lambda name: 'operator'), 10.0)
        viewers = [hub.enter(session(), '') for _ in range(MOST + 5)]
        assert sum(one is not None for one in viewers) == MOST
        hub.leave(viewers[0])
        hub.leave(viewers[0])
        assert hub.enter(session(), '') is not None
    asyncio.run(run())


def test_a_page_that_stops_reading_does_not_delay_another(visit, cell):
    """Pins it on the wire: one page takes nothing out of its line; pictures come ten times a s."""
    with visit('viewer').socket(), visit().socket() as line:
        until(line, 'welcome')
        began, states, gaps = time.monotonic(), 0, []
        last_s = began
        while time.monotonic() - began < 3.0:
            until(line, 'state')
            gaps.append(time.monotonic() - last_s)
            last_s, states = time.monotonic(), states + 1
        assert states >= 15 and sorted(gaps)[len(gaps) // 2] < 0.2


def test_the_header_of_a_picture_says_where_the_picture_begins():
    """Pins the binary message that the page reads."""
    data = framed('wrist', 0.1234567, b'JPEG')
    length = int.from_bytes(data[:2], 'big')
    assert data[2:2 + length] == b'{"camera": "wrist", "age_s": 0.1235}' \
        and data[2 + length:] == b'JPEG'
