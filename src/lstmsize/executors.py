"""Executors: run a callable on many tasks in worker processes; they know nothing of training."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from time import monotonic, sleep
from typing import Any, Generic, TypeVar

from lstmsize.errors import WorkerError
from lstmsize.spawning import LOOKS, METHOD, forks_at_once, spawning, wait_until_loaded

Task = TypeVar("Task")
Result = TypeVar("Result")

Ahead = Callable[[Mapping[Task, Result], Sequence[Task]], Sequence[Task]]
"""What tells of tasks that are likely to be asked for; see `ProcessExecutor.run`."""

_NO_WORKER = (EOFError, OSError)

_PAUSES = (0.0, 0.5)
"""Seconds before the second and the third attempt to start workers: what was killed takes a moment to be gone."""

_MOST_PIPES = 60
"""For as many Windows can wait at once, and so many files are given to a process when it starts."""

_LONGEST_WAIT = 86_400.0
"""Seconds; the operating system refuses to wait for a month."""


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
        What is done with each task; pickled once per process. Where another is set, processes that hold the
        former are replaced once they are idle; what was begun before comes of the former.
    jobs : int
        Tasks at a time.
    in_threads : bool
        Whether one process does them all: for what processes can only use in turns, as a CUDA device.
    worth_keeping : callable, optional
        Says of a result that came before it was asked for whether it is the one that would come then.
    """

    def __init__(
        self,
        work: Callable[[Task], Result],
        jobs: int,
        *,
        in_threads: bool = False,
        worth_keeping: Callable[[Result], bool] | None = None,
    ) -> None:
        self.work = work
        self._worth_keeping = worth_keeping or (lambda _: True)
        self.jobs = jobs
        self._processes = 1 if in_threads else min(jobs, _MOST_PIPES)
        self._threads = min(jobs, _MOST_PIPES) if in_threads else 1
        self._workers: list[_Worker] = []
        self._doing: dict[connection.Connection, Task] = {}
        self._known: dict[Task, Result] = {}
        self._failed_ahead: list[Task] = []
        self._beginner: threading.Thread | None = None
        self._begun_enough = threading.Event()

    def __enter__(self) -> ProcessExecutor[Task, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, ahead: Ahead[Task, Result], deadline: float | None = None) -> None:
        """Begin tasks that a run will likely bring while the caller computes, who counts as one of the jobs.

        A thread does so until something is run, or all is closed; what it comes to is kept for runs, as what they
        begin ahead is. Nothing is begun for one job, or on one core, in threads, or where there is no process that
        has loaded ahead what workers need (see `lstmsize.spawning.LoadAhead`).

        Parameters
        ----------
        ahead : callable
            See `run`; takes the place of an earlier one.
        deadline : float, optional
            Time on `time.monotonic` after which nothing more is begun.
        """
        self._stop_beginning()
        if self._ready_at_once() < 2:
            return
        self._begun_enough.clear()
        self._beginner = threading.Thread(target=self._keep_beginning, args=(ahead, deadline), daemon=True)
        with suppress(RuntimeError):  # no more threads: it only saves time
            self._beginner.start()

    def run(
        self,
        tasks: Sequence[Task],
        deadline: float | None = None,
        grace: float | None = None,
        ahead: Ahead[Task, Result] | None = None,
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
        ahead : callable, optional
            Asked where a process, and a core, has nothing to do, for tasks that later runs are likely to bring;
            it is given what such tasks have come to that no run has asked for yet, and the tasks under way. What
            was begun so is kept for runs, if it is worth it, and ended where what is asked for needs its process.
            Nothing is begun ahead in threads, where it could not be ended, or where workers are not forked, and
            another takes seconds.

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
        self._stop_beginning()
        suspects: list[Task] = []
        for task, result in self._together(tasks, deadline, grace, ahead):
            if isinstance(result, Lost):
                suspects.append(task)
            else:
                yield task, result
        if suspects:  # one of several in a process may have killed it: alone, the guilty one shows
            self.close()
        for task in suspects:
            yield from self._together([task], deadline)

    def close(self) -> None:
        """Stop all workers at once."""
        try:
            self._stop_beginning()
        finally:  # a second interrupt may have come meanwhile
            for worker in self._workers:
                worker.kill()
            for worker in self._workers:
                worker.join()
            self._workers, self._doing = [], {}

    def _keep_beginning(self, ahead: Ahead[Task, Result], deadline: float | None) -> None:
        known = -1
        with suppress(Exception):  # what is wrong shows where the tasks are asked for
            while not self._begun_enough.is_set() and (deadline is None or monotonic() < deadline):
                if (pipe := self._next_pipe(monotonic() + LOOKS)) is not None:
                    self._heard(pipe, ())
                if forks_at_once() and known != (known := len(self._known) + len(self._failed_ahead)):
                    self._begin_ahead(ahead, (), self._ready_at_once() - 1)

    def _stop_beginning(self) -> None:
        self._begun_enough.set()
        if self._beginner is not None:
            with suppress(RuntimeError):  # it was not started
                self._beginner.join()
            self._beginner = None

    def _ready_at_once(self) -> int:
        """How many processes could begin something ahead, each on a core of its own."""
        if self._threads > 1 or METHOD != "forkserver":
            return 0
        return min(self._processes, available_cores())

    def _together(
        self,
        tasks: Sequence[Task],
        deadline: float | None,
        grace: float | None = None,
        ahead: Ahead[Task, Result] | None = None,
    ) -> Iterator[tuple[Task, Result | Lost]]:
        until = deadline if grace is None else grace
        if until is not None and monotonic() >= until:
            return
        if not self._workers and not wait_until_loaded(until):
            return
        left, waiting = list(tasks), deque(tasks)
        known = [task for task in self._known if task in waiting]
        for task in (*known, *self._doing.values()):
            with suppress(ValueError):  # it was begun ahead and is not asked for
                waiting.remove(task)
        self._hand_out(waiting, left)
        for task in known:
            left.remove(task)
            until = deadline
            yield task, self._known.pop(task)
        while left:
            if ahead is not None and not waiting and not connection.wait(self._doing, 0):
                self._begin_ahead(ahead, tasks, self._ready_at_once())
            pipe = self._next_pipe(until)
            if pipe is None:
                self.close()
                return
            task, result = self._heard(pipe, left)
            wanted = task in left
            if wanted:
                left.remove(task)
            self._hand_out(waiting, left)  # no worker waits for what is done with the result
            if wanted:
                until = deadline
                yield task, result

    def _next_pipe(self, until: float | None) -> connection.Connection | None:
        """Wait for a result, or for the end of the time."""
        while True:
            timeout = _LONGEST_WAIT if until is None else min(_LONGEST_WAIT, max(0.0, until - monotonic()))
            ready = connection.wait(self._doing, timeout)
            if ready or (until is not None and monotonic() >= until):
                return next((pipe for pipe in self._doing if pipe in ready), None)

    def _heard(self, pipe: connection.Connection, left: Sequence[Task]) -> tuple[Task, Result | Lost]:
        """Take what came through a pipe; keep it for later where it is not among the tasks that are left."""
        task = self._doing.pop(pipe)
        result: Result | Lost
        try:
            result, error = pipe.recv()
        except (EOFError, OSError):
            result, error = Lost(reason="the worker process died"), None
        if task not in left:
            if error is not None or isinstance(result, Lost) or not self._worth_keeping(result):
                # Where it is asked for it is tried again.
                self._failed_ahead.append(task)
            else:
                self._known[task] = result
        elif isinstance(error, ImportError):
            self.close()
            raise WorkerError(f"worker processes cannot import what they need: {error}") from error
        elif error is not None:
            raise error
        return task, result

    def _hand_out(self, waiting: deque[Task], left: Sequence[Task]) -> None:
        while waiting and self._given(waiting[0], left):
            waiting.popleft()

    def _begin_ahead(self, ahead: Ahead[Task, Result], asked: Sequence[Task], most: int) -> None:
        with suppress(Exception):  # a guess ends nothing: what is wrong is told where a task is asked for
            while len(self._doing) < most:
                doing = [*self._doing.values()]
                begun = [*asked, *doing, *self._known, *self._failed_ahead]
                likely = next((task for task in ahead(self._known, doing) if task not in begun), None)
                if likely is None:
                    return
                self._sent(likely, doing)

    def _given(self, task: Task, wanted: Sequence[Task]) -> bool:
        """Give a task to a worker, if one is there or can be; try again where it, or what forks it, was killed."""
        pauses = iter(_PAUSES)
        while True:
            try:
                return self._sent(task, wanted)
            except _NO_WORKER as error:
                pause = next(pauses, None)
                if pause is None:
                    self.close()
                    reason = str(error) or type(error).__name__
                    raise WorkerError(f"worker processes cannot be started: {reason}") from error
                sleep(pause)

    def _sent(self, task: Task, wanted: Sequence[Task]) -> bool:
        pipe = self._free_pipe(wanted)
        if pipe is not None:
            pipe.send(task)
            self._doing[pipe] = task
        return pipe is not None

    def _free_pipe(self, wanted: Sequence[Task]) -> connection.Connection | None:
        """Return the pipe of an idle worker, of a new one, or of one in the place of what is not wanted."""
        for worker in list(self._workers):
            idle = [pipe for pipe in worker.pipes if pipe not in self._doing]
            if not idle:
                continue
            former = worker.work is not self.work
            if not former and worker.works(idle[0]):
                return idle[0]
            if former and len(idle) < len(worker.pipes):
                continue
            worker.kill()  # what its other threads do will be heard of as lost
            if len(idle) == len(worker.pipes):
                self._dismiss(worker)
        if len(self._workers) >= self._processes:
            needed = [pipe for pipe, task in self._doing.items() if task in wanted]
            needless = [worker for worker in self._workers if not any(pipe in needed for pipe in worker.pipes)]
            if not needless:
                return None
            self._dismiss(needless[-1])
        self._workers.append(_Worker(self.work, self._threads))
        return self._workers[-1].pipes[0]

    def _dismiss(self, worker: _Worker) -> None:
        worker.kill()
        worker.join()
        self._workers.remove(worker)
        for pipe in worker.pipes:
            self._doing.pop(pipe, None)


class _Worker:
    """A process of one or several threads, each of which does what comes through a pipe of its own."""

    def __init__(self, work: Callable[[Any], Any], threads: int) -> None:
        context: Any = multiprocessing.get_context(METHOD)
        pairs = [context.Pipe() for _ in range(threads)]
        self.work = work
        self.pipes: list[connection.Connection] = [here for here, _ in pairs]
        theirs = [there for _, there in pairs]
        self._process = context.Process(target=_serve, args=(work, theirs), daemon=True)
        with spawning():
            self._process.start()
        for there in theirs:
            there.close()

    def works(self, pipe: connection.Connection) -> bool:
        """Say whether an idle one still listens: a dying process closes its pipes before it is seen to be dead."""
        try:
            return not pipe.poll() and not connection.wait([self._process.sentinel], 0)
        except OSError:
            return False

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
