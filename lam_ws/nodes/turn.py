"""Whose turn it is in lock-step: what belongs to one stamp is collected until it is complete.

Items of several topics enter in any order, the complete set of one stamp leaves, once. The
sender repeats itself while it waits for an answer, so a message that was lost before the
subscription was known costs a moment and no run; a repeated stamp is answered again and never
computed again. A topic whose stamps go backwards tells that the cell was reset.
"""
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_AHEAD = 8   # stamps that may be incomplete at once; more means that an input is dead


class Turn:
    """Collects one item of each name for a stamp.

    Args:
        names: What a complete set consists of.
        take: Called with the stamp in ns and the items by name when a set is complete.
        again: Called when the last item of an answered stamp comes once more.
        restart: Called when stamps go backwards, before anything of the new run is taken.
    """

    def __init__(self, names: Iterable[str], take: Callable[[int, Mapping[str, Any]], None],
                 again: Callable[[], None] = lambda: None,
                 restart: Callable[[], None] = lambda: None):
        self._names = tuple(names)
        self._take, self._again, self._restart = take, again, restart
        self.clear()

    def clear(self) -> None:
        """Forget everything, as at the beginning of a run."""
        self._newest: dict[str, int] = {}
        self._sets: dict[int, dict[str, Any]] = {}
        self._repeats: set[str] = set()
        self._answered = -1

    def put(self, name: str, stamp_ns: int, item: object) -> None:
        """Add an item; calls `take`, `again` or `restart` as the case may be."""
        if stamp_ns < self._newest.get(name, -1):
            self.clear()
            self._restart()
        self._newest[name] = stamp_ns
        if stamp_ns <= self._answered:
            self._note_repeat(name, stamp_ns)
            return
        items = self._sets.setdefault(stamp_ns, {})
        items[name] = item
        if len(items) == len(self._names):
            self._answered = stamp_ns
            self._repeats.clear()
            self._sets = {stamp: kept for stamp, kept in self._sets.items() if stamp > stamp_ns}
            self._take(stamp_ns, items)
        while len(self._sets) > _AHEAD:
            del self._sets[min(self._sets)]

    def _note_repeat(self, name: str, stamp_ns: int) -> None:
        if stamp_ns < self._answered:
            return
        self._repeats.add(name)
        if len(self._repeats) == len(self._names):
            self._repeats.clear()
            self._again()
