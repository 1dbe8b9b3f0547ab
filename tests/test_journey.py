"""The whole journey through the command line, with real networks: resuming, interruptions, reproducibility."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmsize import Recommendation, Request, baseline, recommend
from lstmsize.__main__ import run as main
from lstmsize.trials import has_cuda
from processes import COMMAND, ROOT, ends, record, run


def answer(found: dict[str, Any]) -> dict[str, Any]:
    """The record without what may differ between two runs of the same question."""
    return {key: value for key, value in found.items() if key not in ("timing", "environment")}


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short threshold autoregression: trainings take a fraction of a second."""
    noise = np.random.default_rng(5).normal(size=160)
    values = np.zeros(160)
    for row in range(1, 160):
        values[row] = (0.9 if values[row - 1] < 0 else -0.9) * values[row - 1] + 0.3 * noise[row]
    path = tmp_path_factory.mktemp("data") / "short.csv"
    path.write_text("value\n" + "\n".join(f"{value:.6f}" for value in values) + "\n")
    return path


SHORT = ["--units", "32:64", "--layers", "1", "--window", "6", "--force-search"]


@pytest.fixture(scope="module")
def undisturbed(short: Path) -> dict[str, Any]:
    """The answer of a run with two jobs that nothing interrupts."""
    return record("recommend", str(short), *SHORT, "--jobs", "2")


@pytest.mark.slow
def test_one_job_and_two_jobs_give_the_same_answer_in_python_and_in_a_shell(
    short: Path, undisturbed: dict[str, Any]
):
    request = Request(units=(32, 64), layers=(1, 1), window=6, force_search=True)
    assert answer(json.loads(recommend(str(short), request, jobs=1).to_json())) == answer(undisturbed)
    assert undisturbed["sizes"]


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(short: Path, undisturbed: dict[str, Any], tmp_path: Path):
    study = tmp_path / "study.db"
    begun = begin(short, study)
    before = wait_for_trials(study, 6)
    begun.send_signal(signal.SIGKILL)
    begun.communicate(timeout=60)
    kept = trials(study)
    assert len(kept) >= before
    resumed = record("recommend", str(short), *SHORT, "--study", str(study))
    assert answer(resumed) == answer(undisturbed)
    after = trials(study)
    assert after[: len(kept)] == kept
    assert len({key for key, _ in after}) == len(after), "a finished training was repeated"


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_interrupted_run_keeps_its_trainings(short: Path, tmp_path: Path, sign: signal.Signals, code: int):
    study = tmp_path / "study.db"
    begun = begin(short, study)
    before = wait_for_trials(study, 2)
    begun.send_signal(sign)
    stdout, stderr = begun.communicate(timeout=60)
    assert begun.returncode == code
    assert stdout == ""
    assert "Traceback" not in stderr
    assert len(trials(study)) >= before


