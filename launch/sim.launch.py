"""Start the simulated arm and its cameras alone: `ros2 launch lam_ws sim.launch.py`.

It takes `command` and publishes what a real cell would, for whoever wants to drive it.
"""
from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration


def generate_launch_description() -> LaunchDescription:
    """Return the simulated cell without the rest of the stack."""
    cell = Path(__file__).with_name('cell.launch.py')
    return LaunchDescription([
        DeclareLaunchArgument('site', default_value='sim_demo', description='name or path'),
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(cell)),
            launch_arguments={'site': LaunchConfiguration('site'), 'only': 'sim'}.items()),
    ])
