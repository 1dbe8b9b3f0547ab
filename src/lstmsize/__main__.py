"""The ``lstmsize`` command: whatever happens becomes an exit code and at most one sentence."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from lstmsize.delivery import allow_all_letters, write_stderr
from lstmsize.errors import LstmsizeError
from lstmsize.naming import NAME

if TYPE_CHECKING:
    from lstmsize.questions import Question

INTERRUPTED = 130
TERMINATED = 143
DEFECT = LstmsizeError.exit_code
TRACEBACK = "LSTMSIZE_TRACEBACK"


class _Terminated(BaseException):
    """SIGTERM arrived; an exception, so that every ``with`` on the way out stops its worker processes."""


def main() -> None:
    """Run the command and exit with its code."""
    if not sys.warnoptions:  # what libraries warn of is for their callers, who are in this program
        warnings.simplefilter("ignore")
    allow_all_letters()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line.

    Parameters
    ----------
    arguments : sequence of str
        What follows the program's name.

    Returns
    -------
    int
        The exit code; every failure is on standard error in one sentence.
    """
    question: Question | None = None
    arrived: list[int] = []
    try:
        with _noted(arrived):
            # Imported here, so that an interrupt meanwhile is one.
            from lstmsize.cli import parse
            from lstmsize.questions import carry_out

            parsed = parse(arguments)
            if arrived:  # typer makes an exit code of it, without a word
                return _fail(_interruption("interrupted", question), INTERRUPTED)
            if isinstance(parsed, int):
                return parsed
            question = parsed
            return carry_out(question)
    except (Exception, KeyboardInterrupt, _Terminated) as error:  # noqa: BLE001 - a defect gets a sentence, too
        # A library that was interrupted may have made another error of it.
        if isinstance(error, _Terminated) or signal.SIGTERM in arrived:
            return _fail(_interruption("terminated", question), TERMINATED)
        if isinstance(error, KeyboardInterrupt) or signal.SIGINT in arrived:
            return _fail(_interruption("interrupted", question), INTERRUPTED)
        if isinstance(error, LstmsizeError):
            return _fail(f"error: {error}", error.exit_code)
        return _fail(_defect(error), DEFECT)


def _fail(message: str, code: int) -> int:
    if os.environ.get(TRACEBACK):
        write_stderr(traceback.format_exc())
    write_stderr(f"{NAME}: {message}\n")
    return code


def _interruption(word: str, question: Question | None) -> str:
    if question is None or question.command == "baseline" or question.dry_run:
        return word
    if question.study is not None:
        return f"{word}; the same command goes on where it was, from {question.study}"
    return f"{word}; --study FILE would have kept the finished trainings for the same command to go on with"


def _defect(error: BaseException) -> str:
    told = " ".join(str(error).split())
    name = f"{type(error).__name__}: {told}" if told else type(error).__name__
    return (
        f"error: this is a defect in {NAME} ({name}); the environment variable {TRACEBACK}=1 shows where it arose"
    )


@contextmanager
def _noted(arrived: list[int]) -> Iterator[None]:
    """Note the signals that end the run in good order; one that is ignored on purpose stays ignored."""

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        arrived.append(number)
        raise _Terminated if number == signal.SIGTERM else KeyboardInterrupt

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    ours = {number: before for number, before in handlers.items() if before not in (None, signal.SIG_IGN)}
    if threading.current_thread() is not threading.main_thread():  # which alone may do this
        ours = {}
    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, before in ours.items():
            signal.signal(number, before)


if __name__ == "__main__":
    main()
