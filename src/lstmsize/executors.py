"""Executors: run a callable on many tasks in worker processes or in threads of one; they know no training."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
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
from queue import SimpleQueue
from time import monotonic, sleep
from typing import Any, Generic, TypeVar

from lstmsize.errors import WorkerError
from lstmsize.spawning import METHOD, spawning

Task = TypeVar("Task")
Result = TypeVar("Result")

_NO_WORKERS = (BrokenExecutor, EOFError, OSError)

_PAUSES = (0.0, 0.5)
"""Seconds before the second and the third attempt to start workers: what was killed takes a moment to be gone."""

_MOST_THREADS = 64
"""Of a worker process: each has a pipe, and a process is given so many files when it starts."""

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
    """Run tasks in threads of one process, for what processes can only use in turns, as a CUDA device."""

    _worker: _Worker | None = None

    def close(self) -> None:
        """Stop the worker at once."""
        if self._worker is not None:
            self._worker.kill()
        self._worker = None

    def _submitted(self, tasks: Sequence[Task]) -> dict[Future[Result], Task]:
        if self._worker is None:
            self._worker = _Worker(self._callable, min(self.jobs, _MOST_THREADS))
        if self._worker.dead:
            raise BrokenExecutor("the worker process died while it had nothing to do")
        return {self._worker.submit(task): task for task in tasks}


class _Worker:
    """A process in which each thread does what one of this process, which waits for it, sends through a pipe."""

    def __init__(self, work: Callable[[Any], Any], threads: int) -> None:
        context: Any = multiprocessing.get_context(METHOD)
        pipes = [context.Pipe() for _ in range(threads)]
        self._process = context.Process(target=_serve, args=(work, [there for _, there in pipes]), daemon=True)
        with spawning():
            self._process.start()
        self._free: SimpleQueue[connection.Connection] = SimpleQueue()
        for here, there in pipes:
            there.close()
            self._free.put(here)
        self._waiting = ThreadPoolExecutor(threads)

    @property
    def dead(self) -> bool:
        return bool(connection.wait([self._process.sentinel], 0))

    def submit(self, task: Any) -> Future[Any]:
        return self._waiting.submit(self._ask, task)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()  # where what it was forked from is dead, it ends by this
        self._waiting.shutdown(
            wait=True
        )  # tasks that are left fail at once; `wait` would not hear of cancelled ones

    def _ask(self, task: Any) -> Any:
        pipe = self._free.get()
        try:
            pipe.send(task)
            result, error = pipe.recv()
        except (EOFError, OSError) as gone:
            raise BrokenExecutor from gone
        finally:
            self._free.put(pipe)
        if error is not None:
            raise error
        return result


def _serve(work: Callable[[Any], Any], pipes: list[connection.Connection]) -> None:
    _start_worker(work)
    threads = [threading.Thread(target=_answer, args=(pipe,), daemon=True) for pipe in pipes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _answer(pipe: connection.Connection) -> None:
    with pipe:  # closed where a thread ends, so that who waits for it hears of that
        while True:
            try:
                task = pipe.recv()
            except EOFError:
                return
            try:
                pipe.send((_do(task), None))
            except Exception as error:  # noqa: BLE001 - raised again by who asked
                error.add_note(traceback.format_exc())
                pipe.send((None, error))


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
