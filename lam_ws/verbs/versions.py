"""What the figures of an evaluation depend on."""
import platform

from lam_ws import __version__


def versions() -> dict[str, str]:
    """Return the versions of the stack, of Python and of what computes."""
    import numpy
    return {'lam_ws': __version__, 'python': platform.python_version(),
            'numpy': numpy.__version__}
