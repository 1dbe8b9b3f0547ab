"""Errors of forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from lstmsize.metrics import aggregate, losses, mase_scale

ACTUAL, FORECAST = np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 3.0])


def test_losses_are_squares_or_sizes_of_the_errors() -> None:
    assert losses(ACTUAL, FORECAST, "rmse").tolist() == [1.0, 0.0, 9.0]
    assert losses(ACTUAL, FORECAST, "mae").tolist() == [1.0, 0.0, 3.0]


def test_the_error_is_in_the_units_of_the_target() -> None:
    assert aggregate(losses(ACTUAL, FORECAST, "rmse"), "rmse") == pytest.approx(np.sqrt(10 / 3))
    assert aggregate(losses(ACTUAL, FORECAST, "mae"), "mae") == pytest.approx(4 / 3)


def test_the_scale_of_mase_is_the_mean_change() -> None:
    assert mase_scale(np.array([1.0, 3.0, 2.0, 2.0])) == 1.0


def test_where_nothing_changes_there_is_no_mase() -> None:
    assert mase_scale(np.full(5, 7.0)) is None
