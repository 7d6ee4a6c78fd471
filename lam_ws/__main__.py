"""`python -m lam_ws` is `lam`."""
import sys

from lam_ws.cli import main

if __name__ == '__main__':
    sys.exit(main())
