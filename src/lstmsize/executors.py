"""Executors: run a callable on many tasks in worker processes; they know nothing of training."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, forkserver, resource_tracker
from time import monotonic
from types import ModuleType
from typing import Any, Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

_METHOD = "forkserver" if sys.platform == "linux" else "spawn"

_work: Callable[[Any], Any] | None = None
"""The callable of this worker process, set once when it starts, so that its data travel once."""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A task whose worker died, so that there is no result."""

    reason: str


class ProcessExecutor(Generic[Task, Result]):
    """Run tasks in processes of one thread each.

    Processes are never forked from this one (a fork after an OpenMP operation may hang for good) but spawned, on
    Linux by a fork of a process that has only imported (see `LoadAhead`). One process is used even for a single
    job, so that the results do not depend on the number of jobs.

    Parameters
    ----------
    work : callable
        What is done with each task; pickled once per process.
    jobs : int
        Processes at a time.
    """

    def __init__(self, work: Callable[[Task], Result], jobs: int) -> None:
        self._callable = work
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> ProcessExecutor[Task, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, tasks: Sequence[Task], deadline: float | None = None) -> Iterator[tuple[Task, Result | Lost]]:
        """Run tasks; yield each with its result as it finishes.

        Parameters
        ----------
        tasks : sequence
            What to do, started in this order.
        deadline : float, optional
            Time on `time.monotonic` after which running tasks are killed and the rest is not started.

        Yields
        ------
        task, result
            In the order of finishing. A task whose worker died is tried once more alone, and then given as
            `Lost`; tasks cut off by the deadline are not given.
        """
        suspects: list[Task] = []
        for task, result in self._together(tasks, deadline):
            if isinstance(result, Lost):
                suspects.append(task)
            else:
                yield task, result
        for task in suspects:  # one of them broke the pool for all: alone, the guilty one shows
            yield from self._together([task], deadline)

    def close(self) -> None:
        """Stop all workers at once."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=True, cancel_futures=True)

    def _together(self, tasks: Sequence[Task], deadline: float | None) -> Iterator[tuple[Task, Result | Lost]]:
        if deadline is not None and monotonic() >= deadline:
            return
        try:
            pending = self._submitted(tasks)
        except BrokenProcessPool:  # a worker was killed while it had nothing to do
            self.close()
            pending = self._submitted(tasks)
        while pending:
            left = None if deadline is None else max(0.0, deadline - monotonic())
            done, _ = wait(pending, timeout=left, return_when=FIRST_COMPLETED)
            if not done:
                self.close()
                return
            for future in done:
                task = pending.pop(future)
                try:
                    yield task, future.result()
                except BrokenProcessPool:
                    self.close()
                    yield task, Lost(reason="the worker process died")

    def _submitted(self, tasks: Sequence[Task]) -> dict[Future[Any], Task]:
        pool = self._started()
        with _spawning():  # processes are spawned when something is submitted
            return {pool.submit(_do, task): task for task in tasks}

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._jobs,
                mp_context=multiprocessing.get_context(_METHOD),
                initializer=_start_worker,
                initargs=(self._callable,),
            )
        return self._pool


class LoadAhead:
    """Import a module where workers will need it while a block runs that finds out whether there will be any.

    On Linux workers are forked from a process that does nothing but import; it begins when the block is entered.
    Unless `wanted` is set in the block that process ends with it. Elsewhere, and where it runs from an earlier
    use, nothing is done.

    Parameters
    ----------
    module : str
        Name of the module.

    Attributes
    ----------
    wanted : bool
        Whether there will be work.
    """

    def __init__(self, module: str) -> None:
        self.wanted = False
        self._module = module
        self._process: int | None = None

    def __enter__(self) -> LoadAhead:
        if _METHOD == "forkserver":
            before = _server_process()
            multiprocessing.set_forkserver_preload([self._module])
            with _spawning():
                forkserver.ensure_running()
            self._process = after if (after := _server_process()) != before else None
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and not self.wanted:
            # It would hold standard output open until it has imported. What asks for it next must find it dead,
            # and reap it: until then it is only waited for.
            os.kill(self._process, signal.SIGKILL)
            os.waitid(os.P_PID, self._process, os.WEXITED | os.WNOWAIT)


def _server_process() -> int | None:
    # There is no public way to ask; without an answer there is nothing to end either.
    server = getattr(forkserver, "_forkserver", None)
    return getattr(server, "_forkserver_pid", None)


@contextmanager
def _spawning() -> Iterator[None]:
    """Prepare what a process inherits in the moment it is spawned.

    The thread variables must stand before the worker imports anything. The caller's main module must not be
    imported again, which a script without a ``__main__`` guard, or one read from standard input, cannot bear;
    workers need nothing of it. Interrupts wait meanwhile, and workers never hear of them: the parent decides, and
    they would only print tracebacks.
    """
    with _interrupts_held():
        variables = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
        main = sys.modules["__main__"]
        os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
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
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(work: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    global _work
    _work = work


def _end_with_parent() -> None:
    """Wait for the parent's death; a worker would otherwise outlive a killed parent for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _do(task: Any) -> Any:
    if _work is None:
        raise RuntimeError("the worker was not started")
    return _work(task)
