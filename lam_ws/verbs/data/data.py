"""`lam data KIND ...`: the table of what can be done with what is learned from.

Arguments enter; the function of the kind gets what follows it, and its exit status leaves.
"""
from collections.abc import Sequence
from importlib import import_module
import sys

from lam_ws.errors import ConfigurationError
from lam_ws.source import nearest

# kind: (module:function, what it does). Those of MAKES get the kind as well.
KINDS = {
    'stills': ('lam_ws.verbs.data.making:main', 'make labelled images in the simulated cell'),
    'demos': ('lam_ws.verbs.data.making:main',
              'make demonstrations there; with --lerobot DIR in pixels'),
    'corrections': ('lam_ws.verbs.data.making:main', 'make corrections of a policy there'),
    'import': ('lam_ws.verbs.data.importing:main',
               'take over a LeRobot dataset or rosbag2 recordings'),
    'check': ('lam_ws.verbs.data.checking:main', 'find what would spoil a training'),
    'view': ('lam_ws.verbs.data.viewing:main', 'write a page that shows every episode'),
    'label': ('lam_ws.verbs.data.labelling:main', 'say which episodes succeeded'),
    'split': ('lam_ws.verbs.data.splitting:main', 'make parts that share nothing'),
    'merge': ('lam_ws.verbs.data.merging:main', 'make one dataset of several'),
    'cache': ('lam_ws.verbs.data.caching:main', 'make frames ready to be read at random'),
}
MAKES = ('stills', 'demos', 'corrections')


def main(arguments: Sequence[str]) -> int:
    """Do one thing with data."""
    kind = arguments[0] if arguments else ''
    if kind in ('-h', '--help'):
        print(help_text())
        return 0
    if kind not in KINDS:
        if not kind or kind.startswith('-'):
            print(f'lam data: name what to do: {", ".join(KINDS)}', file=sys.stderr)
            return 2
        raise ConfigurationError(f'no kind {kind!r} of lam data; there are ' + ', '.join(KINDS),
                                 nearest=nearest(kind, list(KINDS)))
    rest = list(arguments) if kind in MAKES else list(arguments[1:])
    module, function = KINDS[kind][0].split(':')
    if kind == 'demos' and any(word.split('=')[0] == '--lerobot' for word in rest):
        module = 'lam_ws.verbs.data.pixels'
    return int(getattr(import_module(module), function)(rest))


def help_text() -> str:
    """Return the table of kinds."""
    rows = '\n'.join(f'  {kind:<12} {text}' for kind, (_, text) in KINDS.items())
    return f"""usage: lam data KIND [options]     lam data KIND --help

kinds:
{rows}

Each understands --json."""
