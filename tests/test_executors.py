from __future__ import annotations

import os
import subprocess
import sys
import time
from time import monotonic

import pytest

from lstmsize.executors import Lost, ProcessExecutor


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


def test_every_task_comes_back_with_its_result():
    with ProcessExecutor[int, int](square, 2) as executor:
        assert dict(executor.run([1, 2, 3])) == {1: 1, 2: 4, 3: 9}
        assert dict(executor.run([4])) == {4: 16}


def test_workers_have_one_thread_and_the_parent_keeps_its_setting(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with ProcessExecutor[str, str | None](variables, 1) as executor:
        assert dict(executor.run(["OMP_NUM_THREADS"])) == {"OMP_NUM_THREADS": "1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_a_task_that_kills_its_worker_is_lost_and_the_others_are_not():
    with ProcessExecutor[int, int](die_on_odd, 2) as executor:
        found = dict(executor.run([0, 1, 2, 4]))
    assert found == {0: 0, 1: Lost(reason="the worker process died"), 2: 2, 4: 4}


def test_the_deadline_cuts_running_tasks_off():
    started = monotonic()
    with ProcessExecutor[float, float](sleep, 1) as executor:
        found = dict(executor.run([0.01, 600.0], deadline=started + 3))
    assert 600.0 not in found


def test_nothing_is_started_after_the_deadline():
    executor = ProcessExecutor[int, int](square, 1)
    assert list(executor.run([1], deadline=monotonic() - 1)) == []
    assert executor._pool is None


IN_A_FRESH_PROCESS = """
from lstmsize.executors import LoadAhead, ProcessExecutor
with LoadAhead("wave") as ahead:
    ahead.wanted = {wanted}
with ProcessExecutor(eval, 1) as executor:
    print(dict(executor.run(["'wave' in __import__('sys').modules"])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every worker imports for itself")
@pytest.mark.parametrize("wanted", [True, False])
def test_what_is_loaded_ahead_is_there_when_a_worker_starts_also_after_a_change_of_mind(wanted):
    code = IN_A_FRESH_PROCESS.format(wanted=wanted)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "{\"'wave' in __import__('sys').modules\": True}\n"


@pytest.mark.parametrize("trouble", ["", "raise SystemExit(3)"])
def test_loading_ahead_in_vain_keeps_no_pipe_open(tmp_path, trouble):
    (tmp_path / "slow_module.py").write_text("import time\ntime.sleep(600)\n")
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from lstmsize.executors import LoadAhead
with LoadAhead("slow_module"):
    print("no work")
    {trouble}
"""
    # Reading ends when the last process that could write has ended: the limit is what fails here.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.returncode) == ("no work\n", 3 if trouble else 0)


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


def test_workers_end_when_their_parent_is_killed():
    code = (
        "import sys, time\nfrom lstmsize.executors import ProcessExecutor\n"
        "import os\nexecutor = ProcessExecutor(eval, 1)\n"
        "print(list(executor.run(['__import__(\"os\").getpid()']))[0][1], flush=True)\ntime.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    limit = monotonic() + 60
    while _alive(worker) and monotonic() < limit:
        time.sleep(0.1)
    assert not _alive(worker)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
