// Makes the two files beside this one, from the packages of the folder it is called in. README.md.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { build } = createRequire(join(process.cwd(), 'package.json'))('esbuild');
const here = dirname(fileURLToPath(import.meta.url));
const three = `export { AmbientLight, BoxGeometry, BufferAttribute, BufferGeometry, Color,
  CylinderGeometry, DefaultLoadingManager, DirectionalLight, EdgesGeometry, Euler, GridHelper,
  Group, HemisphereLight, Line, LineBasicMaterial, LineSegments, LoaderUtils, LoadingManager,
  Matrix4, Mesh, MeshBasicMaterial, MeshLambertMaterial, MeshPhongMaterial, Object3D,
  PerspectiveCamera, PlaneGeometry, Quaternion, Scene, SphereGeometry, SRGBColorSpace,
  TextureLoader, TorusGeometry, Vector3, WebGLRenderer } from 'three';
export { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
export { STLLoader } from 'three/examples/jsm/loaders/STLLoader.js';
export { ColladaLoader } from 'three/examples/jsm/loaders/ColladaLoader.js';
`;
const beside = { name: 'beside', setup(run) {
  run.onResolve({ filter: /^three(\/|$)/ }, () => ({ path: './three.min.js', external: true }));
} };
const base = { bundle: true, minify: true, format: 'esm', target: 'es2022', charset: 'utf8',
  legalComments: 'inline' };

writeFileSync('three.mjs', three);
await build({ ...base, entryPoints: ['three.mjs'], outfile: join(here, 'three.min.js') });
await build({ ...base, entryPoints: ['node_modules/urdf-loader/src/URDFLoader.js'],
  outfile: join(here, 'urdf-loader.min.js'), plugins: [beside],
  banner: { js: '/* urdf-loader 0.13.1, Apache-2.0, California Institute of Technology and '
    + 'contributors; minified, unchanged */' } });
