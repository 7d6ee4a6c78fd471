"""How soon the arm brakes: after STOP in a loaded page, and after an operator is lost.

    python test/console_timing.py --out docs/results/console.json

A real cell and a real Chromium enter, times from the event to the first command that brakes
leave, as JSON and as a page of results beside it. Commands are read from the topic that the arm
reads, in this process, so a delay of this reader counts against the result. Not a test: it takes
minutes and belongs on a machine that does nothing else.
"""
import argparse
from contextlib import contextmanager
import json
import os
from pathlib import Path
import platform
import random
import signal
import statistics
import tempfile
import threading
import time

import chromium
from chromium import eventually, OwnBrowser
import console_cell

PUSH = '.push[data-axis="0"][data-direction="{}"]'
# A gamepad whose stick trembles, as one in a hand does; the page looks at it 30 times a second.
GAMEPAD = """() => {
  const buttons = Array.from({ length: 17 }, () => ({ pressed: false, value: 0 }));
  window.pad = { mapping: 'standard', buttons, way: 0,
    get axes() { return [0, -this.way, 0, 1e-3 * Math.random()]; } };
  navigator.getGamepads = () => [window.pad];
  window.dispatchEvent(new Event('gamepadconnected'));
  window.downs = [];
  window.addEventListener('pointerdown', (event) =>
    window.downs.push(Date.now() - performance.now() + event.timeStamp), true);
}"""
PUSHED = """(way) => { window.pad.way = way;
  window.pad.buttons[4] = { pressed: way !== 0, value: Number(way !== 0) }; }"""
STEADY_S = 0.9           # of jogging until the arm has its speed
LEAST = 0.05             # rad/s, of a motion that is worth braking
LOSSES = ('tab closed', 'window left', 'browser killed', 'browser stopped')


PAGE = """# How soon the arm brakes: the console

`python test/console_timing.py --out docs/results/console.json`: a real cell (site `sim_demo`), a \
real Chromium without a window, {load}. From the event to the first command, on the topic that \
the arm reads, of the fall that ends in standstill. The page shows two cameras and the moving arm \
in 3-D (drawn by software) and jogs a joint at 0.3 rad/s; STOP is clicked during a jog by \
gamepad, the operator is lost during a jog by a pointer that is held still. An event that finds \
the arm braking already, as happens on an overloaded machine, is not counted.

| event | n | p50 ms | p95 ms | max ms |
|---|---:|---:|---:|---:|
{lines}

*Browser stopped* is SIGSTOP to the browser's main process: its pages are processes of their own, \
and their timers go on. What ends the hold is that the main process no longer answers \
(`lam_ws/console/static/hold.js`).
"""


class Commands:
    """What the arm is told: (s since 1970, largest joint speed rad/s) of every command."""

    def __init__(self, domain):
        from lam_ws.nodes import nodes
        from lam_ws.nodes.environment import enter
        enter(domain)
        import rclpy
        from trajectory_msgs.msg import JointTrajectory
        rclpy.init(domain_id=domain)
        self.heard = []
        self._rclpy, self._node = rclpy, rclpy.create_node('timing', namespace='cell')
        self._node.create_subscription(JointTrajectory, nodes.COMMAND, self._hear, nodes.RELIABLE)
        threading.Thread(target=rclpy.spin, args=(self._node,), daemon=True).start()

    def _hear(self, message):
        speeds = message.points[0].velocities
        self.heard.append((time.time(), max(map(abs, speeds[:-1]))))

    def speed(self):
        """Return the newest."""
        return self.heard[-1][1] if self.heard else 0.0

    def close(self):
        """Leave."""
        self._rclpy.shutdown()

    def braked_s(self, event_s):
        """Return from the event to the first command of the fall that ends in standstill.

        None where the arm was braking already, which a loaded machine makes it do.
        """
        rows = [row for row in list(self.heard) if row[0] > event_s - 0.3]
        fallen = next(i for i, (at, speed) in enumerate(rows)
                      if at > event_s and speed < LEAST / 2)
        top = max(speed for _, speed in rows[:fallen])
        last = max(i for i in range(fallen) if rows[i][1] >= 0.98 * top)
        braked_s = rows[last + 1][0] - event_s
        return braked_s if braked_s >= 0.0 else None


@contextmanager
def operator(kind, url):
    """Give a window in which an operator has the arm in the hand, joints chosen."""
    window = OwnBrowser(kind)
    try:
        window.log_in(url)
        ready(window)
        yield window
    finally:
        window.close()


def ready(window):
    """Have the guard armed and the arm in the hand."""
    page = window.page
    page.click('#tab-move')

    def holds():
        state = page.get_attribute('#guard', 'data-state')
        for button, at in (('#reset', 'stopped'), ('#arm', 'disarmed')):
            if state == at:
                window.poke(button)
        if state in ('armed', 'running') and page.is_visible('#take'):
            window.poke('#take')
        page.wait_for_timeout(300)
        return state in ('armed', 'running') and \
            page.get_attribute('#hand', 'data-mine') == 'true'
    assert eventually(holds, 60.0)
    page.check('input[name=mode][value=joint]', force=True)
    page.check('input[name=speed][value="0.5"]', force=True)


