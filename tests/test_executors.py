from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import forkserver
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from lstmsize import executors
from lstmsize.errors import WorkerError
from lstmsize.executors import Lost, ProcessExecutor
from processes import ends


def square(number: int) -> int:
    return number * number


def variables(name: str) -> str | None:
    return os.environ.get(name)


def die_on_odd(number: int) -> int:
    if number % 2:
        os._exit(9)
    return number


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


both = pytest.mark.parametrize("in_threads", [False, True])


@both
def test_every_task_comes_back_with_its_result(in_threads: bool):
    with ProcessExecutor[Any, Any](square, 2, in_threads=in_threads) as executor:
        assert dict(executor.run([1, 2, 3])) == {1: 1, 2: 4, 3: 9}
        assert dict(executor.run([4])) == {4: 16}


@both
def test_workers_have_one_thread_and_the_parent_keeps_its_setting(in_threads: bool, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with ProcessExecutor[Any, Any](variables, 1, in_threads=in_threads) as executor:
        assert dict(executor.run(["OMP_NUM_THREADS"])) == {"OMP_NUM_THREADS": "1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"


@both
def test_a_task_that_kills_its_worker_is_lost_and_the_others_are_not(in_threads: bool):
    with ProcessExecutor[Any, Any](die_on_odd, 2, in_threads=in_threads) as executor:
        found = dict(executor.run([0, 1, 2, 4]))
    assert found == {0: 0, 1: Lost(reason="the worker process died"), 2: 2, 4: 4}


def note(line: str) -> None:
    """Append a line to a file after a second, or die at once."""
    file, what = line.split(":")
    if what == "die":
        os._exit(9)
    time.sleep(1)
    with Path(file).open("a", encoding="utf-8") as notes:
        notes.write(f"{what}\n")


def test_the_others_go_on_where_a_process_dies(tmp_path: Path):
    notes = tmp_path / "notes"
    with ProcessExecutor[str, None](note, 2) as executor:
        found = dict(executor.run([f"{notes}:{what}" for what in ("one", "die", "two")]))
    assert [result for task, result in found.items() if not task.endswith("die")] == [None, None]
    assert notes.read_text(encoding="utf-8") == "one\ntwo\n"


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "available_cores", lambda: 2)


def noted(line: str) -> str:
    """Append a line to a file; before it, sleep so long as it says."""
    file, seconds, what = line.split(":")
    time.sleep(float(seconds))
    with Path(file).open("a", encoding="utf-8") as notes:
        notes.write(f"{what}\n")
    return what


def test_what_is_begun_ahead_is_done_once_whether_it_has_finished_or_not(two_cores: None, tmp_path: Path):
    notes = tmp_path / "notes"
    first, soon, later = (f"{notes}:{what}" for what in ("1:first", "0:soon", "2:later"))
    with ProcessExecutor[str, str](noted, 2) as executor:
        assert list(executor.run([first], ahead=lambda *_: [soon, later])) == [(first, "first")]
        assert list(executor.run([later, soon])) == [(soon, "soon"), (later, "later")]
    assert notes.read_text(encoding="utf-8") == "soon\nfirst\nlater\n"


def test_what_was_begun_ahead_and_is_not_asked_for_makes_room(two_cores: None):
    with ProcessExecutor[float, float](sleep, 2) as executor:
        assert dict(executor.run([0.1], ahead=lambda *_: [600.0])) == {0.1: 0.1}
        assert dict(executor.run([0.2, 0.3, 0.4])) == {0.2: 0.2, 0.3: 0.3, 0.4: 0.4}
        assert len(executor._workers) == 2


def test_nothing_is_begun_ahead_where_no_process_is_idle_or_no_core(monkeypatch):
    asked: list[int] = []
    with ProcessExecutor[float, float](sleep, 1) as executor:
        assert len(list(executor.run([0.1, 0.2], ahead=lambda *_: asked.append(1) or []))) == 2  # type: ignore[func-returns-value]
    monkeypatch.setattr(executors, "available_cores", lambda: 1)
    with ProcessExecutor[float, float](sleep, 2) as executor:
        assert len(list(executor.run([0.1], ahead=lambda *_: asked.append(1) or []))) == 1  # type: ignore[func-returns-value]
    with ProcessExecutor[float, float](sleep, 4, in_threads=True) as executor:
        assert len(list(executor.run([0.1, 0.2], ahead=lambda *_: asked.append(1) or []))) == 2  # type: ignore[func-returns-value]
    assert asked == []


def noted_or_failed(line: str) -> str:
    what = noted(line)
    if what == "die":
        os._exit(9)
    if what == "raise":
        raise ValueError("a task that fails")
    return what


def test_what_fails_ahead_is_not_tried_again_before_it_is_asked_for(two_cores: None, tmp_path: Path):
    notes = tmp_path / "notes"
    first, second, die, fail = (f"{notes}:{what}" for what in ("1.5:first", "1:second", "0:die", "0:raise"))
    with ProcessExecutor[str, str](noted_or_failed, 2) as executor:
        assert list(executor.run([first], ahead=lambda *_: [die, fail])) == [(first, "first")]
        assert notes.read_text(encoding="utf-8") == "die\nraise\nfirst\n"
        assert dict(executor.run([second, die], ahead=lambda *_: [die])) == {
            second: "second",
            die: Lost(reason="the worker process died"),
        }
        assert notes.read_text(encoding="utf-8").count("die") == 3, "once with another and once alone"
        with pytest.raises(ValueError, match="a task that fails"):
            list(executor.run([fail]))


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the process that other tests have begun for one that has loaded ahead what workers need."""
    monkeypatch.setattr(executors, "forks_at_once", lambda: True)


def wait_until(true: Callable[[], object]) -> None:
    deadline = monotonic() + 20
    while not true():
        assert monotonic() < deadline, "it does not come"
        time.sleep(0.01)


needs_forks = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere workers are spawned, which takes seconds"
)


@needs_forks
def test_what_is_begun_beside_the_caller_takes_all_cores_but_one_and_is_done_once(
    forking: None, monkeypatch, tmp_path: Path
):
    monkeypatch.setattr(executors, "available_cores", lambda: 3)
    notes = tmp_path / "notes"
    one, two, long, longer, never = (
        f"{notes}:{what}" for what in ("0:one", "0:two", "1:long", "600:longer", "0:never")
    )
    with ProcessExecutor[str, str](noted, 4) as executor:
        executor.begin(lambda *_: [one, two, long, longer, never])
        wait_until(lambda: {*executor._doing.values()} == {long, longer})
        assert dict(executor.run([two, long])) == {two: "two", long: "long"}
        assert len(executor._workers) == 2, "the third core is the caller's"
    assert sorted(notes.read_text(encoding="utf-8").split()) == ["long", "one", "two"]


@pytest.mark.parametrize(("jobs", "cores", "in_threads"), [(1, 4, False), (4, 1, False), (4, 4, True)])
def test_nothing_is_begun_beside_the_caller_without_a_core_or_in_threads(
    jobs: int, cores: int, in_threads: bool, forking: None, monkeypatch
):
    monkeypatch.setattr(executors, "available_cores", lambda: cores)
    with ProcessExecutor[int, int](square, jobs, in_threads=in_threads) as executor:
        executor.begin(lambda *_: [1])
        assert executor._beginner is None
        assert dict(executor.run([2])) == {2: 4}


@needs_forks
def test_what_is_begun_beside_the_caller_follows_from_what_is_known_and_gives_way_to_another_guess(
    forking: None, two_cores: None
):
    asked: list[dict[int, int]] = []

    def following(known: Mapping[int, int], doing: Sequence[int]) -> list[int]:
        assert list(doing) == []
        asked.append(dict(known))
        return [2] if not known else [max(known.values())] if len(known) < 3 else []

    with ProcessExecutor[int, int](square, 2) as executor:
        executor.begin(following)
        wait_until(lambda: len(asked) == 4)
        assert asked[-1] == {2: 4, 4: 16, 16: 256}
        executor.begin(lambda known, _: [max(known) + 1])
        wait_until(lambda: 17 in executor._known)
        assert dict(executor.run([16, 17, 3])) == {16: 256, 17: 289, 3: 9}
    assert len(asked) == 4, "it is asked again only when more is known"


def test_nothing_is_begun_beside_the_caller_where_every_worker_would_import_for_itself(
    two_cores: None, monkeypatch
):
    monkeypatch.setattr(executors, "forks_at_once", lambda: False)
    with ProcessExecutor[float, float](sleep, 2) as executor:
        executor.begin(lambda *_: [0.0])
        time.sleep(0.2)
        assert executor._workers == []


@needs_forks
def test_nothing_is_begun_beside_the_caller_after_the_deadline(forking: None, two_cores: None):
    with ProcessExecutor[float, float](sleep, 2) as executor:
        executor.begin(lambda *_: [0.0], deadline=monotonic() - 1)
        assert executor._beginner is not None
        executor._beginner.join(timeout=20)
        assert not executor._beginner.is_alive()
        assert executor._workers == []


@needs_forks
def test_what_fails_beside_the_caller_fails_where_it_is_asked_for(forking: None, two_cores: None, tmp_path: Path):
    notes = tmp_path / "notes"
    fail, after = f"{notes}:0:raise", f"{notes}:0:after"
    with ProcessExecutor[str, str](noted_or_failed, 2) as executor:
        executor.begin(lambda *_: [fail, after])
        wait_until(lambda: after in executor._known)
        with pytest.raises(ValueError, match="a task that fails"):
            list(executor.run([fail]))
    assert notes.read_text(encoding="utf-8") == "raise\nafter\nraise\n"


@needs_forks
def test_all_cores_but_one_are_filled_with_what_follows_from_tasks_under_way(forking: None, monkeypatch):
    monkeypatch.setattr(executors, "available_cores", lambda: 4)
    with ProcessExecutor[float, float](sleep, 4) as executor:
        executor.begin(lambda _, doing: [600.0 + len(doing)])
        wait_until(lambda: {*executor._doing.values()} == {600.0, 601.0, 602.0})


def test_a_guess_that_fails_ends_nothing(two_cores: None):
    def broken(*_: object) -> list[float]:
        raise ValueError("no idea")

    with ProcessExecutor[float, float](sleep, 2) as executor:
        assert dict(executor.run([0.2], ahead=broken)) == {0.2: 0.2}


def test_a_result_that_is_not_worth_keeping_is_asked_for_again(two_cores: None, tmp_path: Path):
    notes = tmp_path / "notes"
    first, guess = f"{notes}:1:first", f"{notes}:0:guess"
    with ProcessExecutor[str, str](noted, 2, worth_keeping=lambda result: result != "guess") as executor:
        assert dict(executor.run([first], ahead=lambda *_: [guess])) == {first: "first"}
        assert dict(executor.run([guess])) == {guess: "guess"}
    assert notes.read_text(encoding="utf-8") == "guess\nfirst\nguess\n"


@needs_forks
def test_an_executor_that_is_closed_begins_nothing_more(forking: None, two_cores: None):
    with ProcessExecutor[float, float](sleep, 2) as executor:
        executor.begin(lambda *_: [600.0, 600.1])
        wait_until(lambda: executor._doing)
        beginner = executor._beginner
    assert beginner is not None
    assert not beginner.is_alive()
    assert executor._workers == []


@needs_forks
def test_a_worker_that_holds_former_work_is_replaced_once_it_is_idle(forking: None, two_cores: None):
    with ProcessExecutor[float, float](sleep, 2) as executor:
        executor.begin(lambda *_: [0.0])
        wait_until(lambda: 0.0 in executor._known)
        executor.work = square  # type: ignore[assignment]
        assert dict(executor.run([3, 0.0])) == {3: 9, 0.0: 0.0}
        assert len(executor._workers) == 1


@needs_forks
def test_an_interrupt_while_something_is_begun_beside_the_caller_leaves_no_process():
    code = """
import time
from lstmsize.executors import ProcessExecutor
from lstmsize.spawning import LoadAhead, forks_at_once
with LoadAhead("wave"), ProcessExecutor(time.sleep, 3) as executor:
    while not forks_at_once():
        time.sleep(0.01)
    executor.begin(lambda *_: [600.0, 600.1])
    time.sleep(0.02)
    print("begun", flush=True)
    time.sleep(600)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    # Reading ends when the last process that could write has ended: the limit is what fails here.
    _, err = process.communicate(timeout=60)
    assert err.splitlines()[-1] == "KeyboardInterrupt"


def test_a_worker_that_is_missing_only_for_what_is_begun_ahead_ends_nothing(two_cores: None, monkeypatch):
    def refused(*_):
        raise OSError("no more processes")

    def later(*_: object) -> list[float]:
        monkeypatch.setattr(executors, "_Worker", refused)
        return [0.2]

    with ProcessExecutor[float, float](sleep, 2) as executor:
        assert dict(executor.run([0.5], ahead=later)) == {0.5: 0.5}


def test_a_budget_may_be_longer_than_the_operating_system_waits():
    with ProcessExecutor[float, float](sleep, 1) as executor:
        assert dict(executor.run([0.1], deadline=monotonic() + 4e6)) == {0.1: 0.1}


@both
def test_the_deadline_cuts_running_tasks_off(in_threads: bool):
    started = monotonic()
    with ProcessExecutor[Any, Any](sleep, 1, in_threads=in_threads) as executor:
        found = dict(executor.run([0.01, 600.0, 601.0], deadline=started + 1.5))
    assert list(found) in ([], [0.01])


@both
def test_the_first_result_may_come_after_the_deadline(in_threads: bool):
    started = monotonic()
    with ProcessExecutor[Any, Any](sleep, 1, in_threads=in_threads) as executor:
        found = dict(executor.run([0.5, 600.0], deadline=started, grace=started + 60))
    assert list(found) == [0.5]


def lacking(task: int) -> int:
    raise ImportError(f"libtorch.so is not there for {task}")


@both
def test_a_worker_that_lacks_what_it_imports_ends_the_run_in_a_sentence(in_threads: bool):
    with (
        ProcessExecutor[int, int](lacking, 1, in_threads=in_threads) as executor,
        pytest.raises(WorkerError, match=r"^worker processes cannot import what they need: libtorch.so is not"),
    ):
        list(executor.run([1]))


@both
def test_an_error_of_a_task_is_raised_even_if_a_lost_connection_would_be_the_same(in_threads: bool):
    with (
        ProcessExecutor[Any, Any](os.stat, 1, in_threads=in_threads) as executor,
        pytest.raises(FileNotFoundError, match="nowhere"),
    ):
        list(executor.run(["/nowhere"]))


def meet(party: int) -> bool:
    """Wait until so many threads of this process are here."""
    return _arrived.setdefault(party, threading.Barrier(party)).wait(60) < party


_arrived: dict[int, threading.Barrier] = {}


def test_threads_of_one_process_work_at_the_same_time():
    with ProcessExecutor[int, bool](meet, 3, in_threads=True) as executor:
        assert [met for _, met in executor.run([3, 3, 3])] == [True] * 3


@both
def test_where_no_worker_can_be_started_it_is_said(in_threads: bool, monkeypatch):
    def refused(*_):
        raise OSError("AF_UNIX path too long")

    monkeypatch.setattr(executors, "_Worker", refused)
    with pytest.raises(WorkerError, match=r"^worker processes cannot be started: AF_UNIX path too long$"):
        list(ProcessExecutor[int, int](square, 1, in_threads=in_threads).run([1]))


def name(_: int) -> int:
    return os.getpid()


@both
def test_a_worker_that_died_with_nothing_to_do_is_replaced(in_threads: bool):
    with ProcessExecutor[Any, Any](name, 1, in_threads=in_threads) as executor:
        [(_, worker)] = executor.run([1])
        os.kill(worker, signal.SIGKILL)
        assert ends(worker, within=60)
        [(_, other)] = executor.run([2])
        assert isinstance(other, int)
        assert other != worker


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are not forked from another process")
@both
def test_the_death_of_what_workers_are_forked_from_does_not_end_the_run(in_threads: bool):
    with ProcessExecutor[Any, Any](square, 1, in_threads=in_threads) as executor:
        assert dict(executor.run([1])) == {1: 1}
        executor.close()
        server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
        os.kill(server, signal.SIGKILL)
        assert dict(executor.run([2])) == {2: 4}


def test_nothing_is_started_after_the_deadline():
    executor = ProcessExecutor[int, int](square, 1)
    assert list(executor.run([1], deadline=monotonic() - 1)) == []
    assert executor._workers == []


@both
def test_nothing_is_left_behind_in_the_folder_of_temporary_files(in_threads: bool, tmp_path: Path):
    code = (
        "import operator\nfrom lstmsize.executors import ProcessExecutor\n"
        f"with ProcessExecutor(operator.neg, 2, in_threads={in_threads}) as executor:\n"
        "    print(sorted(executor.run([1, 2])))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[(1, -1), (2, -2)]\n", "")
    assert list(tmp_path.iterdir()) == []


@both
def test_workers_end_when_their_parent_is_killed(in_threads: bool):
    code = (
        "import sys, time\nfrom lstmsize.executors import ProcessExecutor\n"
        f"import os\nexecutor = ProcessExecutor(eval, 1, in_threads={in_threads})\n"
        "print(list(executor.run(['__import__(\"os\").getpid()']))[0][1], flush=True)\ntime.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert ends(worker, within=60)
