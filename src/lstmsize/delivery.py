"""Writes the answer: to standard output, and to a file that is either whole or untouched."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from lstmsize.errors import OutputError


def check_stdout() -> None:
    """Refuse a run whose answer could not be shown.

    Raises
    ------
    OutputError
        If standard output is closed.
    """
    if sys.stdout is None or sys.stdout.closed:
        raise OutputError("standard output is closed")


def check_output(path: str) -> None:
    """Find out whether a file can be written, and leave no trace of having tried.

    Parameters
    ----------
    path : str
        Where the answer shall go later.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        target = _target(path)
        if target is None:
            if not os.access(path, os.W_OK):
                raise PermissionError(None, "it must not be written")
            return
        if target.exists():
            with target.open("ab"):
                pass
        beside = _beside(target)
        beside.open("xb").close()
        beside.unlink()
    except OSError as error:
        raise OutputError(f"--output {path}: cannot be written: {_reason(error, path)}") from error


def write_output(path: str, document: str) -> None:
    """Write a file whole: under another name beside it first, then in its place.

    Parameters
    ----------
    path : str
        Where to. What is no ordinary file, such as ``/dev/null`` or a named pipe, is written directly.
    document : str
        What to write.

    Raises
    ------
    OutputError
        If it cannot be written; an older file is then as it was.
    """
    try:
        target = _target(path)
        if target is None:
            Path(path).write_text(document, encoding="utf-8")
        else:
            _replace(target, document)
    except OSError as error:
        raise OutputError(f"--output {path}: cannot be written: {_reason(error, path)}") from error


def write_stdout(text: str) -> None:
    """Write to standard output; a reader that has gone away is no error.

    Parameters
    ----------
    text : str
        What to write.

    Raises
    ------
    OutputError
        If it cannot be written for another reason, such as a full disk.
    """
    check_stdout()
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except (OSError, ValueError) as error:
        _silence(sys.stdout)
        raise OutputError(f"standard output cannot be written: {_reason(error)}") from error


def write_stderr(text: str) -> None:
    """Write to standard error if it is still there; what it says is no part of the answer."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        _silence(sys.stderr)


def allow_all_letters() -> None:
    """Make the standard streams take every letter; what their encoding lacks is written as a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _target(path: str) -> Path | None:
    """Return the file behind a path, its links followed; None for what is no ordinary file."""
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return Path(path).resolve()
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(None, "it is a folder")
    return Path(path).resolve() if stat.S_ISREG(mode) else None


def _beside(target: Path) -> Path:
    return target.with_name(f".lstmsize-{secrets.token_hex(8)}")


def _replace(target: Path, document: str) -> None:
    beside = _beside(target)
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            shutil.copymode(target, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _silence(stream: TextIO) -> None:
    """Send what is left in a stream's buffer nowhere; the interpreter would stumble over it at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _reason(error: Exception, path: str | None = None) -> str:
    folder = None if path is None else Path(path).absolute().parent
    if isinstance(error, FileNotFoundError) and folder is not None and not folder.exists():
        return f"the folder {folder} does not exist"
    reason = getattr(error, "strerror", None) or str(error)
    return f"{reason[:1].lower()}{reason[1:]}"
