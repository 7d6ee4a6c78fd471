"""Start a cell: `ros2 launch lam_ws cell.launch.py site:=sim_demo`.

The rows of the node table become launch_ros actions, and a manager brings them up together;
`only` and `without` take node names, separated by commas, to start a part of the cell;
`console:=true` serves the operator's page also where the site does not say so.
"""
from lam_ws import graph
from lam_ws.keys import FOLDER, folder_of, make_keys
from lam_ws.resources import share
from lam_ws.site import load_site
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode, Node


def start(context: LaunchContext) -> list[LifecycleNode | Node | SetEnvironmentVariable]:
    """Return the keys' folder, an action for each row that was asked for, and the manager's."""
    site, only, without, console = (LaunchConfiguration(name).perform(context)
                                    for name in ('site', 'only', 'without', 'console'))
    cell = load_site(site)
    keys = folder_of(cell.name)
    make_keys(keys)   # those that are there stay, so parts of a cell may be started one by one
    rows = graph.nodes(cell, console == 'true')
    rows = graph.select(rows, only.split(',') if only else (),
                        without.split(',') if without else ())
    actions = [SetEnvironmentVariable(FOLDER, str(keys))]
    for row in (*rows, graph.manager(rows)):
        kind = LifecycleNode if row.lifecycle else Node
        ending = [Shutdown(reason=f'{row.name} ended')] if row.motion_critical else None
        actions.append(kind(package=row.package, executable=row.executable, name=row.name,
                            namespace=row.namespace, parameters=[dict(row.parameters)],
                            ros_arguments=['--enclave', row.enclave],
                            output='screen', on_exit=ending))
    return actions


def generate_launch_description() -> LaunchDescription:
    """Return the whole cell of a site."""
    return LaunchDescription([
        DeclareLaunchArgument('site', default_value='sim_demo', description='name or path'),
        DeclareLaunchArgument('only', default_value='', description='nodes to start; all'),
        DeclareLaunchArgument('without', default_value='', description='nodes to leave out'),
        DeclareLaunchArgument('console', default_value='false', description="the operator's page"),
        SetEnvironmentVariable('FASTRTPS_DEFAULT_PROFILES_FILE', str(share() / graph.PROFILES)),
        OpaqueFunction(function=start),
    ])
