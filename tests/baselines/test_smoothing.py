"""Exponential smoothing against a plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from folded import noise, scored_error, task_of

from lstmsize.baselines.smoothing import exponential_smoothing
from lstmsize.series import FloatArray


def plain(values: FloatArray, detail: dict[str, Any]) -> FloatArray:
    """Holt's damped method in error-correction form, with an additive season where the detail names one."""
    alpha, beta, damping = detail["alpha"], detail["beta"], detail["damping"]
    gamma, season = detail.get("gamma", 0.0), detail.get("season", 1)
    if season == 1:
        slope = (values[7] - values[0]) / 7
        level, pattern = values[0] - slope, [0.0]
    else:
        one, two = values[:season], values[season : 2 * season]
        slope = (two.mean() - one.mean()) / season
        inside = slope * (np.arange(season) - (season - 1) / 2)
        pattern = list(((one - one.mean() - inside) + (two - two.mean() - inside)) / 2)
        level = one.mean() - slope * (season + 1) / 2
    forecasts = np.full(len(values), np.nan)
    for row, value in enumerate(values):
        forecast = level + damping * slope + pattern[row % season]
        error = value - forecast
        if row >= season:
            forecasts[row] = forecast
        level, slope = level + damping * slope + alpha * error, damping * slope + beta * error
        pattern[row % season] += gamma * error
    return forecasts


SERIES = {
    "walk": (np.cumsum(noise(0, 150)), ()),
    "trend": (0.5 * np.arange(150) + np.cumsum(0.1 * noise(1, 150)) + noise(2, 150), ()),
    "season": (np.tile(noise(3, 6), 25) + 0.1 * noise(4, 150), (6,)),
    "trend and season": (0.3 * np.arange(152) + np.tile([0.0, 3.0, -1.0, 5.0], 38) + 0.2 * noise(5, 152), (4,)),
}


@pytest.mark.parametrize("metric", ["rmse", "mae"])
@pytest.mark.parametrize("name", SERIES)
def test_the_chosen_parameters_give_what_a_plain_loop_gives(name: str, metric: Any) -> None:
    values, seasons = SERIES[name]
    found = exponential_smoothing(task_of(values, seasons, metric))
    assert found is not None
    np.testing.assert_allclose(found.values, plain(values, found.detail), rtol=1e-9)


def test_a_random_walk_takes_the_whole_error_into_the_level() -> None:
    found = exponential_smoothing(task_of(np.cumsum(noise(6, 1000))))
    assert found is not None
    assert found.detail["alpha"] >= 0.85


def test_white_noise_takes_little_of_it() -> None:
    found = exponential_smoothing(task_of(noise(7, 1000)))
    assert found is not None
    assert found.detail["alpha"] <= 0.1


def test_a_season_that_is_there_is_used() -> None:
    found = exponential_smoothing(task_of(*SERIES["season"]))
    assert found is not None
    assert found.detail["season"] == 6
    assert scored_error(task_of(*SERIES["season"]), found.values) < 0.2


def test_a_straight_line_with_a_season_is_forecast_without_error() -> None:
    values = 0.25 * np.arange(120) + np.tile([1.0, -2.0, 4.0, -3.0], 30)
    found = exponential_smoothing(task_of(values, (4,)))
    assert found is not None
    np.testing.assert_allclose(found.values[60:], values[60:], atol=1e-9)


def test_numbers_near_the_largest_give_no_warning() -> None:
    exponential_smoothing(task_of(1e300 * noise(8, 100)))
