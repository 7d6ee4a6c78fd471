"""Start a cell for an operator of your own: `ros2 launch lam_ws teleop.launch.py`.

Everything runs but the policy, so that the node of an operator may publish `proposed` in its
place, sealed with the key of the role `teleop`; the guard treats it no differently. lam_ws
ships no such node.
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
