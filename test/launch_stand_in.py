"""Stands in for `launch` and `launch_ros` where they are not installed, as with the wheels.

It accepts only the names and keywords of ROS 2 Jazzy's own, so that a launch file that loads
here loads there, and it visits a description as `ros2 launch` would, short of starting
processes. It knows only what this package uses; a new name must be looked up and added.
"""
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType


class LaunchContext:
    def __init__(self):
        self.launch_configurations = {}
        self.environment = {}


class LaunchDescription:
    def __init__(self, initial_entities=None, *, deprecated_reason=None):
        self.entities = list(initial_entities or [])

    def visit(self, context):
        return self.entities


class Action:
    def __init__(self, *, condition=None):
        self.condition = condition

    def visit(self, context):
        return []


class LaunchConfiguration:
    def __init__(self, variable_name, *, default=None):
        self.name, self.default = variable_name, default

    def perform(self, context):
        if self.default is None:
            return context.launch_configurations[self.name]
        return context.launch_configurations.get(self.name, self.default)


def perform(value, context):
    """Return a string or the value of a substitution."""
    return value if isinstance(value, str) else value.perform(context)


class DeclareLaunchArgument(Action):
    def __init__(self, name, *, default_value=None, description=None, choices=None, **kwargs):
        super().__init__(**kwargs)
        self.name, self.default_value, self.description = name, default_value, description

    def visit(self, context):
        if self.name not in context.launch_configurations:
            if self.default_value is None:
                raise RuntimeError(f'launch argument {self.name} was not given')
            context.launch_configurations[self.name] = perform(self.default_value, context)
        return []


class SetEnvironmentVariable(Action):
    def __init__(self, name, value, **kwargs):
        super().__init__(**kwargs)
        self.name, self.value = name, value

    def visit(self, context):
        context.environment[perform(self.name, context)] = perform(self.value, context)
        return []


class OpaqueFunction(Action):
    def __init__(self, *, function, args=None, kwargs=None, **left):
        super().__init__(**left)
        self.function, self.args, self.kwargs = function, args or [], kwargs or {}

    def visit(self, context):
        return self.function(context, *self.args, **self.kwargs) or []


class Shutdown(Action):
    def __init__(self, *, reason='reason not given', **kwargs):
        super().__init__(**kwargs)
        self.reason = reason


class PythonLaunchDescriptionSource:
    def __init__(self, launch_file_path):
        self.path = launch_file_path


class IncludeLaunchDescription(Action):
    def __init__(self, launch_description_source, *, launch_arguments=None, **kwargs):
        super().__init__(**kwargs)
        self.source, self.arguments = launch_description_source, launch_arguments or ()

    def visit(self, context):
        for name, value in self.arguments:
            context.launch_configurations[perform(name, context)] = perform(value, context)
        return [load(perform(self.source.path, context))]


class Node(Action):
    def __init__(self, *, executable, package=None, name=None, namespace=None, exec_name=None,
                 parameters=None, remappings=None, ros_arguments=None, arguments=None,
                 output='log', output_format=None, emulate_tty=False, on_exit=None, prefix=None,
                 respawn=False, respawn_delay=None, respawn_max_retries=-1, additional_env=None,
                 sigterm_timeout=None, sigkill_timeout=None, **kwargs):
        super().__init__(**kwargs)
        self.node_package, self.node_executable = package, executable
        self.name, self.namespace = name, namespace
        self.parameters, self.on_exit, self.output = parameters or [], on_exit, output


class LifecycleNode(Node):
    def __init__(self, *, name, namespace, autostart=False, **kwargs):
        super().__init__(name=name, namespace=namespace, **kwargs)


NAMES = {
    'launch': (LaunchContext, LaunchDescription),
    'launch.actions': (DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction,
                       SetEnvironmentVariable, Shutdown),
    'launch.launch_description_sources': (PythonLaunchDescriptionSource,),
    'launch.substitutions': (LaunchConfiguration,),
    'launch_ros': (),
    'launch_ros.actions': (LifecycleNode, Node),
}


def modules():
    """Return the modules to put in the place of the real ones, by name."""
    made = {}
    for name, things in NAMES.items():
        made[name] = ModuleType(name)
        vars(made[name]).update({thing.__name__: thing for thing in things})
    return made


def load(path):
    """Return the description of a launch file."""
    spec = spec_from_file_location('launch_file', path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate_launch_description()
