"""The shape of the code: which way imports run, what is never used, how long things get.

Read from the syntax tree of every file, late imports and 'module:name' tables included, so
nothing is installed or executed.
"""
import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
import re
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ROOT / 'lam_ws'
FILES = sorted(CODE.rglob('*.py'))

# The floor: frozen data, errors, transforms, checked files. In the order in which they build.
FLOOR = {'types', 'errors', 'robot', 'crop', 'resources', 'rules', 'source', 'configuration',
         'geometry', 'keep_out', 'arm_file', 'remote_file', 'language_model_file', 'console_file',
         'plc_file', 'adapter_file', 'camera_file', 'site_files',
         'site', 'models', 'embodiment', 'keys'}
STAGES = {'perception', 'grounding', 'policy', 'safety', 'arm'}
PATH = FLOOR | STAGES | {'done', 'pipeline'}
# room: the rooms it may import, itself apart. The whole dependency rule is this table.
MAY_IMPORT = {
    **dict.fromkeys(STAGES | {'graph', 'record', 'testing', 'plc', 'cameras'}, FLOOR),
    'dataset': FLOOR | {'record'},           # recordings are what datasets are made of
    'report': FLOOR | {'record', 'dataset'},     # a page of a recording, a page of many
    'console': FLOOR | {'record', 'report'},
    'sim': FLOOR | {'arm', 'policy'},      # a cell is an arm, the scripted expert a policy
    'identify': FLOOR | {'record', 'sim'},   # recordings, and the cell they are played to
    'knowledge': FLOOR,
    'grounding': FLOOR | {'knowledge'},      # what a factory knows is read there
    'done': FLOOR | {'policy'},      # the names of parts
    'pipeline': FLOOR | STAGES | {'done'},
    'episode': PATH | {'sim', 'record'},
    'evaluation': PATH | {'sim', 'episode', 'record'},   # films of failures
    'testing': FLOOR | STAGES | {'sim', 'knowledge'},   # contracts, and scene files
    'train': PATH | {'sim', 'episode', 'dataset', 'record'},   # what operators recorded
    'bench': PATH | {'sim', 'episode', 'evaluation'},
    'shadow': PATH,                  # the cell's own stages, beside it
    'rehearsal': PATH | {'sim'},     # a scripted operator; it knows no node
    'metaworld': FLOOR | {'policy', 'dataset'},
    'faults': PATH | {'sim', 'episode', 'graph', 'nodes', 'record', 'knowledge', 'evaluation'},
    'nodes': PATH | {'console', 'episode', 'graph', 'sim', 'record', 'evaluation', 'bench',
              'knowledge', 'plc', 'cameras', 'shadow'},
    'verbs': PATH | {'graph', 'sim', 'record', 'report', 'console', 'episode', 'train', 'testing',
              'nodes', 'evaluation', 'bench', 'dataset', 'metaworld', 'knowledge', 'faults',
              'rehearsal', 'identify', 'shadow', 'plc', 'cameras'},
    'cli': FLOOR | {'verbs'},
    '__main__': {'cli'},
    '__init__': set(),
}
# On the floor each module may import only these.
FLOOR_MAY_IMPORT = {
    'types': set(), 'errors': set(), 'rules': set(),
    'keys': {'errors'},
    'resources': {'errors'},
    'source': {'errors', 'rules'},
    'robot': {'types'},
    'crop': {'types'},
    'geometry': {'types', 'robot'},
    'configuration': {'types', 'errors', 'resources', 'rules', 'source'},
    'remote_file': {'types', 'robot', 'rules'},
    'language_model_file': {'rules'},
    'console_file': {'rules'},
    'plc_file': {'rules'},
    'embodiment': {'rules'},
    'keep_out': {'types', 'rules'},
    'arm_file': {'robot', 'geometry', 'rules'},
    'adapter_file': {'rules'},
    'camera_file': {'types', 'geometry', 'rules'},
    'site_files': {'types', 'keep_out', 'rules', 'remote_file', 'language_model_file',
                   'console_file', 'plc_file', 'adapter_file', 'camera_file'},
    'site': FLOOR - {'models', 'site'},
    'models': FLOOR - {'site', 'site_files', 'arm_file', 'keep_out', 'remote_file',
                       'language_model_file', 'console_file', 'plc_file', 'adapter_file',
                       'camera_file', 'models'},
}
# outside package: the rooms that may use it
ROS = {'rclpy', 'rosidl_parser', 'lam_interfaces', 'ament_index_python', 'launch', 'launch_ros'}
OUTSIDE = {
    **{name: {'nodes'} for name in ROS},
    'pybullet': {'sim'},
    'torch': {'perception', 'grounding', 'policy', 'train'},
    'transformers': {'perception', 'grounding', 'policy', 'train'},
    'safetensors': {'perception', 'grounding', 'policy', 'train'},
    'metaworld': {'metaworld'}, 'mujoco': {'metaworld'},
    'onnx': {'policy'}, 'onnxruntime': {'policy'},
    'franky': {'arm'},      # vendors' clients
    'ruckig': {'safety', 'sim'},
    'rapidfuzz': {'grounding'},
    'msgpack': {'policy'}, 'websockets': {'policy', 'faults', 'rehearsal'},
    'av': {'record', 'dataset'}, 'pyarrow': {'dataset'},
    'cv2': {'record', 'cameras'}, 'matplotlib': {'train', 'evaluation', 'identify', 'shadow'},
    'mcap': {'record'}, 'lz4': {'record'}, 'isal': {'record'}, 'rosbags': {'record', 'faults'},
    'starlette': {'console'}, 'uvicorn': {'console'}, 'argon2': {'console'},
    'html': {'report', 'console'}, 'http': {'console', 'grounding', 'knowledge', 'rehearsal'},
    'pymodbus': {'plc'}, 'asyncua': {'plc'},
    'pyoxigraph': {'knowledge'}, 'basyx': {'knowledge'},
    'airo_fanuc': {'arm'}, 'trossen_arm': {'arm'}, 'neuromeka': {'arm'}, 'grpc': {'arm'},
}
MESSAGES = re.compile(r'[a-z_]+_(msgs|srvs)|builtin_interfaces|rcl_interfaces')
HEAVY = ('rclpy', 'torch', 'onnx', 'onnxruntime', 'pybullet', 'transformers')
# Only ever lowered.
LONGEST_FILE, LONGEST_FUNCTION = 300, 50
NEVER_IMPORTED = {'pickle', '_pickle', 'cPickle', 'pickletools', 'dill', 'cloudpickle', 'joblib',
                  'jsonpickle', 'marshal', 'shelve', 'runpy', 'code', 'codeop'}
