"""What the package says of itself is true, and the same everywhere."""
import ast
from importlib.metadata import entry_points
from importlib.util import find_spec
import os
from pathlib import Path
import re
import sys
import tomllib
from xml.etree import ElementTree

import lam_ws
from lam_ws import graph
from lam_ws.site import load_site
import pytest

ROOT = Path(__file__).resolve().parents[1]
DISTRIBUTIONS = {  # where it is not the name of the module
    'airo_fanuc': 'airo-fanuc', 'argon2': 'argon2-cffi', 'basyx': 'basyx-python-sdk',
    'cv2': 'opencv-python-headless', 'grpc': 'grpcio', 'trossen_arm': 'trossen-arm',
    'franky': 'franky-control', 'mcap_ros2': 'mcap-ros2-support', 'yaml': 'pyyaml',
}


@pytest.fixture(params=['.', 'lam_interfaces'])
def manifest(request):
    """The path of each package.xml."""
    return ROOT / request.param / 'package.xml'


def test_package_xml_is_valid(manifest):
    """A build tool refuses a manifest that catkin-pkg refuses; a warning is its next error."""
    parse = pytest.importorskip('catkin_pkg.package').parse_package
    warnings = []
    package = parse(str(manifest), warnings=warnings)
    assert not warnings
    assert package.package_format == 3
    assert package.licenses == ['Apache-2.0']


def test_versions_agree(manifest):
    """A release that forgets one of them installs a package that lies about itself."""
    assert ElementTree.parse(manifest).findtext('version') == lam_ws.__version__
    assert f"version='{lam_ws.__version__}'" in (ROOT / 'setup.py').read_text()
    interfaces = tomllib.loads((ROOT / 'lam_interfaces' / 'pyproject.toml').read_text())
    assert interfaces['project']['version'] == lam_ws.__version__


def test_every_row_of_the_table_has_its_executable():
    """ros2 run and launch look for lib/lam_ws/<executable>, which comes from scripts/."""
    rows = graph.nodes(load_site('sim_demo'), console=True)
    for row in (*rows, graph.manager(rows)):
        script = ROOT / 'scripts' / row.executable
        assert os.access(script, os.X_OK), f'{script} lost its run bit'
        text = script.read_text()
        assert text.startswith('#!/usr/bin/env python3\n')
        module = re.search(r'from (\S+) import main', text).group(1)
        source = ROOT.joinpath(*module.split('.')).with_suffix('.py')
        assert 'def main(' in source.read_text(), f'{module} has no main'


def test_interfaces_are_all_built():
    """A message file that CMakeLists.txt does not name is silently not there."""
    listed = (ROOT / 'lam_interfaces' / 'CMakeLists.txt').read_text()
    files = [path for kind in ('action', 'msg', 'srv')
             for path in (ROOT / 'lam_interfaces' / kind).iterdir()]
    assert files
    for path in files:
        assert f'{path.parent.name}/{path.name}' in listed


def imported():
    """Return {module: file} of all that lam_ws imports from outside, late imports too."""
    found = {}
    for path in sorted((ROOT / 'lam_ws').rglob('*.py')):
        for node in ast.walk(ast.parse(path.read_text())):
            names = ([name.name for name in node.names] if isinstance(node, ast.Import) else
                     [node.module] if isinstance(node, ast.ImportFrom) and node.module else [])
            found.update({name.split('.')[0]: path.relative_to(ROOT) for name in names})
    return {name: path for name, path in found.items()
            if name != 'lam_ws' and name not in sys.stdlib_module_names}


def test_every_import_is_declared():
    """A module that happens to be installed here is missing on the next machine."""
    declared = {element.text for element in ElementTree.parse(ROOT / 'package.xml').iter()
                if element.tag == 'exec_depend'}
    declared |= set(re.findall(r"'([a-z][a-z0-9-]+)'", (ROOT / 'setup.py').read_text()))
    missing = {name: str(path) for name, path in imported().items()
               if DISTRIBUTIONS.get(name, name) not in declared}
    assert not missing


def test_constraints_pin_every_dependency():
    """An unpinned ROS wheel may be replaced by one of another distribution."""
    pins = dict(line.split('==') for line in (ROOT / 'constraints.txt').read_text().splitlines()
                if line and not line.startswith('#'))
    named = re.findall(r"'([a-z][a-z0-9.-]+)(?:<\d+)?'(?=[,\]])",
                       (ROOT / 'setup.py').read_text().split('def data_files')[0])
    wanted = set(named) - {'config', 'launch', 'models', 'sim'}
    assert len(wanted) > 30
    assert wanted <= set(pins), f'not pinned: {wanted - set(pins)}'
    assert not [name for name, version in pins.items() if not re.match(r'\d[\w.]*$', version)]


def test_launch_files_are_found():
    """ros2 launch lists share/lam_ws/launch by this ending."""
    assert {path.name for path in (ROOT / 'launch').glob('*.launch.py')} == {
        'cell.launch.py', 'sim.launch.py', 'teleop.launch.py'}


def test_lam_is_on_the_path():
    """`lam` and `python -m lam_ws` are the same program."""
    installed = list(entry_points(group='console_scripts', name='lam'))
    if not installed:
        pytest.skip('lam_ws is not installed here')
    assert installed[0].value == 'lam_ws.cli:main'
    assert find_spec('lam_ws.__main__') is not None
