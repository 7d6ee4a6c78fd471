"""Random arrangements of a cell for stills: parts, arm and hinges anywhere they may be seen.

A cell with a drawn scene and a random generator enter; the same cell, rearranged, leaves.
"""
from typing import Any

from lam_ws.geometry import Chain, downward, pose, rotation_x, translation
from lam_ws.perception.model import PARTS
from lam_ws.sim.cell import Cell
from lam_ws.sim.fixtures import BELT, PRESS, TURN
from lam_ws.sim.truth import Thing, things
from lam_ws.types import Array
import numpy as np

LYING = 0.15         # share of the upright cylinders that fell over
PLACED = 0.25        # share of the parts that already are in a place
STACKED = 0.25       # share of the boxes that stand on the box before them
HELD = 0.2           # share of the stills with a part in the hand
SPREAD = {'bin': 0.05, 'crate': 0.08}   # m around a place's centre where a part may lie
HOSTS = {'bin', 'crate', 'slot', 'nest', 'socket', 'pad'}


def rearrange(cell: Cell, rng: np.random.Generator) -> None:
    """Put parts, hinges and arm at random places."""
    for index, fixture in enumerate(cell.truth()['fixtures']):
        cell.set_fixture(index, _hinge_value(fixture['kind'], rng))
    truth = cell.truth()
    places = [thing for thing in things(truth) if thing.kind not in PARTS]
    spots = _spots(cell, truth, rng)
    for i, part in enumerate(cell.draw.parts):
        lies = part.shape == 'cylinder' and part.size[2] > part.size[0] \
            and rng.random() < LYING
        height = part.size[0 if lies else 2]
        spots[i][2, 3] += height / 2
        hosts = [place for place in places if place.kind in HOSTS]
        if hosts and rng.random() < PLACED:
            spot = _in_place(hosts[rng.integers(len(hosts))], height, rng)
            if all(np.hypot(*(spot[:2, 3] - other[:2, 3])) > 0.055 for other in spots[:i]):
                spots[i] = spot
        elif i and not lies and part.shape == cell.draw.parts[i - 1].shape == 'box' \
                and rng.random() < STACKED:
            spots[i] = _on_top(spots[i - 1], cell.draw.parts[i - 1], height, rng)
        if lies:
            spots[i] = spots[i] @ rotation_x(np.pi / 2)
    for i, spot in enumerate(spots):
        cell.place_part(i, spot)
    _pose_arm(cell, rng, [spot[:3, 3] for spot in spots], [place.surface for place in places])


def _hinge_value(kind: str, rng: np.random.Generator) -> float:
    """Return where a hinge may stand: mostly at its ends."""
    if kind == 'clamp':
        return float(rng.choice([0.0, TURN, rng.uniform(0.0, TURN)], p=[0.4, 0.4, 0.2]))
    return float(rng.uniform(0.0, PRESS)) if kind == 'button' and rng.random() < 0.1 else 0.0


def _spots(cell: Cell, truth: dict[str, Any], rng: np.random.Generator) -> list[Array]:
    """Return poses on the table, the belt or in the crate for all parts, z at their underside."""
    belt = next((one for one in truth['fixtures'] if one['speed']), None)
    crate = next((one for one in truth['fixtures'] if one['kind'] == 'crate'), None)
    taken = [] if belt or crate else [np.array(one['position'][:2]) for one in truth['fixtures']
                                      if one['kind'] not in ('line', 'stripe')]
    apart, poses = 0.06 if crate else 0.075, []
    for _ in cell.draw.parts:
        for _ in range(60):
            xy, z = _spot(belt, crate, rng)
            if all(np.hypot(*(xy - other)) > apart for other in taken):
                break
        taken.append(xy)
        poses.append(pose([*xy, z], [0, 0, rng.uniform(-np.pi, np.pi)]))
    return poses


def _spot(belt: dict[str, Any] | None, crate: dict[str, Any] | None,
          rng: np.random.Generator) -> tuple[Array, float]:
    """Return xy [2] m and the height m there."""
    if belt is not None:
        off = rng.uniform([-0.03, -BELT[1] / 2], [0.03, BELT[1] / 2])
        return np.array(belt['position'][:2]) + off, BELT[2]
    if crate is not None:
        return np.array(crate['position'][:2]) + rng.uniform(-0.09, 0.09, 2), 0.004
    return rng.uniform([0.35, -0.20], [0.66, 0.20]), 0.0


def _in_place(place: Thing, height: float, rng: np.random.Generator) -> Array:
    """Return a pose in or above a place."""
    spread = SPREAD.get(place.kind, 0.012)
    xy = place.surface[:2] + rng.uniform(-spread, spread, 2)
    yaw = rng.uniform(-np.pi, np.pi)
    if place.yaw is not None and place.kind not in SPREAD and rng.random() < 0.7:
        yaw = place.yaw + rng.normal(0, 0.1)
    lift = 0.006 if place.kind in SPREAD else 0.002
    return pose([*xy, place.surface[2] + height / 2 + lift], [0, 0, yaw])


def _on_top(below: Array, part: Any, height: float, rng: np.random.Generator) -> Array:
    """Return a pose on top of another part."""
    xy = below[:2, 3] + rng.uniform(-0.008, 0.008, 2)
    top = below[2, 3] + part.size[2] / 2
    return pose([*xy, top + height / 2], [0, 0, rng.uniform(-np.pi, np.pi)])


def _pose_arm(cell: Cell, rng: np.random.Generator, parts: list[Array],
              places: list[Array]) -> None:
    """Put the arm near home, or over a part or a place, perhaps with a part in the hand."""
    spec, chain = cell.spec, Chain(cell.spec)
    held = int(rng.integers(len(parts))) if parts and rng.random() < HELD else -1
    q = spec.home.copy()
    q[:-1] += rng.uniform(-0.05, 0.05, len(q) - 1)
    if held >= 0 or rng.random() < 0.6:
        X = _tool_pose(rng, parts, places)
        q[:-1] = chain.inverse(X[None], spec.home[:-1], 15)[0][0]
        q[-1] = rng.uniform(0.0, spec.limits.upper[-1])
        if held >= 0:
            part = cell.draw.parts[held]
            X = chain.forward(q[:-1])
            below = part.size[2] / 2 - part.grip.z   # of the grip under the part's middle
            cell.place_part(held, X @ translation([0, 0, -below]) @ rotation_x(np.pi))
            q[-1] = part.grip.width
    cell.place_arm(q)


def _tool_pose(rng: np.random.Generator, parts: list[Array], places: list[Array]) -> Array:
    """Return a tool pose near a part, over a place or anywhere."""
    yaw = rng.uniform(-np.pi / 2, np.pi / 2)
    where = rng.random()
    if parts and where < 0.35:
        centre = parts[rng.integers(len(parts))] + rng.normal(0, 0.03, 3)
        return downward([*centre[:2], 0.015 + rng.uniform(0, 0.15)], yaw)
    if places and where < 0.55:
        centre = places[rng.integers(len(places))] + rng.normal(0, 0.03, 3)
        return downward([*centre[:2], rng.uniform(0.05, 0.25)], yaw)
    return downward(rng.uniform([0.30, -0.35, 0.06], [0.66, 0.35, 0.42]), yaw)