NEVER_CALLED = {
    'eval', 'exec', 'compile', '__import__', 'builtins.eval', 'builtins.exec',
    'builtins.compile', 'builtins.__import__', 'yaml.load', 'yaml.unsafe_load', 'yaml.full_load',
    'yaml.load_all', 'yaml.unsafe_load_all', 'yaml.full_load_all', 'torch.load', 'torch.jit.load',
    'torch.serialization.load', 'torch.hub.load', 'os.system', 'os.popen', 'pty.spawn',
    'subprocess.getoutput', 'subprocess.getstatusoutput', 'asyncio.create_subprocess_shell',
    'pandas.read_pickle', 'types.FunctionType', 'types.CodeType'}
NEVER_NAMED = {'yaml.Loader', 'yaml.CLoader', 'yaml.UnsafeLoader', 'yaml.CUnsafeLoader',
               'yaml.FullLoader', 'yaml.CFullLoader'}
NEVER_TRUE = {'shell', 'trust_remote_code', 'allow_pickle'}


def room(path: Path) -> str:
    """Return the room a file of lam_ws belongs to."""
    parts = path.relative_to(CODE).with_suffix('').parts
    return parts[0]


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding='utf-8'), str(path))


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted module) of every import below `node`, also those named in tables."""
    for item in ast.walk(node):
        if isinstance(item, ast.Import):
            yield from ((item.lineno, alias.name) for alias in item.names)
        elif isinstance(item, ast.ImportFrom):
            assert item.level == 0, f'relative import in line {item.lineno}'
            for alias in item.names:
                yield item.lineno, f'{item.module}.{alias.name}'
        elif isinstance(item, ast.Constant) and isinstance(item.value, str) \
                and re.fullmatch(r'lam_ws(\.\w+)+:\w+', item.value):
            yield item.lineno, item.value.split(':')[0]


def test_every_room_stands_in_the_table():
    """Pins that a new folder or module is placed in the order before it is used."""
    rooms = {room(path) for path in FILES}
    assert rooms <= set(MAY_IMPORT) | FLOOR, rooms - set(MAY_IMPORT) - FLOOR
    assert set(FLOOR_MAY_IMPORT) == FLOOR


def test_imports_run_one_way():
    """Pins floor <- stages <- pipeline <- episode <- nodes, for late imports too."""
    wrong = []
    for path in FILES:
        here = room(path)
        allowed = FLOOR_MAY_IMPORT.get(here, MAY_IMPORT.get(here, set())) | {here, '__init__'}
        for line, name in imports(tree(path)):
            parts = name.split('.')
            if parts[0] != 'lam_ws':
                continue
            there = parts[1] if len(parts) > 1 else '__init__'
            if (CODE / there).is_dir() or (CODE / f'{there}.py').is_file():
                if there not in allowed and here != 'cli':
                    wrong.append(f'{path.relative_to(ROOT)}:{line} imports {there}')
    assert not wrong, '\n'.join(wrong)


def test_ros_physics_and_learning_stay_in_their_rooms():
    """Pins rule 2: the core never imports ROS, and only sim/ knows PyBullet."""
    wrong = []
    for path in FILES:
        for line, name in imports(tree(path)):
            package = name.split('.')[0]
            rooms = {'nodes'} if MESSAGES.fullmatch(package) else OUTSIDE.get(package)
            if rooms is not None and room(path) not in rooms:
                wrong.append(f'{path.relative_to(ROOT)}:{line} imports {package}')
    assert not wrong, '\n'.join(wrong)


def test_the_core_imports_without_ros_torch_or_pybullet():
    """Pins that contracts and floor load on a machine that has none of the three."""
    core = [f'lam_ws.{name}' for name in sorted(FLOOR)] + ['lam_ws.cli', 'lam_ws.graph']
    core += [f'lam_ws.{stage}.{stage}' for stage in sorted(STAGES)
             if (CODE / stage / f'{stage}.py').is_file()]
    core += ['lam_ws.pipeline'] if (CODE / 'pipeline.py').is_file() else []
    program = f'import sys\nfor name in {HEAVY!r}: sys.modules[name] = None\n' \
              + ''.join(f'import {name}\n' for name in core)
    done = subprocess.run([sys.executable, '-c', program], cwd=ROOT, capture_output=True,
                          text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def dotted(node: ast.expr) -> str:
    """Return the dotted name of a called expression, '' where it has none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f'{base}.{node.attr}'
    return ''


