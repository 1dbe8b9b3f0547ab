"""Progress: plain lines in a file, a live display on a terminal, nothing when it is not wanted."""

from __future__ import annotations

from io import StringIO

import pytest

from lstmsize.events import Barrier, Event, ReplicateDone, Stage, silent
from lstmsize.reporters.progress import Run, is_terminal, progress_on

SEARCH = Stage(name="search", message="comparing sizes on level, window 34")
DONE = ReplicateDone(size="64×1", state="converged", loss=0.93, done=3, planned=8)
FAILED = ReplicateDone(size="512×3", state="memory", loss=None, done=4, planned=8)
BARRIER = Barrier(number=2, cells=4, replicates=24, best="64×1", loss=0.916, effort=0.3, seconds_left=75.0)
FIRST = Barrier(number=1, cells=0, replicates=0, best=None, loss=None, effort=0.0, seconds_left=None)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Gone(StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def shown(stream: StringIO, *events: Event, quiet: bool = False) -> str:
    with progress_on(stream, quiet=quiet) as progress:
        for event in events:
            progress(event)
    return stream.getvalue()


def test_a_file_gets_one_line_per_stage_and_barrier() -> None:
    assert shown(StringIO(), SEARCH, FIRST, DONE, BARRIER).splitlines() == [
        "lstmsize: comparing sizes on level, window 34",
        "lstmsize: decision 2: 24 trainings of 4 sizes done; best so far: 64×1, 8.4% below the best baseline's "
        "error; at most 1:15 left to search unless larger sizes pay",
    ]


def test_each_line_is_there_as_soon_as_it_is_told() -> None:
    stream = StringIO()
    with progress_on(stream) as progress:
        progress(SEARCH)
        assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize("stream", [StringIO(), Terminal()])
def test_quiet_shows_nothing(stream: StringIO) -> None:
    assert shown(stream, SEARCH, BARRIER, quiet=True) == ""


def test_no_stream_is_silence() -> None:
    with progress_on(None) as progress:
        assert progress is silent


def test_a_stream_that_is_gone_does_not_stop_the_run() -> None:
    assert shown(Gone(), SEARCH, BARRIER) == ""


def test_a_terminal_gets_a_live_display_and_its_cursor_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    text = shown(Terminal(), SEARCH, BARRIER)
    assert "comparing sizes on level" in text
    assert "\x1b[?25l" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_the_cursor_comes_back_after_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with pytest.raises(KeyboardInterrupt), progress_on(stream):
        raise KeyboardInterrupt
    assert "\x1b[?25h" in stream.getvalue()


def test_only_the_stream_says_whether_it_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in shown(StringIO(), SEARCH)
    closed = Terminal()
    closed.close()
    assert is_terminal(Terminal())
    assert not is_terminal(None)
    assert not is_terminal(StringIO())


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert shown(Terminal(), SEARCH) == "lstmsize: comparing sizes on level, window 34\n"


def test_the_display_counts_trainings_failures_and_the_time_down() -> None:
    run = Run()
    for event in (SEARCH, BARRIER, DONE, FAILED):
        run.tell(event)
    assert run.lines(run.decided + 15) == [
        "24 trainings of 4 sizes done, now 4 of 8 until the next decision, 1 failed",
        "best so far: 64×1, 8.4% below the best baseline's error",
        "at most 1:00 left to search unless larger sizes pay",
    ]
    assert run.lines(run.decided + 1000)[-1] == "at most 0:00 left to search unless larger sizes pay"


def test_a_network_that_is_worse_is_said_to_be_above_the_baseline() -> None:
    run = Run()
    run.tell(Barrier(number=1, cells=1, replicates=1, best="32×1", loss=1.2, effort=0, seconds_left=3700.0))
    assert run.lines(run.decided) == [
        "1 training of 1 size done",
        "best so far: 32×1, 20.0% above the best baseline's error",
        "at most 1:01:40 left to search unless larger sizes pay",
    ]


def test_a_new_stage_starts_afresh() -> None:
    run = Run()
    for event in (SEARCH, BARRIER, DONE, FAILED, Stage(name="holdout", message="64×1 on the holdout")):
        run.tell(event)
    assert run.lines(run.started) == []
    run.tell(DONE)
    assert "failed" not in run.lines(run.started)[0]
