"""Exponential smoothing against a plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from folded import noise, scored_error, task_of
from scipy.signal import lfilter
from sklearn.linear_model import Ridge

from lstmsize.baselines.smoothing import exponential_smoothing
from lstmsize.series import FloatArray
from lstmsize.windows import lagged


def plain(values: FloatArray, detail: dict[str, Any]) -> FloatArray:
    """Holt's damped method in error-correction form, with the seasons and the error lag that the detail names."""
    alpha, beta, damping = detail["alpha"], detail["beta"], detail["damping"]
    gamma, seasons, lag = detail.get("gamma", 0.0), detail.get("seasons", []), detail.get("error_lag", 0.0)
    patterns: list[list[float]] = []
    if not seasons:
        slope = (values[7] - values[0]) / 7
        level = values[0] - slope
    else:
        longest = max(seasons)
        one, two = values[:longest], values[longest : 2 * longest]
        slope = (two.mean() - one.mean()) / longest
        level = one.mean() - slope * (longest + 1) / 2
        left = [values[k] - (level + slope * (k + 1)) for k in range(2 * longest)]
        for season in seasons:
            pattern = [float(np.mean(left[k : len(left) // season * season : season])) for k in range(season)]
            left = [value - pattern[k % season] for k, value in enumerate(left)]
            patterns.append(pattern)
    forecasts = np.full(len(values), np.nan)
    before = np.nan
    for row, value in enumerate(values):
        forecast = level + damping * slope + sum(pattern[row % len(pattern)] for pattern in patterns)
        error = value - forecast
        if row >= 2 * max(seasons, default=4):
            forecasts[row] = forecast + (lag * before if lag else 0.0)
            before = error
        level, slope = level + damping * slope + alpha * error, damping * slope + beta * error
        for pattern in patterns:
            pattern[row % len(pattern)] += gamma * error
    return forecasts


def regressed(errors: FloatArray, detail: dict[str, Any], stop: int, spread: float) -> FloatArray:
    """Ridge regression of the errors on earlier ones, by scikit-learn."""
    columns = np.column_stack([lagged(errors, lag) for lag in detail["error_lags"]])
    known = np.isfinite(columns).all(axis=1)
    past = known & (np.arange(len(errors)) < stop)
    model = Ridge(alpha=detail["penalty"] * past.sum() * spread**2).fit(columns[past], errors[past])
    found = np.full(len(errors), np.nan)
    found[known] = model.predict(columns[known])
    return found


def wave(period: int, rows: int) -> FloatArray:
    return np.resize(noise(period, period), rows)


SERIES = {
    "walk": (np.cumsum(noise(0, 150)), ()),
    "trend": (0.5 * np.arange(150) + np.cumsum(0.1 * noise(1, 150)) + noise(2, 150), ()),
    "season": (np.tile(noise(3, 6), 25) + 0.1 * noise(4, 150), (6,)),
    "trend and season": (0.3 * np.arange(152) + np.tile([0.0, 3.0, -1.0, 5.0], 38) + 0.2 * noise(5, 152), (4,)),
    "two seasons": (wave(5, 400) + wave(36, 400) + 0.3 * noise(6, 400), (5, 36)),
    "errors that swing": (wave(6, 1000) + lfilter([1], [1, -1.6, 0.8], noise(9, 1000)), (6,)),
    "errors that go on": (wave(6, 300) + lfilter([1], [1, -0.7], noise(8, 300)), (6,)),
}


@pytest.mark.parametrize("metric", ["rmse", "mae"])
@pytest.mark.parametrize("name", SERIES)
def test_the_chosen_parameters_give_what_a_plain_loop_gives(name: str, metric: Any) -> None:
    values, seasons = SERIES[name]
    task = task_of(values, seasons, metric)
    found = exponential_smoothing(task)
    assert found is not None
    expected = plain(values, found.detail)
    if "error_lags" in found.detail:
        expected = expected + regressed(values - expected, found.detail, task.fold.train_stop, np.std(task.head))
    np.testing.assert_allclose(found.values, expected, rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_a_random_walk_is_forecast_as_well_as_by_its_last_value(seed: int) -> None:
    task = task_of(np.cumsum(noise(60 + seed, 1000)))
    found = exponential_smoothing(task)
    assert found is not None
    assert scored_error(task, found.values) < 1.03 * scored_error(task, lagged(task.values, 1))


def test_white_noise_takes_little_of_it() -> None:
    found = exponential_smoothing(task_of(noise(7, 1000)))
    assert found is not None
    assert found.detail["alpha"] <= 0.1


def test_a_season_that_is_there_is_used() -> None:
    found = exponential_smoothing(task_of(*SERIES["season"]))
    assert found is not None
    assert found.detail["seasons"] == [6]
    assert scored_error(task_of(*SERIES["season"]), found.values) < 0.2


def test_a_straight_line_with_a_season_is_forecast_without_error() -> None:
    values = 0.25 * np.arange(120) + np.tile([1.0, -2.0, 4.0, -3.0], 30)
    found = exponential_smoothing(task_of(values, (4,)))
    assert found is not None
    np.testing.assert_allclose(found.values[60:], values[60:], atol=1e-9)


def test_numbers_near_the_largest_give_no_warning() -> None:
    exponential_smoothing(task_of(1e300 * noise(8, 100)))


def test_two_seasons_are_used_together() -> None:
    found = exponential_smoothing(task_of(*SERIES["two seasons"]))
    assert found is not None
    assert found.detail["seasons"] == [5, 36]


def test_errors_that_go_on_are_forecast_from_the_last_one() -> None:
    values, seasons = SERIES["errors that go on"]
    found = exponential_smoothing(task_of(values, seasons))
    assert found is not None
    assert found.detail["error_lag"] > 0.3
    assert scored_error(task_of(values, seasons), found.values) < 1.2


def test_errors_that_swing_are_regressed_on_several() -> None:
    values, seasons = SERIES["errors that swing"]
    found = exponential_smoothing(task_of(values, seasons))
    assert found is not None
    assert len(found.detail["error_lags"]) >= 2
    assert scored_error(task_of(values, seasons), found.values) < 1.12  # 1.20 by the last error alone


@pytest.mark.parametrize("seed", range(20))
def test_few_rows_are_not_enough_for_a_regression_on_errors(seed: int) -> None:
    found = exponential_smoothing(task_of(np.cumsum(noise(seed, 120))))
    assert found is not None
    assert "error_lags" not in found.detail


@pytest.mark.parametrize("name", ["errors that go on", "errors that swing"])
def test_coefficients_of_the_head_learn_nothing_from_the_tail(name: str) -> None:
    values, seasons = SERIES[name]
    task = task_of(values, seasons)
    altered = values.copy()
    altered[task.fold.head_stop : task.fold.train_stop] *= 1.0001
    found, other = exponential_smoothing(task), exponential_smoothing(task_of(altered, seasons))
    assert found is not None
    assert other is not None
    head = slice(6, task.fold.head_stop)
    assert not np.array_equal(found.values[head], other.values[head], equal_nan=True)
    np.testing.assert_array_equal(found.from_head[head], other.from_head[head])
