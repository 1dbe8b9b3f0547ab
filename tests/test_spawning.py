"""Spawning as a caller's process feels it: its main module, threads, forks, start method and daemons."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from joblib import Parallel, delayed

from lstmsize.errors import UsageError
from lstmsize.executors import ProcessExecutor
from lstmsize.spawning import LoadAhead, refuse_daemons, spawning

IN_A_FRESH_PROCESS = """
from lstmsize.executors import ProcessExecutor
from lstmsize.spawning import LoadAhead
with LoadAhead("wave") as ahead:
    ahead.wanted = {wanted}
with ProcessExecutor(eval, 1) as executor:
    print(dict(executor.run(["'wave' in __import__('sys').modules"])))
"""


def with_path(folder):
    """Where modules are looked for, also by what workers are forked from, which knows nothing of `sys.path`."""
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every worker imports for itself")
@pytest.mark.parametrize("wanted", [True, False])
def test_what_is_loaded_ahead_is_there_when_a_worker_starts_also_after_a_change_of_mind(wanted):
    code = IN_A_FRESH_PROCESS.format(wanted=wanted)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "{\"'wave' in __import__('sys').modules\": True}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every worker imports for itself")
@pytest.mark.parametrize("wanted", [True, False])
def test_what_an_outer_block_has_begun_to_load_serves_an_inner_one_and_lasts_as_long_as_either_wants(wanted):
    code = f"""
import os
from lstmsize.spawning import LoadAhead
with LoadAhead("wave"):
    begun = LoadAhead._process
    with LoadAhead("wave") as inner:
        inner.wanted = {wanted}
    os.kill(begun, 0)
    print(begun is not None, LoadAhead._process == begun)
print(LoadAhead._process == begun)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == (f"True True\n{wanted}\n", "")


@pytest.mark.parametrize("trouble", ["", "raise SystemExit(3)"])
def test_loading_ahead_in_vain_keeps_no_pipe_open(tmp_path, trouble):
    (tmp_path / "slow_module.py").write_text("import time\ntime.sleep(600)\n")
    code = f"""
from lstmsize.spawning import LoadAhead
with LoadAhead("slow_module"):
    print("no work")
    {trouble}
"""
    # Reading ends when the last process that could write has ended: the limit is what fails here.
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": with_path(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.returncode) == ("no work\n", 3 if trouble else 0)


LOADING = """
import time
from lstmsize.executors import ProcessExecutor
from lstmsize.spawning import LoadAhead, loaded
with LoadAhead("slow_module") as ahead:
    print(loaded(), flush=True)
    ahead.wanted = {wanted}
    with ProcessExecutor(eval, 1) as executor:
        print(list(executor.run(["1"], {deadline})), loaded(), flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every worker imports for itself")
@pytest.mark.parametrize(
    ("seconds", "deadline", "expected"),
    [(2, "None", "[('1', 1)] True"), (600, "time.monotonic() + 1", "[] False")],
)
def test_what_is_still_being_loaded_is_waited_for_until_the_deadline(tmp_path, seconds, deadline, expected):
    (tmp_path / "slow_module.py").write_text(f"import time\ntime.sleep({seconds})\n")
    done = subprocess.run(
        [sys.executable, "-c", LOADING.format(deadline=deadline, wanted=False)],
        env=os.environ | {"PYTHONPATH": with_path(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    first, second = done.stdout.splitlines()
    assert (first, second, done.stderr) == ("False", expected, "")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every worker imports for itself")
def test_an_interrupt_is_heeded_while_something_is_loaded_and_ends_that(tmp_path):
    (tmp_path / "slow_module.py").write_text("import time\ntime.sleep(600)\n")
    process = subprocess.Popen(
        [sys.executable, "-c", LOADING.format(deadline=None, wanted=True)],
        env=os.environ | {"PYTHONPATH": with_path(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "False\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    # Reading ends when the last process that could write has ended: the limit is what fails here.
    out, err = process.communicate(timeout=60)
    assert out == ""
    assert err.splitlines()[-1] == "KeyboardInterrupt"


def test_a_script_without_a_main_guard_can_use_it(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import operator\nfrom lstmsize.executors import ProcessExecutor\n"
        "with ProcessExecutor(operator.neg, 1) as executor:\n    print(list(executor.run([5])))\n"
    )
    for command in ([sys.executable, str(script)], [sys.executable, "-"]):
        with script.open() as file:
            done = subprocess.run(command, stdin=file, capture_output=True, text=True, check=False, timeout=120)
        assert (done.stdout, done.returncode) == ("[(5, -5)]\n", 0), done.stderr


def square(number: int) -> int:
    return number * number


def squared(number: int) -> dict[int, int]:
    with ProcessExecutor[int, int](square, 1) as executor:
        return dict(executor.run([number]))


def test_a_worker_of_joblib_can_have_workers_of_its_own():
    assert Parallel(2)(delayed(squared)(number) for number in (2, 3)) == [{2: 4}, {3: 9}]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_child_can_have_workers_of_its_own():
    assert squared(2) == {2: 4}
    child = os.fork()
    if child == 0:
        with LoadAhead("wave"):
            pass
        os._exit(0 if squared(3) == {3: 9} else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert squared(4) == {4: 16}


def test_threads_that_spawn_at_once_leave_the_process_as_it_was():
    main, before, failures = sys.modules["__main__"], os.environ.get("OMP_NUM_THREADS"), []

    def often() -> None:
        try:
            for _ in range(20):
                with LoadAhead("wave"), spawning():
                    pass
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test is to fail
            failures.append(error)

    threads = [threading.Thread(target=often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sys.modules["__main__"] is main
    assert os.environ.get("OMP_NUM_THREADS") == before


def test_a_daemonic_process_is_told_that_it_may_have_no_workers(monkeypatch: pytest.MonkeyPatch):
    refuse_daemons()
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match=r"ProcessPoolExecutor instead of multiprocessing.Pool"):
        refuse_daemons()


def test_an_interrupt_that_another_thread_takes_waits_until_a_worker_is_made():
    done = threading.Event()
    idle = threading.Thread(target=done.wait)  # blocks no signal, like the threads of numpy
    idle.start()
    heard = []

    def make() -> None:
        with spawning():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)
            heard.append("a worker was made")

    try:
        with pytest.raises(KeyboardInterrupt):
            make()
    finally:
        done.set()
        idle.join()
    assert heard == ["a worker was made"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
