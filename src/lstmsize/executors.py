"""Executors: run a callable on many tasks in worker processes; they know nothing of training."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
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


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A task whose worker died, so that there is no result."""

    reason: str


class ProcessExecutor(Generic[Task, Result]):
    """Run tasks in processes of one thread each, or in threads of one process.

    Processes are never forked from this one (a fork after an OpenMP operation may hang for good) but spawned, on
    Linux by a fork of a process that has only imported (see `lstmsize.spawning.LoadAhead`). One process is used
    even for a single job, so that the results do not depend on the number of jobs. (Those of
    `concurrent.futures` cannot be killed at a deadline but by what is private there, and die together.)

    Parameters
    ----------
    work : callable
        What is done with each task; pickled once per process.
    jobs : int
        Tasks at a time.
    in_threads : bool
        Whether one process does them all: for what processes can only use in turns, as a CUDA device.
    """

    def __init__(self, work: Callable[[Task], Result], jobs: int, *, in_threads: bool = False) -> None:
        self._work = work
        self.jobs = jobs
        self._processes = 1 if in_threads else jobs
        self._threads = min(jobs, _MOST_THREADS) if in_threads else 1
        self._workers: list[_Worker] = []
        self._pipes = _Pipes()
        self._waiting: ThreadPoolExecutor | None = None

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
        for task in suspects:  # one of several in a process may have killed it: alone, the guilty one shows
            yield from self._together([task], deadline)

    def close(self) -> None:
        """Stop all workers at once."""
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.join()
        if self._waiting is not None:  # the tasks that are left fail; `wait` would not hear of cancelled ones
            self._waiting.shutdown(wait=True)
        self._workers, self._pipes, self._waiting = [], _Pipes(), None

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

    def _submitted(self, tasks: Sequence[Task]) -> dict[Future[Result], Task]:
        # A dying process closes its pipes before it is seen to be dead.
        if self._pipes.broken or any(worker.dead for worker in self._workers):
            raise BrokenExecutor("a worker process died")
        while len(self._workers) < min(self._processes, len(tasks)):
            worker = _Worker(self._work, self._threads)
            self._workers.append(worker)
            self._pipes.add(worker.pipes)
        self._waiting = self._waiting or ThreadPoolExecutor(self.jobs)
        return {self._waiting.submit(self._pipes.ask, task): task for task in tasks}


class _Pipes:
    """The pipes to all workers; one is held by each thread of this process that waits for a task."""

    def __init__(self) -> None:
        self.broken = False
        self._free: SimpleQueue[connection.Connection] = SimpleQueue()
        self._open = 0
        self._lock = threading.Lock()

    def add(self, pipes: list[connection.Connection]) -> None:
        self._open += len(pipes)
        for pipe in pipes:
            self._free.put(pipe)

    def ask(self, task: Any) -> Any:
        pipe = self._free.get()
        try:
            pipe.send(task)
            result, error = pipe.recv()
        except (EOFError, OSError) as gone:
            self.broken = True
            with self._lock:
                self._open -= 1
                if not self._open:  # nobody is left: who waits for a pipe must hear of it
                    self._open = 1
                    self._free.put(pipe)
            raise BrokenExecutor from gone
        except BaseException:
            self._free.put(pipe)
            raise
        self._free.put(pipe)
        if error is not None:
            raise error
        return result


class _Worker:
    """A process of one or several threads, each of which does what comes through a pipe of its own."""

    def __init__(self, work: Callable[[Any], Any], threads: int) -> None:
        context: Any = multiprocessing.get_context(METHOD)
        pairs = [context.Pipe() for _ in range(threads)]
        self.pipes: list[connection.Connection] = [here for here, _ in pairs]
        theirs = [there for _, there in pairs]
        self._process = context.Process(target=_serve, args=(work, theirs), daemon=True)
        with spawning():
            self._process.start()
        for there in theirs:
            there.close()

    @property
    def dead(self) -> bool:
        return bool(connection.wait([self._process.sentinel], 0))

    def kill(self) -> None:
        with suppress(ValueError):  # it is closed: a second interrupt came while workers were stopped
            self._process.kill()

    def join(self) -> None:
        with suppress(ValueError):
            self._process.join()
            self._process.close()  # where what it was forked from is dead, it ends by this


def _serve(work: Callable[[Any], Any], pipes: list[connection.Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in `spawning`, where there are no signal masks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threads = [threading.Thread(target=_answer, args=(work, pipe), daemon=True) for pipe in pipes[1:]]
    for thread in threads:
        thread.start()
    _answer(work, pipes[0])
    for thread in threads:
        thread.join()


def _answer(work: Callable[[Any], Any], pipe: connection.Connection) -> None:
    with pipe:  # closed where a thread ends, so that who waits for it hears of that
        while True:
            try:
                task = pipe.recv()
            except EOFError:
                return
            try:
                pipe.send((work(task), None))
            except Exception as error:  # noqa: BLE001 - raised again by who asked
                error.add_note(traceback.format_exc())
                pipe.send((None, error))


def _end_with_parent() -> None:
    """Wait for the parent's death; a worker would otherwise outlive a killed parent for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
