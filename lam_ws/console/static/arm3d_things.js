// Bodies of the three-dimensional picture: the bench, the paint of the arm, what perception sees.

import * as THREE from './vendor/three.min.js';

const COLOURS = { red: 0xc8362f, green: 0x2f9153, blue: 0x2f62c0, yellow: 0xe0b022,
  black: 0x25292e, white: 0xf2f3f4, orange: 0xdd7a26, purple: 0x7b4bb0, grey: 0x8a9099 };
const RINGS = ['bin', 'tray', 'box', 'fixture'];

/** Return the bench with a grid of 100 mm. */
export function bench() {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const [plane, line, thin] = dark ? [0x57626d, 0x75818d, 0x66717c]
    : [0xc9cfd6, 0x8d97a3, 0xaab3bd];
  const group = new THREE.Group();
  const top = new THREE.Mesh(new THREE.PlaneGeometry(1.4, 1.4),
    new THREE.MeshLambertMaterial({ color: plane }));
  top.position.set(0.3, 0, -0.002);
  const grid = new THREE.GridHelper(1.4, 14, line, thin);
  grid.rotation.x = Math.PI / 2;
  grid.position.set(0.3, 0, 0);
  group.add(top, grid);
  return group;
}

/** Make what a URDF reader gives cheap to draw: no gloss. */
export function paint(robot) {
  robot.traverse((part) => {
    if (!part.isMesh) return;
    const old = Array.isArray(part.material) ? part.material[0] : part.material;
    part.material = new THREE.MeshLambertMaterial({ color: old.color ?? 0xb9c0c8 });
  });
}

const EDGE = new THREE.LineBasicMaterial({ color: 0x39434e, transparent: true, opacity: 0.55 });
const FLAT = ['bar', 'tie_rod', 'busbar'];
const SQUARE = ['cube', 'carton', 'pump_body'];

// A solid with its edges drawn, so that white stands out from a light bench.
function solid(geometry, colour) {
  const group = new THREE.Group();
  group.add(new THREE.Mesh(geometry, new THREE.MeshLambertMaterial({ color: colour })),
    new THREE.LineSegments(new THREE.EdgesGeometry(geometry, 30), EDGE));
  return group;
}

// A bin is told by the middle of its floor.
function bin(colour) {
  const [side, wall, height] = [0.14, 0.008, 0.05];
  const group = new THREE.Group();
  for (const [x, y, wide, deep] of [[side / 2, 0, wall, side], [-side / 2, 0, wall, side],
    [0, side / 2, side, wall], [0, -side / 2, side, wall]]) {
    const board = solid(new THREE.BoxGeometry(wide, deep, height), colour);
    board.position.set(x, y, height / 2);
    group.add(board);
  }
  return group;
}

/** Return a body for one detection {kind, colour, position}: bins are open, the rest is solid. */
export function thing({ kind, colour, position }) {
  const paint_of = COLOURS[colour] ?? COLOURS.grey;
  let group;
  if (RINGS.includes(kind)) group = bin(paint_of);
  else if (FLAT.includes(kind)) group = solid(new THREE.BoxGeometry(0.076, 0.03, 0.03), paint_of);
  else if (SQUARE.includes(kind)) group = solid(new THREE.BoxGeometry(0.04, 0.04, 0.04), paint_of);
  else {
    const round = new THREE.CylinderGeometry(0.02, 0.02, 0.048, 24);
    group = solid(round.rotateX(Math.PI / 2), paint_of);
  }
  group.position.set(...position);
  return group;
}

/** Give back what the bodies of a group hold on the graphics card. */
export function dispose(group) {
  group.traverse((part) => part.geometry?.dispose());
}