def aliases(module: ast.AST) -> dict[str, str]:
    """Return what each imported name stands for: `from os import system as s` -> s: os.system."""
    found = {}
    for item in ast.walk(module):
        if isinstance(item, ast.Import):
            found.update({one.asname: one.name for one in item.names if one.asname})
        elif isinstance(item, ast.ImportFrom):
            found.update({one.asname or one.name: f'{item.module}.{one.name}'
                          for one in item.names})
    return found


def false(value: ast.expr | None) -> bool:
    """Return whether an expression is the word False."""
    return isinstance(value, ast.Constant) and value.value is False


def dangers(module: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, what) for everything that could run foreign code."""
    known = aliases(module)

    def full(node: ast.expr) -> str:
        first, dot, rest = dotted(node).partition('.')
        return known.get(first, first) + dot + rest

    for line, name in imports(module):
        if name.split('.')[0] in NEVER_IMPORTED or name in NEVER_NAMED | NEVER_CALLED:
            yield line, f'imports {name}'
    for item in ast.walk(module):
        if isinstance(item, ast.Attribute | ast.Name) and full(item) in NEVER_NAMED:
            yield item.lineno, f'names {full(item)}'
        elif isinstance(item, ast.Dict):   # arguments that are passed on as **table
            yield from ((key.lineno, f'passes {key.value}')
                        for key, value in zip(item.keys, item.values, strict=True)
                        if isinstance(key, ast.Constant) and key.value in NEVER_TRUE
                        and not false(value))
        elif isinstance(item, ast.Call):
            yield from called(item, full(item.func))


def called(item: ast.Call, name: str) -> Iterator[tuple[int, str]]:
    """Yield what is dangerous about one call of the function `name`."""
    first = item.args[0] if item.args else None
    if name in NEVER_CALLED:
        yield item.lineno, f'calls {name}'
    if name == 'importlib.import_module' and isinstance(first, ast.Constant) \
            and str(first.value).split('.')[0] in NEVER_IMPORTED:
        yield item.lineno, f'imports {first.value}'
    if name == 'getattr' and len(item.args) > 1 and isinstance(item.args[1], ast.Constant) \
            and f'{dotted(item.args[0])}.{item.args[1].value}' in NEVER_CALLED:
        yield item.lineno, f'calls {dotted(item.args[0])}.{item.args[1].value}'
    for word in item.keywords:
        if word.arg in NEVER_TRUE and not false(word.value):
            yield item.lineno, f'passes {word.arg}'
        if word.arg == 'weights_only' and false(word.value):
            yield item.lineno, 'passes weights_only=False'


def test_nothing_is_unpickled_evaluated_or_given_to_a_shell():
    """Pins principle 5 in code, tests, launch files and scripts alike."""
    wrong = []
    paths = [path for folder in ('lam_ws', 'test', 'launch', 'docs', 'lam_interfaces')
             for path in sorted((ROOT / folder).rglob('*.py'))]
    scripts = [path for path in sorted((ROOT / 'scripts').iterdir()) if path.is_file()]
    assert len(scripts) > 5 and len(paths) > 400
    for path in (*paths, *scripts, ROOT / 'setup.py'):
        wrong += [f'{path.relative_to(ROOT)}:{line} {what}' for line, what in dangers(tree(path))]
    assert not wrong, '\n'.join(wrong)


@pytest.mark.parametrize('text', [
    'import pickle', 'from dill import loads', 'eval("1")', 'exec("x = 1")',
    'yaml.load(text, Loader)', 'torch.load(path)', 'subprocess.run("ls", shell=True)',
    'AutoModel.from_pretrained(name, trust_remote_code=flag)', 'np.load(p, allow_pickle=True)',
    'def late():\n    import marshal', 'os.system("ls")', '__import__("x")',
    'from yaml import load\nload(text)', 'import yaml as y\ny.load(text)',
    'from torch import load as read', 'from os import system', 'builtins.eval("1")',
    'yaml.compose(text, Loader=yaml.UnsafeLoader)', 'from yaml import FullLoader',
    'subprocess.getoutput("ls")', 'asyncio.create_subprocess_shell("ls")',
    'from importlib import import_module\nimport_module("pickle")',
    'import importlib\nimportlib.import_module("dill.source")', 'getattr(builtins, "exec")("1")',
    'read(path, **{"trust_remote_code": True})', 'options = {"shell": flag}',
    'torch_load(path, weights_only=False)', 'import runpy', 'import torch as t\nt.jit.load(p)',
])
def test_the_gate_sees_what_it_is_there_for(text):
    """Pins the gate itself: each of these lines must trip it."""
    assert list(dangers(ast.parse(text)))


def test_the_gate_lets_harmless_namesakes_pass():
    """Pins that a torch module's eval() and re.compile are not confused with the builtins."""
    text = 'model.eval()\nre.compile("x")\nyaml.safe_load(text)\nrun(["ls"], shell=False)\n' \
           'from lam_ws.configuration import load\nload(path)\nload(path, weights_only=True)\n' \
           'import_module(f"lam_ws.{name}")\nread(**{"trust_remote_code": False})\n' \
           'yaml.compose(text, Loader=yaml.SafeLoader)\n{"shell": False}'
    assert not list(dangers(ast.parse(text)))


