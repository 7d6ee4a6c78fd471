"""The command line: `lam VERB ...`, the same as `python -m lam_ws VERB ...`.

Arguments enter; an exit status leaves: 0 done, 1 carried out and failed, 2 a fault of input
or configuration (one line on stderr), 130 interrupted. Each verb is one function
`main(arguments) -> int`, imported only when it is asked for.
"""
from collections.abc import Sequence
from importlib import import_module
import os
import sys

from lam_ws import __version__
from lam_ws.errors import LamError
from lam_ws.source import nearest

# verb: (module:function, what it does)
VERBS = {
    'demo': ('lam_ws.verbs.demo:main', 'run the simulated cell on one instruction'),
    'run': ('lam_ws.verbs.run:main', 'start the nodes of a site, until Ctrl-C'),
    'console': ('lam_ws.verbs.console:main', "run a cell with the operator's page"),
    'users': ('lam_ws.verbs.users:main', 'say who may log in to the console'),
    'do': ('lam_ws.verbs.do:main', 'send an instruction to a running cell'),
    'teleop': ('lam_ws.verbs.teleop:main', 'move the arm of a running cell by hand'),
    'shadow': ('lam_ws.verbs.shadow:main', 'say what the policy would do, and move nothing'),
    'stop': ('lam_ws.verbs.stop:main', 'brake the arm of a running cell and keep it still'),
    'record': ('lam_ws.verbs.record:main', 'record demonstrations in a running cell'),
    'arm': ('lam_ws.verbs.arm:main', 'look at a real arm, recover, check or measure it'),
    'plc': ('lam_ws.verbs.plc:main', "show the signals of a cell's PLC, or set one"),
    'keys': ('lam_ws.verbs.keys:main', 'make the keys with which nodes prove who they are'),
    'serve': ('lam_ws.verbs.serve:main', 'serve the policy of a site to other machines'),
    'data': ('lam_ws.verbs.data.data:main', 'make, import and look after what is learned from'),
    'train': ('lam_ws.verbs.train:main', 'train perception and policy, and package models'),
    'rehearse': ('lam_ws.verbs.rehearse:main', 'let a scripted operator teach by the console'),
    'export': ('lam_ws.verbs.export:main', 'write a model as graphs, recordings as a dataset'),
    'eval': ('lam_ws.verbs.eval:main', 'measure closed-loop success'),
    'identify': ('lam_ws.verbs.identify:main', 'find in recordings how late an arm follows'),
    'sim': ('lam_ws.verbs.sim:main', 'show what the simulated cell is made of'),
    'check': ('lam_ws.verbs.check:main', 'examine a site, a URDF or knowledge'),
    'calibrate': ('lam_ws.verbs.calibrate:main', 'find the optics and the mount of a camera'),
    'ground': ('lam_ws.verbs.ground:main', 'show what a sentence is understood as, and why'),
    'kb': ('lam_ws.verbs.kb:main', 'show what the factory knows, and where it says so'),
    'security': ('lam_ws.verbs.security:main', "write the SROS2 policy of a site's nodes"),
    'guard': ('lam_ws.verbs.guard:main', 'explain why the guard stopped or slowed the arm'),
    'faults': ('lam_ws.verbs.faults:main', 'break something on purpose, and see how it ends'),
    'bench': ('lam_ws.verbs.bench:main', 'measure what the stack costs, against its limits'),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    verb = arguments[0] if arguments else ''
    if verb in ('-h', '--help', 'help'):
        print(help_text())
        return 0
    if verb == '--version':
        print(f'lam {__version__}')
        return 0
    if verb not in VERBS:
        return _refuse(verb)
    try:
        return _run(verb, arguments[1:])
    except LamError as error:
        return _fault(verb, str(error))
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split('.')[0] == 'lam_ws':
            raise
        return _fault(verb, f"needs the Python package '{error.name}', which is not installed")
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def help_text() -> str:
    """Return the table of verbs."""
    width = max(map(len, VERBS))
    rows = '\n'.join(f'  {verb:<{width}}  {text}' for verb, (_, text) in VERBS.items())
    return f"""usage: lam VERB [options]     lam VERB --help

verbs:
{rows}

exit status: 0 done, 1 failed, 2 wrong input or configuration, 130 interrupted"""


def _run(verb: str, arguments: list[str]) -> int:
    """Import the verb and call it; argparse leaves by SystemExit."""
    module, function = VERBS[verb][0].split(':')
    try:
        return int(getattr(import_module(module), function)(arguments))
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else int(leave.code is not None)


def _refuse(verb: str) -> int:
    """Say that there is no such verb, and which one may have been meant."""
    if not verb:
        print(help_text(), file=sys.stderr)
        return 2
    near = nearest(verb, list(VERBS))
    hint = f"did you mean '{near}'?" if near else 'lam --help lists them'
    print(f'lam: unknown verb {verb!r} ({hint})', file=sys.stderr)
    return 2


def _fault(verb: str, text: str) -> int:
    """Print a fault on one line of stderr."""
    print(f'lam {verb}: {" ".join(text.split())}', file=sys.stderr)
    return 2