def stop_once(window, commands, direction, wait_s):
    """Jog by gamepad, click STOP, return s from the click to the command that brakes."""
    page = window.page
    box = page.locator('#stop').bounding_box()
    page.mouse.move(box['x'] + box['width'] / 2, box['y'] + box['height'] / 2)
    page.evaluate(PUSHED, direction)
    time.sleep(STEADY_S + wait_s)
    moving = commands.speed() >= LEAST
    if moving:
        page.mouse.down()
        page.mouse.up()
    page.evaluate(PUSHED, 0)
    if not moving:   # a loaded machine let go of the hold
        return None
    assert eventually(lambda: commands.speed() < 1e-3, 20.0)
    time.sleep(0.1)
    return commands.braked_s(page.evaluate('window.downs.at(-1)') / 1000.0)


def measure_stops(kind, url, commands, count):
    """Return s of `count` stops."""
    with operator(kind, url) as window:
        window.page.evaluate(GAMEPAD)
        found, direction, chance = [], 1, random.Random(1)
        while len(found) < count:
            taken = stop_once(window, commands, direction, 0.1 * chance.random())
            if taken is not None:
                found.append(taken)
                direction = -direction
                print(f'  stop {len(found)}: {1e3 * taken:.0f} ms', flush=True)
            ready(window)
        return found


def lose(window, how):
    """Lose the operator; return when, s since 1970."""
    at = time.time()
    if how == 'tab closed':
        window.page.close()
    elif how == 'window left':
        window.page.evaluate("""() => { for (const name of ['blur', 'visibilitychange']) {
            window.addEventListener(name, () => { window.left ??= Date.now(); }, true); } }""")
        talk = window.context.new_cdp_session(window.page)
        talk.send('Emulation.setFocusEmulationEnabled', {'enabled': False})
        at = time.time()
        window.context.new_page().bring_to_front()
        assert eventually(lambda: window.page.evaluate('window.left')), 'it was not left'
    else:
        process = window.process()
        at = time.time()
        os.kill(process, signal.SIGKILL if how == 'browser killed' else signal.SIGSTOP)
    return at


def measure_loss(kind, url, commands, how, count):
    """Return s from the loss to the command that brakes, of a pointer that is held still."""
    found, direction = [], 1
    while len(found) < count:
        with operator(kind, url) as window:
            window.press(PUSH.format(direction))
            time.sleep(STEADY_S + 0.1 * random.random())
            if commands.speed() < LEAST:
                continue
            at = lose(window, how)
            assert eventually(lambda: commands.speed() < 1e-3, 20.0), f'{how}: it goes on'
            time.sleep(0.1)
            taken = commands.braked_s(at)
        if taken is None:
            continue
        found.append(taken)
        direction = -direction
        print(f'  {how} {len(found)}: {1e3 * found[-1]:.0f} ms', flush=True)
    return found


def told(times):
    """Return a summary of times, ms."""
    ms = sorted(round(1e3 * value, 1) for value in times)
    rank = max(0, -(-95 * len(ms) // 100) - 1)
    return {'n': len(ms), 'p50_ms': statistics.median(ms), 'p95_ms': ms[rank], 'max_ms': ms[-1],
            'all_ms': ms}


def main():
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument('--out', type=Path, required=True, help='JSON file; .md beside it')
    options.add_argument('--stops', type=int, default=50)
    options.add_argument('--losses', type=int, default=5, help='of each kind')
    given = options.parse_args()
    if chromium.missing():
        raise SystemExit(chromium.missing())
    from lam_ws.nodes.environment import free_domain
    result = {'cores': os.cpu_count(), 'python': platform.python_version(),
              'load_before': round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder, free_domain() as domain, \
            console_cell.running(Path(folder), domain) as url, chromium.engine() as kind:
        commands = Commands(domain)
        result['stop'] = told(measure_stops(kind, url, commands, given.stops))
        result['loss'] = {how: told(measure_loss(kind, url, commands, how, given.losses))
                          for how in LOSSES}
        commands.close()
    result['load_after'] = round(os.getloadavg()[0], 1)
    given.out.write_text(json.dumps(result, indent=1) + '\n', encoding='utf-8')
    given.out.with_suffix('.md').write_text(page_of(result), encoding='utf-8')


def page_of(result):
    """Return the results as a page."""
    rows = [('STOP clicked, page under load', result['stop']), *result['loss'].items()]
    lines = '\n'.join(f'| {name} | {row["n"]} | {row["p50_ms"]:.0f} | {row["p95_ms"]:.0f} | '
                      f'{row["max_ms"]:.0f} |' for name, row in rows)
    load = (f'{result["cores"]} cores with a load of {result["load_before"]} before and '
            f'{result["load_after"]} after')
    return PAGE.format(load=load, lines=lines)


if __name__ == '__main__':
    main()
