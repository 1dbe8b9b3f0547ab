"""The ``lstmsize`` command: whatever happens becomes an exit code and at most one sentence."""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from lstmsize.cli import NAME, parse
from lstmsize.delivery import allow_all_letters, write_stderr
from lstmsize.errors import LstmsizeError
from lstmsize.questions import Question, carry_out

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
    try:
        with _termination():
            parsed = parse(arguments)
            if isinstance(parsed, int):
                return parsed
            question = parsed
            return carry_out(question)
    except LstmsizeError as error:
        return _fail(f"error: {error}", error.exit_code)
    except KeyboardInterrupt:
        return _fail(_interruption("interrupted", question), INTERRUPTED)
    except _Terminated:
        return _fail(_interruption("terminated", question), TERMINATED)
    except Exception as error:  # noqa: BLE001 - the last resort: a defect gets a sentence, too
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


def _defect(error: Exception) -> str:
    told = " ".join(str(error).split())
    name = f"{type(error).__name__}: {told}" if told else type(error).__name__
    return (
        f"error: this is a defect in {NAME} ({name}); the environment variable {TRACEBACK}=1 shows where it arose"
    )


@contextmanager
def _termination() -> Iterator[None]:
    """Let SIGTERM end the run in good order; a signal that is ignored on purpose stays ignored."""

    def terminate(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise _Terminated

    try:
        before = signal.getsignal(signal.SIGTERM)
        if before is signal.SIG_IGN:
            yield
            return
        signal.signal(signal.SIGTERM, terminate)
    except ValueError:  # not the main thread, which alone may do this
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    main()
