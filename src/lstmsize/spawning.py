"""How worker processes come about without harm to the caller's: its main module, threads, forks and signals."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from time import monotonic, sleep
from types import ModuleType
from typing import Any, ClassVar

from lstmsize.errors import UsageError

METHOD = "forkserver" if sys.platform == "linux" else "spawn"

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

LOOKS = 0.02
"""Seconds between two looks at what other processes have done."""

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)

_lock = threading.RLock()
"""What a process inherits is set for the whole process, so that one thread at a time may spawn."""


def refuse_daemons() -> None:
    """Refuse to begin where no worker could be started.

    Raises
    ------
    UsageError
        In a daemonic process, such as those of `multiprocessing.Pool`.
    """
    if multiprocessing.current_process().daemon:
        raise UsageError(
            "a daemonic process may not start workers, which recommend needs; "
            "call it from concurrent.futures.ProcessPoolExecutor instead of multiprocessing.Pool"
        )


@contextmanager
def spawning() -> Iterator[None]:
    """Prepare what a process inherits in the moment it is spawned.

    The thread variables must stand before the worker imports anything. The caller's main module must not be
    imported again, which a script without a ``__main__`` guard, or one read from standard input, cannot bear;
    workers need nothing of it, nor of the caller's start method, which they may not know (joblib has its own).
    Interrupts wait meanwhile, and workers never hear of them: the parent decides, and they would only print
    tracebacks.
    """
    default: Any = multiprocessing.context._default_context
    with _lock, _interrupts_held():
        # Read where a process starts, not where it is forked from one that has; and the caller may be importing
        # something that reads them, too.
        read = () if forks_at_once() else _THREAD_VARIABLES
        variables = {name: os.environ.get(name) for name in read}
        main, context = sys.modules["__main__"], default._actual_context
        os.environ.update(dict.fromkeys(read, "1"))
        sys.modules["__main__"] = ModuleType("__main__")
        default._actual_context = multiprocessing.get_context(METHOD)
        try:
            yield
        finally:
            default._actual_context = context
            sys.modules["__main__"] = main
            for name, value in variables.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


@contextmanager
def _interrupts_held() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # it lets these signals through once it has started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        with _handlers_held():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _handlers_held() -> Iterator[None]:
    """Put off what the caller's handlers do: a thread of numpy, which blocks nothing, may take the signal.

    The main thread would be interrupted amid the making of a worker, which nobody then knew to end.
    """
    if threading.current_thread() is not threading.main_thread():  # which alone runs handlers
        yield
        return
    arrived: list[int] = []
    handlers = {number: signal.getsignal(number) for number in _INTERRUPTS}
    held = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in held:
        signal.signal(number, lambda number, _: arrived.append(number))
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
        for late in arrived:  # blocked until the mask is as it was
            signal.raise_signal(late)


class LoadAhead:
    """Import modules where workers will need it while a block runs that finds out whether there will be any.

    On Linux workers are forked from a process that does nothing but import; it begins when the block is entered.
    Unless `wanted` is set in the block, or in one of another thread, that process ends with it, and so it does
    where an interrupt leaves the block before all is imported. Elsewhere, and where it runs from an earlier use,
    nothing is begun.

    Parameters
    ----------
    *modules : str
        Their names.

    Attributes
    ----------
    wanted : bool
        Whether there will be work.
    """

    _open: ClassVar[int] = 0
    _kept: ClassVar[bool] = False
    _process: ClassVar[int | None] = None

    def __init__(self, *modules: str) -> None:
        self.wanted = False
        self._modules = modules

    def __enter__(self) -> LoadAhead:
        with _lock:
            if METHOD == "forkserver":
                # It only saves time: what keeps it from starting is told where workers are needed.
                with suppress(OSError), spawning():
                    before = _server_process()
                    multiprocessing.set_forkserver_preload([*self._modules])
                    forkserver.ensure_running()
                    if (after := _server_process()) != before:
                        LoadAhead._process, LoadAhead._kept = after, False
            LoadAhead._open += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with _lock:
            LoadAhead._open -= 1
            LoadAhead._kept |= self.wanted
            interrupted = kind is not None and not issubclass(kind, Exception)
            if not LoadAhead._open and (not LoadAhead._kept or (interrupted and not loaded())):
                self._give_up()

    @classmethod
    def _give_up(cls) -> None:
        """End what imports; it would hold standard output open until it has."""
        if LoadAhead._process is None:
            return
        # What asks for it next must find it dead, and reap it: until then it is only waited for.
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(LoadAhead._process, signal.SIGKILL)
            os.waitid(os.P_PID, LoadAhead._process, os.WEXITED | os.WNOWAIT)
        LoadAhead._process = None


def loaded() -> bool:
    """Say whether all that is loaded ahead has been; so it is taken to be where there is no way to know."""
    return _has_imported() is not False


def forks_at_once() -> bool:
    """Say whether workers can be forked from a process that lives and has loaded ahead what they need."""
    return _has_imported() is True


def _has_imported() -> bool | None:
    """Whether the process that loads ahead is done; None where there is none that lives, or no way to know."""
    try:
        status = Path(f"/proc/{LoadAhead._process}/status").read_text()
    except OSError:
        return None
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    if fields["State"].startswith("Z"):
        return None
    # The process that workers are forked from hears of their ends, but only when it has imported.
    return bool(int(fields["SigCgt"], 16) >> (signal.SIGCHLD - 1) & 1)


def wait_until_loaded(until: float | None) -> bool:
    """Wait for what is loaded ahead, heeding interrupts, which are held while a worker is being started.

    Parameters
    ----------
    until : float or None
        Time on `time.monotonic` at which to stop.

    Returns
    -------
    bool
        Whether all is loaded.
    """
    while not (done := loaded()) and (until is None or monotonic() < until):
        sleep(LOOKS)
    return done


def _server_process() -> int | None:
    # There is no public way to ask; without an answer there is nothing to end either.
    server = getattr(forkserver, "_forkserver", None)
    return getattr(server, "_forkserver_pid", None)


def _after_fork() -> None:
    """Forget, in a forked child, the process that the parent's workers are forked from: it is not the child's."""
    global _lock
    _lock = threading.RLock()
    LoadAhead._open, LoadAhead._kept, LoadAhead._process = 0, False, None
    server: Any = getattr(forkserver, "_forkserver", None)
    if _server_process() is not None:
        os.close(server._forkserver_alive_fd)
        server._forkserver_address = server._forkserver_alive_fd = server._forkserver_pid = None
        server._lock = threading.Lock()


if METHOD == "forkserver":
    os.register_at_fork(after_in_child=_after_fork)