NO_CLIENT = {'connect', 'disconnect', 'isConnected', 'getQuaternionFromEuler',
             'getMatrixFromQuaternion', 'getEulerFromQuaternion', 'invertTransform',
             'multiplyTransforms', 'rotateVector'}   # these ask no engine, or name it first


def test_every_call_of_the_engine_names_its_client():
    """Pins: client 0 is whichever cell came first, and a link it lacks is a segmentation fault."""
    wrong = [f'{path.relative_to(ROOT)}:{item.lineno} {dotted(item.func)}'
             for folder in ('lam_ws', 'test') for path in sorted((ROOT / folder).rglob('*.py'))
             for item in ast.walk(tree(path))
             if isinstance(item, ast.Call) and dotted(item.func).startswith('pybullet.')
             and dotted(item.func).partition('.')[2] not in NO_CLIENT
             and not {word.arg for word in item.keywords} & {'physicsClientId', None}]
    assert not wrong, '\n'.join(wrong)


def test_every_module_says_what_it_is_for():
    """Pins a docstring in each module, and that nothing is called utils."""
    for path in FILES:
        name = str(path.relative_to(ROOT))
        assert path.stem not in ('utils', 'util', 'helpers', 'common', 'misc'), name
        assert ast.get_docstring(tree(path)) or not path.read_text().strip(), name


