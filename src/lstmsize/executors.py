"""Executors: run a callable on many tasks in worker processes; they know nothing of training."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection
from time import monotonic, sleep
from typing import Any, Generic, TypeVar

from lstmsize.errors import WorkerError
from lstmsize.spawning import METHOD, spawning

Task = TypeVar("Task")
Result = TypeVar("Result")

_NO_WORKERS = (BrokenProcessPool, EOFError, OSError)

_PAUSES = (0.0, 0.5)
"""Seconds before the second and the third attempt to start workers: what was killed takes a moment to be gone."""

_work: Callable[[Any], Any] | None = None
"""The callable of this worker process, set once when it starts, so that its data travel once."""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A task whose worker died, so that there is no result."""

    reason: str


class ProcessExecutor(Generic[Task, Result]):
    """Run tasks in processes of one thread each.

    Processes are never forked from this one (a fork after an OpenMP operation may hang for good) but spawned, on
    Linux by a fork of a process that has only imported (see `lstmsize.spawning.LoadAhead`). One process is used
    even for a single job, so that the results do not depend on the number of jobs.

    Parameters
    ----------
    work : callable
        What is done with each task; pickled once per process.
    jobs : int
        Processes at a time.
    """

    def __init__(self, work: Callable[[Task], Result], jobs: int) -> None:
        self._callable = work
        self.jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> ProcessExecutor[Task, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self, tasks: Sequence[Task], deadline: float | None = None, grace: float | None = None
    ) -> Iterator[tuple[Task, Result | Lost]]:
        """Run tasks; yield each with its result as it finishes.

        Parameters
        ----------
        tasks : sequence
            What to do, started in this order.
        deadline : float, optional
            Time on `time.monotonic` after which running tasks are killed and the rest is not started.
        grace : float, optional
            A later one, which holds while no task has finished.

        Raises
        ------
        WorkerError
            If no worker can be started, or one lacks what it is to import.

        Yields
        ------
        task, result
            In the order of finishing. A task whose worker died is tried once more alone, and then given as
            `Lost`; tasks cut off by the deadline are not given.
        """
        suspects: list[Task] = []
        for task, result in self._together(tasks, deadline, grace):
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

    def _together(
        self, tasks: Sequence[Task], deadline: float | None, grace: float | None = None
    ) -> Iterator[tuple[Task, Result | Lost]]:
        until = deadline if grace is None else grace
        if until is not None and monotonic() >= until:
            return
        pending = self._begun(tasks)
        while pending:
            left = None if until is None else max(0.0, until - monotonic())
            done, _ = wait(pending, timeout=left, return_when=FIRST_COMPLETED)
            if not done:
                self.close()
                return
            until = deadline
            for future in done:
                task = pending.pop(future)
                try:
                    yield task, future.result()
                except ImportError as error:
                    self.close()
                    raise WorkerError(f"worker processes cannot import what they need: {error}") from error
                except BrokenProcessPool:
                    self.close()
                    yield task, Lost(reason="the worker process died")

    def _begun(self, tasks: Sequence[Task]) -> dict[Future[Any], Task]:
        """Submit tasks, again where a worker was killed that had nothing to do, or what they are forked from."""
        pauses = iter(_PAUSES)
        while True:
            try:
                return self._submitted(tasks)
            except _NO_WORKERS as error:
                self.close()
                pause = next(pauses, None)
                if pause is None:
                    reason = str(error) or type(error).__name__
                    raise WorkerError(f"worker processes cannot be started: {reason}") from error
                sleep(pause)

    def _submitted(self, tasks: Sequence[Task]) -> dict[Future[Any], Task]:
        pool = self._started()
        with spawning():  # processes are spawned when something is submitted
            return {pool.submit(_do, task): task for task in tasks}

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.jobs,
                mp_context=multiprocessing.get_context(METHOD),
                initializer=_start_worker,
                initargs=(self._callable,),
            )
        return self._pool


def _start_worker(work: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in `spawning`, where there are no signal masks
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
