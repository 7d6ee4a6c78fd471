#!/usr/bin/env bash
# Builds both packages with colcon against the wheels in .venv, then uses what was installed as
# `ros2 run` would. On Ubuntu with Jazzy from apt the build is, without any of this:
#   colcon build --base-paths . lam_interfaces
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
work="$PWD/build/colcon"
tools="$work/tools"
packages='colcon-common-extensions==0.3.0 setuptools==79.0.1 catkin-pkg==1.1.1 empy==4.2.1 lark==1.3.1'

if [ ! -e "$tools/stamp" ]; then
  python -m venv "$tools"
  # shellcheck disable=SC2086
  "$tools/bin/python" -m pip install --quiet --disable-pip-version-check $packages
  touch "$tools/stamp"
fi

rm -rf "$work/install"
AMENT_PREFIX_PATH="$PWD/.venv" CMAKE_PREFIX_PATH="$PWD/.venv" \
  "$tools/bin/colcon" --log-base "$work/log" build --base-paths . lam_interfaces \
  --build-base "$work/build" --install-base "$work/install" --event-handlers console_cohesion- \
  --cmake-args -DCMAKE_PROJECT_INCLUDE="$PWD/lam_interfaces/cmake/wheels.cmake" \
  -DPython3_EXECUTABLE="$PWD/.venv/bin/python" -DBUILD_TESTING=OFF "$@"

installed="$work/install/lam_ws"
for name in sim perception task policy guard record manager; do
  test -x "$installed/lib/lam_ws/$name" || { echo "lib/lam_ws/$name is missing" >&2; exit 1; }
done
test -f "$installed/share/lam_ws/launch/cell.launch.py"
test -f "$installed/share/lam_ws/config/sites/sim_demo.yaml"

set +u
# shellcheck disable=SC1091
. "$work/install/setup.bash"
set -u
cd "$work"  # away from the checkout: what answers must be what was installed
lam --version
python - <<END
import lam_interfaces.msg, lam_ws
from lam_ws.resources import share
for found in (lam_interfaces.msg.__file__, lam_ws.__file__, str(share())):
    assert found.startswith('$work/install'), found
END
# A node starts from lib/lam_ws, answers SIGTERM and ends cleanly.
ROS_DOMAIN_ID=99 ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST \
  timeout --preserve-status 10 "$installed/lib/lam_ws/record" --ros-args -p site:=sim_demo
echo 'colcon: both packages build, lib/lam_ws runs'