def begin(path: Path, study: Path) -> subprocess.Popen[str]:
    arguments = [*COMMAND, "recommend", str(path), *SHORT, "--json", "--study", str(study)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_budget_ends_the_run_which_says_so_and_leaves_no_processes_behind(short: Path):
    arguments = [*COMMAND, "recommend", str(short), *SHORT, "--budget", "2s", "--json", "--strict"]
    done = subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    stdout, stderr = done.communicate(timeout=60)
    assert done.returncode == 4
    found = json.loads(stdout)
    assert found["verdict"] == "inconclusive"
    assert "L006" in [finding["code"] for finding in found["findings"]]
    assert "the budget of 2s ended the" in stderr
    assert found["settled_by"]["budget"] >= 4
    if os.name == "posix":
        assert ends(-done.pid, within=20)


def test_a_dry_run_trains_nothing_of_use_and_states_the_time(short: Path):
    lines = run("recommend", str(short), *SHORT, "--dry-run").stdout.splitlines()
    assert lines[0].startswith(f"input: {short}, 160 rows, target value")
    assert any(line.startswith("expected time: about") for line in lines)


def test_a_dry_run_tells_what_was_noticed(tmp_path: Path):
    path = tmp_path / "shampoo.csv"
    path.write_text(
        "Month,Sales\n" + "".join(f"{1 + row // 12}-{1 + row % 12:02},{row**2 % 37}\n" for row in range(36))
    )
    output = tmp_path / "plan.json"
    done = run("recommend", str(path), "--window", "2", "--dry-run", "--output", str(output))
    assert "warning L015: column 'Month' is not used as time" in done.stderr
    plan = json.loads(output.read_text("utf-8"))
    assert "L015" in [finding["code"] for finding in plan["findings"]]


@pytest.mark.slow
@pytest.mark.skipif(not has_cuda(None), reason="needs a CUDA device")
def test_networks_are_trained_on_a_cuda_device(short: Path):
    found = record("recommend", str(short), *SHORT, "--device", "cuda")
    assert found["environment"]["device"] == "cuda"
    assert found["recommendation"]["units"] in (32, 64)
    assert len(found["holdout"]["seeds"]) == 5


@pytest.mark.slow
def test_the_study_of_another_question_is_refused_and_one_with_nothing_to_keep_is_not_made(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    study = tmp_path / "s.db"

    def ask(path: Path, *options: str, code: int = 0) -> tuple[str, str]:
        """Run the command in this process, which has imported everything."""
        assert main(["recommend", str(path), *options, "--study", str(study)]) == code
        return capsys.readouterr()

    ask(short, *SHORT, "--dry-run")
    ask(ROOT / "examples" / "one_to_ten.csv")
    ask(short, "--window", "200", "--force-search", code=3)
    if not has_cuda(None):
        ask(short, *SHORT, "--device", "cuda", code=2)
    assert not study.exists()
    ask(short, *SHORT, "--budget", "1s")
    kept, _ = ask(short, *SHORT, "--dry-run")
    assert bool(trials(study)) is ("finished, without which the expected time is reckoned" in kept)
    for dry in ([], ["--dry-run"]):
        _, refused = ask(short, *SHORT, *dry, "--seed", "1", code=2)
        assert "belongs to another question (seed was 0, is 1)" in refused


@pytest.mark.parametrize("name", ["one_to_ten.csv", "cubic.csv"])
def test_a_dry_run_says_what_force_search_is_worth(name: str):
    path = str(ROOT / "examples" / name)
    plan = json.loads(run("recommend", path, "--dry-run", "--force-search", "--json").stdout)
    (message,) = [finding["message"] for finding in plan["findings"] if finding["code"] == "L011"]
    assert message.startswith("the search was forced" if plan["searches"] else "there is nothing to search for")


def test_an_answer_comes_back_the_same_from_json():
    answered = baseline(ROOT / "examples" / "airline_passengers.csv")
    assert Recommendation.from_json(answered.to_json()) == answered
    assert answered.timing["total"] >= answered.timing["baselines"] + answered.timing["gate"] - 0.01


def test_the_baseline_command_never_loads_torch_or_optuna():
    code = (
        "import sys\nfrom lstmsize import baseline\nbaseline('examples/airline_passengers.csv')\n"
        "print([name for name in ('torch', 'optuna', 'statsmodels') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=100
    )
    assert done.stdout == "[]\n"


def test_an_exact_rule_and_too_few_rows_are_told_without_what_takes_longest_to_import():
    code = (
        "import sys\nfrom lstmsize import DataError, baseline\n"
        "print(baseline([1, 1, 2, 3, 5, 8, 13, 21, 34, 55]).best_baseline)\n"
        "try: baseline([3, 1, 4, 1, 5, 9, 2, 6])\nexcept DataError as error: print(error)\n"
        "print([name for name in ('sklearn', 'scipy.stats', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    exact, refusal, loaded = done.stdout.splitlines()
    assert exact == "exact_recursion"
    assert "8 rows are too few" in refusal
    assert loaded == "[]"


def test_a_growing_series_with_a_jump_gives_no_numpy_warning_on_standard_error(tmp_path: Path):
    path = tmp_path / "jump.csv"
    values = np.exp(np.arange(200) / 20) * (1 + 9 * (np.arange(200) > 150))
    path.write_text("value\n" + "\n".join(f"{value:.8g}" for value in values))
    assert "Warning" not in run("baseline", str(path)).stderr


def trials(study: Path) -> list[tuple[str, str]]:
    """Keys and results of the finished trainings in a study's file."""
    with sqlite3.connect(f"file:{study}?mode=ro", uri=True) as database:
        rows = database.execute(
            "select trial_id, key, value_json from trial_user_attributes where key in ('key', 'result') order by 1"
        ).fetchall()
    keys = {trial: value for trial, name, value in rows if name == "key"}
    return [(keys[trial], value) for trial, name, value in rows if name == "result"]


def wait_for_trials(study: Path, count: int) -> int:
    for _ in range(1200):
        try:
            found = len(trials(study))
        except sqlite3.OperationalError:  # not created yet, or being written
            found = 0
        if found >= count:
            return found
        time.sleep(0.05)
    raise AssertionError("the run does not get on")
