"""Start a cell that is moved by hand alone: `ros2 launch lam_ws teleop.launch.py`.

Everything runs but the policy. `lam teleop --site SITE` in another terminal finds the keys of
this cell and moves its arm; so may any node that seals `proposed` with the key of the role
`teleop`. Where a policy runs as well, as in cell.launch.py, a hand takes the arm from it.
"""
from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration


def generate_launch_description() -> LaunchDescription:
    """Return the cell without its policy."""
    cell = Path(__file__).with_name('cell.launch.py')
    return LaunchDescription([
        DeclareLaunchArgument('site', default_value='sim_demo', description='name or path'),
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(cell)),
            launch_arguments={'site': LaunchConfiguration('site'), 'without': 'policy'}.items()),
    ])
