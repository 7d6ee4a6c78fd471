// The arm as it stands, from its URDF and the measured joints, and what perception sees around it.
// A picture is made only when something in it changed, at most 15 times a second.

import { at, write } from './dom.js';
import { get, on } from './state.js';
import { onLanguage, say } from './words.js';
import { bench, dispose, paint, thing } from './arm3d_things.js';
import * as THREE from './vendor/three.min.js';

const PERIOD_MS = 66;
const EYE = [1.62, -1.3, 1.05];
const CENTRE = [0.3, 0, 0.36];
const MOVED = 1e-4;          // rad or m that can be seen

let renderer, scene, camera, controls, robot, things;
let drawn = [];
let wanted = false;
let lastAt = 0;

function want() {
  if (wanted || !renderer || document.hidden) return;
  wanted = true;
  const wait_ms = Math.max(0, PERIOD_MS - (performance.now() - lastAt));
  setTimeout(() => requestAnimationFrame(render), wait_ms);
}

function render() {
  wanted = false;
  lastAt = performance.now();
  renderer.render(scene, camera);
}

function build() {
  const canvas = at('arm-view');
  renderer = new THREE.WebGLRenderer({ canvas, antialias: true, alpha: true });
  renderer.setPixelRatio(Math.min(window.devicePixelRatio, 1.5));
  THREE.Object3D.DEFAULT_UP.set(0, 0, 1);
  scene = new THREE.Scene();
  camera = new THREE.PerspectiveCamera(38, 1, 0.05, 12);
  camera.up.set(0, 0, 1);
  controls = new THREE.OrbitControls(camera, canvas);
  controls.enablePan = false;
  controls.minDistance = 0.5;
  controls.maxDistance = 4;
  controls.addEventListener('change', want);
  scene.add(new THREE.HemisphereLight(0xffffff, 0x8a94a0, 2.2));
  const sun = new THREE.DirectionalLight(0xffffff, 1.8);
  sun.position.set(1.5, -1, 2.5);
  scene.add(sun, bench());
  things = new THREE.Group();
  scene.add(things);
  new ResizeObserver(fit).observe(canvas.parentElement);
  look();
}

function fit() {
  const { clientWidth: width, clientHeight: height } = at('arm-view').parentElement;
  if (!width || !height) return;
  renderer.setSize(width, height, false);
  camera.aspect = width / height;
  camera.updateProjectionMatrix();
  want();
}

function look() {
  camera.position.set(...EYE);
  controls.target.set(...CENTRE);
  controls.update();
  want();
}

async function load() {
  const { default: URDFLoader } = await import('./vendor/urdf-loader.min.js');
  const answer = await fetch('/api/arm.urdf', { credentials: 'same-origin' });
  if (!answer.ok) return;
  const manager = new THREE.LoadingManager();
  manager.onLoad = want;
  const loader = new URDFLoader(manager);
  loader.workingPath = '/api/';
  const next = loader.parse(await answer.text());
  paint(next);
  if (robot) scene.remove(robot);
  robot = next;
  scene.add(robot);
  drawn = [];
  at('arm-note').hidden = true;
  pose(get('joints'));
}

function pose(joints) {
  if (!robot || !joints) return;
  if (joints.position.every((value, i) => Math.abs(value - (drawn[i] ?? Infinity)) < MOVED)) return;
  drawn = joints.position.slice();
  joints.names.forEach((name, i) => {
    if (robot.joints[name]) robot.setJointValue(name, joints.position[i]);
    else {   // the opening of a gripper; each finger goes half of it
      for (const finger of ['left_finger', 'right_finger']) {
        if (robot.joints[finger]) robot.setJointValue(finger, joints.position[i] / 2);
      }
    }
  });
  want();
}

let shown = '';
function show(seen) {
  write(at('arm-seen'), say('things_seen', { n: seen?.detections?.length ?? 0 }));
  if (!things || !seen) return;
  const key = JSON.stringify(seen.detections.map((one) =>
    [one.kind, one.colour, one.position.map((value) => Math.round(value * 250))]));
  if (key === shown) return;
  shown = key;
  dispose(things);
  things.clear();
  for (const one of seen.detections) things.add(thing(one));
  want();
}

/** Draw the arm into its canvas; without WebGL a sentence stands there instead. */
export function start() {
  try { build(); } catch {
    renderer = null;
    at('arm-note').dataset.word = 'no_webgl';
    write(at('arm-note'), say('no_webgl'));
  }
  on('site', (site) => { if (site && renderer) load(); });
  on('joints', pose);
  on('scene', show);
  onLanguage(() => show(get('scene')));
  document.addEventListener('visibilitychange', want);
  at('arm-reset').addEventListener('click', () => { if (renderer) look(); });
}
