"""How every counterpart follows the guard, by `lam arm bench`; docs/results/arms.{json,md}.

    python test/arm_figures.py --write              measures, and writes both
    python test/arm_figures.py --page               writes the page from what was measured before

One after the other, each in a process of its own, as an integrator would measure his arm.
"""
import argparse
import json
from pathlib import Path
import subprocess
import sys
import tempfile

from arm_peers import counterpart, MODELS
from lam_ws.nodes.environment import free_domain

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / 'docs' / 'results'
WHO = {
    'joint_trajectory': 'a trajectory controller on Cyclone DDS, no ROS node (written here)',
    'franka': 'franka-sim 1.1.7, limits enforced',
    'fanuc': 'FakeCRXController of airo-fanuc 0.1.0',
    'indy': "a gRPC server from neuromeka 3.5's own definitions (written here)",
    'trossen': 'trossen-arm-sim 0.2.3'}


def measured(name, seconds):
    """Return what `lam arm bench` says of one counterpart."""
    with tempfile.TemporaryDirectory() as folder, free_domain() as domain, \
            counterpart(name, Path(folder), domain) as (site, _):
        done = subprocess.run(
            [sys.executable, '-m', 'lam_ws', 'arm', 'bench', '--json', '--yes', '--site',
             str(site.path), '--domain', str(domain), '--seconds', str(seconds)], cwd=ROOT,
            capture_output=True, text=True, timeout=seconds + 60.0)
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        return json.loads(done.stdout)


def page(figures, coupled):
    """Return docs/results/arms.md."""
    def shown(value, digits=1):
        return '-' if value is None else f'{value:.{digits}f}'
    rows = [f'| {name} | {MODELS[name]} | {WHO[name]} | {shown(one["period_p50_ms"], 2)} / '
            f'{shown(one["period_p99_ms"], 2)} | {shown(one["command_p99_ms"], 2)} | '
            f'{shown(one["lag_ms"], 0)} | {shown(1e3 * one["rms_rad"], 2)} | '
            f'{one["commands"]} / {one["refused"]} / {one["faults"]} |'
            for name, one in figures.items()]
    runs = [f'| {name} | {one["model"]} | {one["succeeded"]} of {one["runs"]} | '
            + ', '.join(f'{row["seconds"]:.0f}' for row in one['episodes']) + ' |'
            for name, one in coupled.items()]
    stopped = json.loads((RESULTS / 'coupled_stops.json').read_text())
    stops = [f'| {name} | `{one["reason"]}` | {one["told_ms"]:.0f} | {one["rested_ms"]:.0f} | '
             f'{one["operator_rested_ms"]:.0f} |' for name, one in stopped.items()]
    text = Path(__file__).with_name('arm_page.md').read_text(encoding='utf-8')
    for mark, lines in (('figures', rows), ('coupled', runs), ('stops', stops)):
        text = text.replace(f'{{{mark}}}', '\n'.join(lines))
    return text


def main():
    """Measure, or write the page anew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--only', nargs='+', choices=tuple(WHO), default=tuple(WHO))
    parser.add_argument('--seconds', type=float, default=30.0)
    parser.add_argument('--write', action='store_true')
    parser.add_argument('--page', action='store_true')
    given = parser.parse_args()
    file = RESULTS / 'arms.json'
    figures = json.loads(file.read_text()) if file.is_file() else {}
    for name in () if given.page else given.only:
        figures[name] = measured(name, given.seconds)
        print(name, figures[name], flush=True)
        if given.write:
            file.write_text(json.dumps(figures, indent=1) + '\n', encoding='utf-8')
    if given.write or given.page:
        coupled = json.loads((RESULTS / 'coupled.json').read_text())
        (RESULTS / 'arms.md').write_text(page(figures, coupled), encoding='utf-8')


if __name__ == '__main__':
    main()