def test_files_and_functions_stay_short(capsys):
    """Pins the budgets and prints the worst five of each; the numbers only go down."""
    files, functions = [], []
    for path in FILES:
        name = str(path.relative_to(ROOT))
        files.append((len(path.read_text().splitlines()), name))
        for item in ast.walk(tree(path)):
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (item.end_lineno or item.lineno) - item.lineno + 1
                functions.append((length, f'{name}:{item.lineno} {item.name}'))
    with capsys.disabled():
        for title, rows in (('longest files', files), ('longest functions', functions)):
            print(f'\n{title}:')
            for length, name in sorted(rows, reverse=True)[:5]:
                print(f'  {length:4d}  {name}')
    assert max(files)[0] <= LONGEST_FILE, max(files)
    assert max(functions)[0] <= LONGEST_FUNCTION, max(functions)


def on_import(path: Path) -> Iterator[tuple[int, str]]:
    """Yield what importing a file imports at once; late imports do not count."""
    for item in tree(path).body:
        if isinstance(item, ast.Import | ast.ImportFrom):
            yield from imports(item)


@cache
def needed(name: str) -> frozenset[str]:
    """Return the packages that are imported at once when `name` is."""
    waiting, seen, packages = [name], set(), set()
    while waiting:
        parts = waiting.pop().split('.')
        packages.add(parts[0])
        for end in range(2, len(parts) + 1) if parts[0] == 'lam_ws' else ():
            place = ROOT.joinpath(*parts[:end])
            for path in {place / '__init__.py', place.with_suffix('.py')} - seen:
                seen.add(path)
                if path.is_file():
                    waiting += [further for _, further in on_import(path)]
    return frozenset(packages)


def heavy(name: str) -> str:
    """Return an engine or message package that importing `name` needs, '' if none."""
    return next((package for package in sorted(needed(name)) if package in HEAVY
                 or MESSAGES.fullmatch(package) or package == 'lam_interfaces'), '')


def test_no_node_waits_for_opencv():
    """Pins the time to READY: what draws is imported when there is something to draw."""
    for path in sorted((CODE / 'nodes').glob('*.py')):
        assert 'cv2' not in needed(f'lam_ws.nodes.{path.stem}'), path.name
    assert 'cv2' in needed('lam_ws.record.film')


def test_unmarked_tests_can_be_collected_without_ros_torch_or_pybullet():
    """Pins that the core tests run on a machine that has none of the three."""
    wrong = []
    for path in sorted((ROOT / 'test').rglob('test_*.py')):
        if re.search(r'mark\.(ros|sim|train)\b|importorskip', path.read_text(encoding='utf-8')):
            continue
        wrong += [f'{path.relative_to(ROOT)}:{line} needs {heavy(name)}'
                  for line, name in on_import(path) if heavy(name)]
    assert heavy('lam_ws.sim.cell.Cell') == 'pybullet' and heavy('lam_ws.cli') == ''
    assert not wrong, '\n'.join(wrong)
