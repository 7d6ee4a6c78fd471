"""A cell that only remembers what it was asked, for tests of the web server."""
from concurrent.futures import Future
import time

from lam_ws.console.console import Answer, Picture
from lam_ws.site import load_site

JPEG = b'\xff\xd8\xff\xe0' + b'x' * 20_000 + b'\xff\xd9'


def done(answer=None):
    """Return a future that is done."""
    future = Future()
    future.set_result(Answer(True, ko='됨', en='done') if answer is None else answer)
    return future


class StandInCell:
    """Keeps the contract `lam_ws.console.console.Cell`."""

    def __init__(self):
        self.asked, self.stops, self.jogs, self.released = [], [], [], []
        self.answer, self.tell, self.shown, self.pictures = None, None, 0, True

    def facts(self):
        """Return a site."""
        site = load_site('sim_demo')
        return {'name': site.name, 'language': 'ko',
                'cameras': [{'name': 'front', 'width': 256, 'height': 192, 'rate_hz': 10.0}],
                'joints': [{'name': name, 'lower': -1.0, 'upper': 1.0}
                           for name in site.arm.names[:-1]]}

    def urdf(self):
        """Return an arm."""
        return '<robot name="none"/>'

    def state(self):
        """Return a state that has a number which JSON has not."""
        self.shown += 1
        return {'time_s': time.monotonic(), 'joints': {'names': ['a'], 'position': [0.5],
                                                       'velocity': [float('nan')]},
                'guard': {'state': 'armed', 'reason': '', 'text': {'ko': '', 'en': ''}},
                'teleop': {'holder': ''}}

    def health(self):
        """Return one node."""
        return {'nodes': [{'name': 'guard', 'level': 'ok', 'text': 'active'}]}

    def history(self):
        """Return nothing."""
        return []

    def picture(self, camera, after):
        """Return another picture each time."""
        return Picture(after + 1, 0.01, JPEG) if self.pictures else None

    def stop(self, person):
        """Remember when."""
        self.stops.append((time.monotonic(), person))
        return done()

    def ask(self, wish, person):
        """Remember what."""
        self.asked.append((wish, person))
        return self.answer if isinstance(self.answer, Future) else done(self.answer)

    def jog(self, jog):
        """Remember it."""
        self.jogs.append((time.monotonic(), jog))

    def release(self):
        """Remember when."""
        self.released.append(time.monotonic())

    def leave(self):
        """Remember when."""
        self.released.append(time.monotonic())

    def recent(self):
        """Return nothing."""
        return []

    def attach(self, tell):
        """Keep it."""
        self.tell = tell
