"""Averages of two baselines."""

from __future__ import annotations

import numpy as np
import pytest
from folded import fold_of, noise, scored_error, task_of
from scipy.signal import lfilter

from lstmsize.baselines import forecast_fold
from lstmsize.baselines.averages import AVERAGES, average
from lstmsize.baselines.forecasts import Forecasts


def forecasts(first: float, head: float | None = 0.0) -> Forecasts:
    from_head = None if head is None else np.array([np.nan, head])
    return Forecasts(values=np.array([np.nan, first]), detail={"first": first}, from_head=from_head)


def test_both_models_count_the_same() -> None:
    parts = {"exponential_smoothing": forecasts(1.0, 4.0), "linear_autoregression": forecasts(2.0, 6.0)}
    found = average("average_smoothing_linear", parts)
    assert found is not None
    np.testing.assert_array_equal(found.values, [np.nan, 1.5])
    np.testing.assert_array_equal(found.from_head, [np.nan, 5.0])
    assert found.detail == {"exponential_smoothing": {"first": 1.0}, "linear_autoregression": {"first": 2.0}}


@pytest.mark.parametrize("missing", AVERAGES["average_smoothing_linear"])
def test_there_is_none_without_one_of_them(missing: str) -> None:
    parts = {name: forecasts(1.0) for name in AVERAGES["average_smoothing_linear"] if name != missing}
    assert average("average_smoothing_linear", parts) is None


def test_a_network_cannot_correct_it_where_it_cannot_correct_both() -> None:
    parts = {"exponential_smoothing": forecasts(1.0), "linear_autoregression": forecasts(2.0, None)}
    found = average("average_smoothing_linear", parts)
    assert found is not None
    assert found.from_head is None


def test_a_season_that_changes_under_errors_that_swing_is_forecast_best_by_the_average() -> None:
    rows, season = 900, 12
    pattern = np.cumsum(0.5 * noise(1, rows).reshape(-1, season), axis=0).ravel() + np.resize(
        noise(3, season), rows
    )
    values = pattern + lfilter([1], [1, -1.2, 0.6], noise(2, rows))
    found = forecast_fold(values, fold_of(rows), (season,), "rmse", logarithm=False).forecasts
    errors = {name: scored_error(task_of(values), forecasts.values) for name, forecasts in found.items()}
    best = min(errors, key=lambda name: errors[name])
    assert best in AVERAGES
    assert errors[best] < 0.98 * min(errors[part] for part in AVERAGES[best])
