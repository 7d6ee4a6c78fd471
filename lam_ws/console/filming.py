"""Makes one film, as a process that steps back: `python -m lam_ws.console.filming MCAP MP4`.

A recording enters, a film leaves; why there is none is said on stdout in one line. Of a long
recording so many pictures are left out that what is held at once stays within _BYTES.
"""
from collections.abc import Sequence
import os
from pathlib import Path
import sys

from lam_ws.errors import RecordingError

_BYTES = 512_000_000   # of pictures in memory


def main(arguments: Sequence[str]) -> int:
    """Make the film; 1 where that cannot be."""
    recording, film = map(Path, arguments)
    os.nice(19)
    from lam_ws.record.film import write_film
    from lam_ws.record.reader import read_episode, unpacked_bytes
    try:
        thin = -(-unpacked_bytes(recording) // _BYTES)
        draft = film.with_name(f'.{film.stem}.{os.getpid()}.mp4')
        try:
            write_film(read_episode(recording, thin=max(1, thin)), draft)
            os.replace(draft, film)
        finally:
            draft.unlink(missing_ok=True)
    except (RecordingError, OSError, MemoryError) as failure:
        print(' '.join(str(failure).split()) or type(failure).__name__)
        return 1
    return 0


if __name__ == '__main__':
    raise SystemExit(main(sys.argv[1:]))
