"""`lam sim urdf|picture`: what the simulated cell is made of, as files one can look at.

`urdf` prints the URDF that is generated from an arm's DH table; `picture` renders a random
scene of a site as a PNG, larger than any policy sees it.
"""
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
import sys

from lam_ws.camera_file import pinhole
from lam_ws.geometry import look_at
from lam_ws.site import CameraSpec, load_arm, load_site, Site
from lam_ws.verbs import parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Write a URDF or a picture."""
    options = parser('sim', 'Show what the simulated cell is made of.')
    options.add_argument('what', choices=('urdf', 'picture'))
    options.add_argument('--arm', default='fr3', help='arm of config/arms, for urdf')
    options.add_argument('--site', default='sim_demo', help='site, for picture')
    options.add_argument('--scene', help="file of sim/scenes, for picture (default: the site's)")
    options.add_argument('--seed', type=int, help="of the draw, for picture (default: the site's)")
    options.add_argument('--out', type=Path, help='file (urdf: default is stdout)')
    given = options.parse_args(arguments)
    if given.what == 'urdf':
        from lam_ws.sim.urdf import arm_urdf
        text = arm_urdf(load_arm(given.arm))
        if given.out is None:
            sys.stdout.write(text)
            return 0
        given.out.write_text(text)
    else:
        given.out = given.out or Path('out/cell.png')
        _picture(load_site(given.site), given.scene, given.seed, given.out)
    if given.json:
        print_json({'written': str(given.out)})
    else:
        print(given.out)
    return 0


def _picture(site: Site, scene: str | None, seed: int | None, path: Path) -> None:
    from lam_ws.record.image import png
    from lam_ws.sim.camera import composite
    from lam_ws.sim.cell import Cell
    from lam_ws.sim.tasks.suite import staged
    site = staged(site, scene) if scene is not None else site
    visitor = CameraSpec('visitor', 'base', 1280, 800, pinhole(1280, 800, 44.0),
                         look_at([1.55, -0.85, 0.95], [0.32, 0.0, 0.30]), 1.0)
    cell = Cell(replace(site, cameras=(visitor,)), seed)
    try:
        model = cell.camera_models()['visitor']
        pixels = composite(*cell.shoot(model))
    finally:
        cell.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(pixels))
