"""The cheap nonlinear probes find what is left, and nothing where nothing is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from lstmsize.probes import ProbeTask, boosted_trees, probe_forecasts, random_recurrence
from lstmsize.series import FloatArray
from lstmsize.splits import Fold

PROBES = {"boosted_trees": boosted_trees, "random_recurrence": random_recurrence}
ROWS = 1000
FOLD = Fold(head_stop=600, train_stop=750, score_stop=ROWS)
EVERY_PROBE = pytest.mark.parametrize("name", PROBES)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


def task_of(
    values: FloatArray, baseline: FloatArray, seasons: tuple[int, ...] = (), fold: Fold = FOLD
) -> ProbeTask:
    return ProbeTask(values=values, baseline=baseline, fold=fold, seasons=seasons, metric="rmse")


def line(values: FloatArray, fold: Fold = FOLD) -> FloatArray:
    """The best line on two lags, fitted on the training part."""
    past = np.column_stack([values[1:-1], values[:-2], np.ones(len(values) - 2)])
    train = fold.train_stop - 2
    fitted = past @ np.linalg.lstsq(past[:train], values[2 : fold.train_stop], rcond=None)[0]
    return np.concatenate([[np.nan, np.nan], fitted])


def gain_of(name: str, task: ProbeTask) -> float:
    forecast = PROBES[name](task)
    assert forecast is not None
    actual = task.values[task.fold.train_stop :]
    errors = [np.sqrt(np.mean((actual - one) ** 2)) for one in (forecast, task.baseline[task.fold.train_stop :])]
    return float(1 - errors[0] / errors[1])


def threshold(seed: int) -> FloatArray:
    shocks, values = np.random.default_rng(seed).normal(size=ROWS), np.zeros(ROWS)
    for row in range(1, ROWS):
        values[row] = 1.0 - 1.2 * abs(values[row - 1]) + 0.3 * shocks[row]
    return values


def product(seed: int) -> FloatArray:
    shocks = np.random.default_rng(seed).uniform(-1, 1, ROWS + 2)
    values = shocks.copy()
    for row in range(2, ROWS + 2):
        values[row] = 0.8 * np.tanh(2 * values[row - 1] * values[row - 2]) + 0.4 * shocks[row]
    return values[2:]


@EVERY_PROBE
def test_a_threshold_left_by_a_line_is_found(name: str) -> None:
    values = threshold(0)
    assert gain_of(name, task_of(values, line(values))) > 0.10


def test_a_product_left_by_a_line_is_found_by_one_of_them() -> None:
    values = product(1)
    assert max(gain_of(name, task_of(values, line(values))) for name in PROBES) > 0.05


@EVERY_PROBE
def test_in_white_noise_there_is_nothing_to_gain(name: str) -> None:
    gains = []
    for seed in range(6):
        values = np.random.default_rng(seed).normal(size=ROWS)
        gains.append(gain_of(name, task_of(values, np.zeros(ROWS))))
    assert max(gains) < 0.03
    assert np.mean(gains) < 0.005
    assert min(gains) > -0.10


@EVERY_PROBE
def test_no_forecast_uses_its_own_row_or_a_later_one(name: str) -> None:
    values = threshold(2)
    whole = PROBES[name](task_of(values, line(values)))
    assert whole is not None
    for row in (750, 800, 999):
        altered = values.copy()
        altered[row:] += 10
        changed = PROBES[name](task_of(altered, line(altered)))
        assert changed is not None
        np.testing.assert_array_equal(whole[: row - 750 + 1], changed[: row - 750 + 1])


@EVERY_PROBE
def test_the_same_task_has_the_same_answer(name: str) -> None:
    task = task_of(threshold(3), line(threshold(3)))
    one, two = PROBES[name](task), PROBES[name](task)
    assert one is not None
    assert two is not None
    np.testing.assert_array_equal(one, two)


@EVERY_PROBE
def test_the_units_of_the_target_do_not_matter(name: str) -> None:
    values = threshold(4)
    plain = gain_of(name, task_of(values, line(values)))
    scaled = gain_of(name, task_of(1000 * values, 1000 * line(values)))
    assert scaled == pytest.approx(plain, abs=0.02)


@EVERY_PROBE
def test_with_too_few_rows_there_is_no_probe(name: str) -> None:
    values, fold = threshold(5)[:80], Fold(head_stop=50, train_stop=60, score_stop=80)
    assert PROBES[name](task_of(values, line(values, fold), fold=fold)) is None


@EVERY_PROBE
def test_a_head_without_errors_is_no_proof_where_they_come_later(name: str) -> None:
    values = threshold(5)
    values[: FOLD.head_stop] = 0.0
    assert PROBES[name](task_of(values, np.zeros(ROWS))) is None
    perfect = PROBES[name](task_of(values, values))
    assert perfect is not None
    np.testing.assert_array_equal(perfect, values[FOLD.train_stop :])


def test_trees_see_one_season_back() -> None:
    generator = np.random.default_rng(6)
    values = generator.normal(size=ROWS)
    for row in range(30, ROWS):
        values[row] = np.sign(values[row - 30]) + 0.5 * generator.normal()
    task = task_of(values, np.zeros(ROWS), (30,))
    assert gain_of("boosted_trees", task) > 0.3


def test_the_average_of_the_probes_is_a_probe_of_its_own():
    values = threshold(3)
    shorter = Fold(head_stop=400, train_stop=600, score_stop=750)
    tasks = [task_of(values[:750], line(values, shorter)[:750], fold=shorter), task_of(values, line(values))]
    found = probe_forecasts(tasks)
    assert list(found) == ["boosted_trees", "random_recurrence", "average_trees_recurrence"]
    for trees, recurrence, average in zip(*found.values(), strict=True):
        np.testing.assert_allclose(average, (trees + recurrence) / 2)


def test_a_probe_that_lacks_rows_on_one_fold_is_left_out_and_so_is_the_average():
    values = threshold(3)
    few = Fold(head_stop=40, train_stop=50, score_stop=80)
    tasks = [task_of(values, line(values)), task_of(values[:80], line(values, few)[:80], fold=few)]
    assert probe_forecasts(tasks) == {}


def test_it_is_the_same_whatever_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch):
    task = task_of(threshold(3), line(threshold(3)))
    whole = random_recurrence(task)
    monkeypatch.setattr("lstmsize.probes._BLOCK", 7)
    blocks = random_recurrence(task)
    assert whole is not None
    assert blocks is not None
    np.testing.assert_allclose(blocks, whole, rtol=1e-9)


def test_a_short_series_is_probed_without_what_is_slow_to_import() -> None:
    code = """
import sys
import numpy as np
from lstmsize.probes import ProbeTask, boosted_trees
from lstmsize.splits import cut
for rows in (100, 400):
    values = np.random.default_rng(0).normal(size=rows).cumsum()
    fold = cut(rows).folds[0]
    task = ProbeTask(
        values=values[: fold.score_stop],
        baseline=np.concatenate([[np.nan], values[: fold.score_stop - 1]]),
        fold=fold,
        seasons=(),
        metric="rmse",
    )
    print(boosted_trees(task) is None, "sklearn" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.splitlines() == ["True False", "False True"]
