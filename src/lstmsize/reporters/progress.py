"""What is shown while a run goes on: a live display on a terminal, one line at a time elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from lstmsize.events import Barrier, Event, Progress, ReplicateDone, Stage, silent
from lstmsize.naming import counted
from lstmsize.reporters.wording import against_baseline, duration

if TYPE_CHECKING:
    from rich.console import RenderableType

_REFRESHES = 8
"""Per second; a spinner that moves shows that the run is alive."""


@contextmanager
def progress_on(stream: TextIO | None, *, quiet: bool = False) -> Iterator[Progress]:
    """Show a run on a stream while the context lasts.

    Parameters
    ----------
    stream : text stream or None
        Where to write, usually standard error; None shows nothing.
    quiet : bool
        Show nothing.

    Yields
    ------
    Progress
        The callable to hand to the journey.
    """
    if quiet or stream is None:
        yield silent
    elif is_terminal(stream) and os.environ.get("TERM") != "dumb":
        with _live(stream) as progress:
            yield progress
    else:
        yield _PlainLines(stream)


def is_terminal(stream: TextIO | None) -> bool:
    """Ask the stream itself: variables such as FORCE_COLOR do not make a file a terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


@dataclass(kw_only=True)
class Run:
    """What is known of a run from its events so far."""

    stage: Stage | None = None
    barrier: Barrier | None = None
    last: ReplicateDone | None = None
    failed: int = 0
    started: float = field(default_factory=monotonic)
    decided: float = 0.0

    def tell(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Stage):
            self.stage, self.barrier, self.last, self.failed = event, None, None, 0
        elif isinstance(event, Barrier):
            self.barrier, self.last, self.decided = event, None, monotonic()
        else:
            self.last = event
            self.failed += event.loss is None

    def lines(self, now: float) -> list[str]:
        """Return what to show below the stage, at some time on `time.monotonic`."""
        known = [self._work(), self._best(), self._left(now)]
        return [line for line in known if line]

    def _work(self) -> str:
        parts = []
        if self.barrier is not None and self.barrier.replicates:
            cells, replicates = self.barrier.cells, self.barrier.replicates
            parts.append(f"{counted(replicates, 'training')} of {counted(cells, 'size')} done")
        if self.last is not None:
            parts.append(f"now {self.last.done} of {self.last.planned} until the next decision")
        if self.failed:
            parts.append(f"{self.failed} failed")
        return ", ".join(parts)

    def _best(self) -> str:
        if self.barrier is None or self.barrier.best is None or self.barrier.loss is None:
            return ""
        return f"best so far: {self.barrier.best}, {against_baseline(self.barrier.loss)}"

    def _left(self, now: float) -> str:
        if self.barrier is None or self.barrier.seconds_left is None:
            return ""
        left = max(0.0, self.barrier.seconds_left - (now - self.decided))
        return f"at most {duration(left)} left to search unless larger sizes pay"


class _PlainLines:
    """One line per stage and barrier; a stream that is gone is no reason to stop."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._run = Run()

    def __call__(self, event: Event) -> None:
        self._run.tell(event)
        if isinstance(event, Stage):
            self._write(event.message)
        elif isinstance(event, Barrier):
            told = self._run.lines(self._run.decided)
            if told:
                self._write(f"decision {event.number}: {'; '.join(told)}")

    def _write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(f"lstmsize: {line}\n")
            self._stream.flush()


class _Display:
    """The live display; rich draws it anew several times a second."""

    def __init__(self, run: Run) -> None:
        from rich.spinner import Spinner

        self._run = run
        self._spinner = Spinner("dots")

    def __rich__(self) -> RenderableType:
        from rich.table import Table
        from rich.text import Text

        now = monotonic()
        stage = self._run.stage.message if self._run.stage else ""
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=1)
        grid.add_column(no_wrap=True, overflow="ellipsis")
        grid.add_row(self._spinner, Text(f"{stage}  {duration(now - self._run.started)}", style="bold"))
        for line in self._run.lines(now):
            grid.add_row("", Text(line))
        return grid


@contextmanager
def _live(stream: TextIO) -> Iterator[Progress]:
    from rich.console import Console
    from rich.live import Live

    run = Run()
    console = Console(file=stream, force_terminal=True, force_interactive=True, highlight=False)
    live = Live(
        _Display(run),
        console=console,
        refresh_per_second=_REFRESHES,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )

    def show(event: Event) -> None:
        run.tell(event)
        if isinstance(event, Stage):
            live.refresh()

    with live:
        yield show
