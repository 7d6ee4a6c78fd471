"""What a person sees while an instruction is carried out: one line that follows the cell.

Feedback of the task and the guard's state enter; a line with a bar leaves on a terminal, and
plain lines on anything else, one for each change.
"""
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TextIO, TypeVar

from rich import progress as bars
from rich.console import Console

T = TypeVar('T')


def track(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Yield `items` while a bar on stderr counts them up to `total`."""
    console = Console(stderr=True)
    with bars.Progress(bars.TextColumn(what), bars.BarColumn(), bars.MofNCompleteColumn(),
                       bars.TimeElapsedColumn(), bars.TimeRemainingColumn(), console=console,
                       transient=True, disable=not console.is_terminal) as bar:
        yield from bar.track(items, total)


def follow(rows: Iterable[dict[str, Any]], what: str) -> Iterator[dict[str, Any]]:
    """Yield `rows` while a bar on stderr follows their 'share', 0..1, and shows their 'loss'."""
    console = Console(stderr=True)
    with bars.Progress(bars.TextColumn('{task.description}'), bars.BarColumn(),
                       bars.TaskProgressColumn(), bars.TimeElapsedColumn(),
                       bars.TimeRemainingColumn(), console=console, transient=True,
                       disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)
        for row in rows:
            loss = f", loss {row['loss']:.4f}" if 'loss' in row else ''
            bar.update(task, completed=row['share'], description=f"{row['stage']}{loss}")
            yield row


@contextmanager
def share_bar(what: str) -> Iterator[Callable[[float], None]]:
    """Give what takes the share 0..1 that is done; a bar on stderr shows it."""
    console = Console(stderr=True)
    with bars.Progress(bars.TextColumn(what), bars.BarColumn(), bars.TaskProgressColumn(),
                       bars.TimeRemainingColumn(), console=console, transient=True,
                       disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


class Progress:
    """A context in which progress is shown on `stream`."""

    def __init__(self, stream: TextIO):
        self._console = Console(file=stream, highlight=False)
        self._bar = bars.Progress(
            bars.SpinnerColumn(), bars.TextColumn('{task.description}'), bars.BarColumn(24),
            bars.TimeElapsedColumn(), console=self._console, transient=True,
            disable=not self._console.is_terminal)
        self._row = self._bar.add_task('', total=1.0)
        self._last = ''

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._bar.stop()

    def say(self, text: str) -> None:
        """Show what is going on now."""
        if text != self._last:
            self._last = text
            if self._console.is_terminal:
                self._bar.update(self._row, description=text)
            else:
                self._console.print(text, markup=False)

    def show(self, feedback: Any, guard: Any) -> None:
        """Show the task's feedback and the guard's last state."""
        state = guard.state if guard is not None else '?'
        step = f'step {feedback.step + 1}/{max(feedback.steps, 1)}'
        self.say(f'{feedback.phase}, {step}: {feedback.text} (guard {state})')
        self._bar.update(self._row, completed=feedback.progress)
