"""Baselines without coefficients, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from folded import before, noise, task_of

from lstmsize.baselines.naive import drift, last_value, mean, moving_average, seasonal_naive

VALUES = np.array([3.0, 5.0, 4.0, 8.0, 10.0, 6.0, 7.0, 9.0, 11.0, 12.0])


def test_the_mean_is_that_of_all_rows_so_far() -> None:
    expected = [np.nan, 3.0, 4.0, 4.0, 5.0, 6.0, 6.0, 43 / 7, 6.5, 7.0]
    np.testing.assert_allclose(mean(task_of(VALUES)).values, expected)


def test_the_last_value_is_the_one_before() -> None:
    np.testing.assert_array_equal(last_value(task_of(VALUES)).values, [np.nan, *VALUES[:-1]])


def test_drift_adds_the_mean_change_so_far() -> None:
    forecast = drift(task_of(VALUES)).values
    assert np.isnan(forecast[:2]).all()
    for row in range(2, 10):
        assert forecast[row] == pytest.approx(VALUES[row - 1] + np.diff(VALUES[:row]).mean())


def test_for_absolute_errors_the_median_stands_for_the_mean() -> None:
    values = np.where(noise(5, 200) > 1.0, 10.0, 0.0)
    found = mean(replace(task_of(values), metric="mae"))
    assert (found.values == 0.0).all()
    assert mean(task_of(values)).values[-1] > 0.5


def test_the_season_that_does_better_on_the_tail_is_repeated() -> None:
    values = np.tile(noise(0, 7), 20)
    found = seasonal_naive(task_of(values, (5, 7)))
    assert found is not None
    assert found.detail == {"season": 7}
    np.testing.assert_array_equal(found.values, before(values, 7))


def test_without_a_season_that_fits_there_is_no_seasonal_naive() -> None:
    assert seasonal_naive(task_of(noise(0, 40))) is None
    assert seasonal_naive(task_of(noise(0, 40), (30,))) is None


def test_a_moving_average_is_the_mean_of_the_last_rows() -> None:
    values = np.repeat(noise(1, 60), 5) + 2 * noise(2, 300)
    found = moving_average(task_of(values))
    assert found is not None
    span = found.detail["span"]
    for row in (span, 200, 299):
        assert found.values[row] == pytest.approx(values[row - span : row].mean())
    assert np.isnan(found.values[:span]).all()


def test_the_span_has_the_least_error_on_the_latest_rows_that_all_spans_reach() -> None:
    task = task_of(noise(3, 300).cumsum() + 3 * noise(4, 300), (5,))
    found = moving_average(task)
    assert found is not None
    latest = range(48, task.fold.train_stop)
    spans = (2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48)
    errors = [
        np.mean([(task.values[row] - task.values[row - span : row].mean()) ** 2 for row in latest])
        for span in spans
    ]
    assert found.detail["span"] == spans[int(np.argmin(errors))]


def test_a_large_level_does_not_eat_the_digits_of_an_average() -> None:
    found = moving_average(task_of(1e9 + noise(5, 200)))
    assert found is not None
    assert found.values[199] == pytest.approx(
        1e9 + noise(5, 200)[199 - found.detail["span"] : 199].mean(), rel=0, abs=1e-5
    )


def test_a_series_too_short_for_two_spans_has_no_moving_average() -> None:
    assert moving_average(task_of(VALUES[:8])) is None
