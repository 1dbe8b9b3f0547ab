"""Executors: run a callable on many tasks in worker processes or in threads of one; they know no training."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.managers import BaseManager
from multiprocessing.util import get_temp_dir
from time import monotonic, sleep
from typing import Any, Generic, TypeVar

from lstmsize.errors import WorkerError
from lstmsize.spawning import METHOD, spawning

Task = TypeVar("Task")
Result = TypeVar("Result")

_NO_WORKERS = (BrokenExecutor, EOFError, OSError)

_PAUSES = (0.0, 0.5)
"""Seconds before the second and the third attempt to start workers: what was killed takes a moment to be gone."""

_work: Callable[[Any], Any] | None = None
"""The callable of this worker process, set once when it starts, so that its data travel once."""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A task whose worker died, so that there is no result."""

    reason: str


class Executor(ABC, Generic[Task, Result]):
    """Run tasks in other processes.

    Processes are never forked from this one (a fork after an OpenMP operation may hang for good) but spawned, on
    Linux by a fork of a process that has only imported (see `lstmsize.spawning.LoadAhead`). One process is used
    even for a single job, so that the results do not depend on the number of jobs.

    Parameters
    ----------
    work : callable
        What is done with each task; pickled once per process.
    jobs : int
        Tasks at a time.
    """

    def __init__(self, work: Callable[[Task], Result], jobs: int) -> None:
        self._callable = work
        self.jobs = jobs

    def __enter__(self) -> Executor[Task, Result]:
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

    @abstractmethod
    def close(self) -> None:
        """Stop all workers at once."""

    @abstractmethod
    def _submitted(self, tasks: Sequence[Task]) -> dict[Future[Result], Task]:
        """Start workers unless there are some, and hand them tasks."""

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
                except BrokenExecutor:
                    self.close()
                    yield task, Lost(reason="the worker process died")

    def _begun(self, tasks: Sequence[Task]) -> dict[Future[Result], Task]:
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


class ProcessExecutor(Executor[Task, Result]):
    """Run tasks in processes of one thread each."""

    _pool: ProcessPoolExecutor | None = None

    def close(self) -> None:
        """Stop all workers at once."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=True, cancel_futures=True)

    def _submitted(self, tasks: Sequence[Task]) -> dict[Future[Result], Task]:
        self._pool = self._pool or ProcessPoolExecutor(
            self.jobs,
            mp_context=multiprocessing.get_context(METHOD),
            initializer=_start_worker,
            initargs=(self._callable,),
        )
        with spawning():  # processes are spawned when something is submitted
            return {self._pool.submit(_do, task): task for task in tasks}


class ThreadExecutor(Executor[Task, Result]):
    """Run tasks in threads of one process, for what processes can only use in turns, as a CUDA device.

    Each thread of this process that waits for a task is served by one of the other's.
    """

    _waiting: ThreadPoolExecutor | None = None
    _worker: _Worker | None = None

    def close(self) -> None:
        """Stop the worker at once."""
        worker, self._worker = self._worker, None
        waiting, self._waiting = self._waiting, None
        if worker is not None:
            worker.kill()
        if waiting is not None:  # what has not begun fails at once, and is not cancelled: `wait` would go on
            waiting.shutdown(wait=True)

    def _submitted(self, tasks: Sequence[Task]) -> dict[Future[Result], Task]:
        if self._worker is None:
            with spawning():
                self._worker = _Worker(self._callable)
        self._waiting = self._waiting or ThreadPoolExecutor(self.jobs)
        return {self._waiting.submit(self._worker.do, task): task for task in tasks}


class _Worker:
    """A process that serves each thread that asks it in one of its own."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        get_temp_dir()  # the worker's would stay behind when it is killed; this one it inherits
        self._manager = _Manager(ctx=multiprocessing.get_context(METHOD))
        self._manager.start(_start_worker, (work,))
        self._tasks = self._manager.tasks()  # type: ignore[attr-defined]

    def do(self, task: Any) -> Any:
        try:
            result, error = self._tasks.do(task)
        except (EOFError, OSError) as gone:
            raise BrokenExecutor from gone
        if error is not None:
            raise error
        return result

    def kill(self) -> None:
        process = self._manager._process  # type: ignore[attr-defined]
        process.kill()
        process.join()


class _Tasks:
    """What is asked for in the worker: an error of the task is told from one of the connection."""

    def do(self, task: Any) -> tuple[Any, Exception | None]:
        try:
            return _do(task), None
        except Exception as error:  # noqa: BLE001 - raised again by who asked
            return None, error


class _Manager(BaseManager):
    pass


_Manager.register("tasks", _Tasks)


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
