"""What networks are measured against: errors that count as perfect, and seasons among thinned rows."""

from __future__ import annotations

import numpy as np
import pytest

from lstmsize.resampling import block_length
from lstmsize.splits import Fold
from lstmsize.yardstick import Yardstick


def yardstick(scored: int, forecast: float = 0.0, floor: float = 0.01) -> Yardstick:
    fold = Fold(head_stop=100, train_stop=200, score_stop=200 + scored)
    return Yardstick.of(np.zeros(200 + scored), np.full(scored, forecast), fold, "rmse", floor)


def test_an_error_below_the_floor_is_the_floor() -> None:
    assert yardstick(50).error == 0.01
    assert yardstick(50, 0.5).error == pytest.approx(0.5)


def test_a_network_is_measured_by_the_baseline_and_nothing_is_better_than_perfect() -> None:
    assert yardstick(50, 0.5).relative(0.4) == pytest.approx(0.8)
    assert yardstick(50, 0.5).relative(0.0) == pytest.approx(0.02)
    assert yardstick(50).relative(0.001) == 1.0
    exact = yardstick(50, floor=0.0)
    assert (exact.relative(0.0), exact.relative(1e-9)) == (1.0, np.inf)


def test_a_day_of_minutes_stays_a_block_where_rows_are_thinned() -> None:
    thinned = yardstick(20_000)
    assert len(thinned.actual) == 4096
    assert thinned.in_rows((1440,)) == (295,)
    assert block_length(len(thinned.actual), thinned.in_rows((1440,))) == 295
    assert yardstick(500).in_rows((24, 7)) == (24, 7)


def test_a_forecast_that_begins_late_or_early_is_aligned_by_its_end() -> None:
    values = np.arange(250.0)
    fold = Fold(head_stop=100, train_stop=200, score_stop=250)
    for begin in (0, 30, 200):
        found = Yardstick.of(values, values[begin:] + 0.5, fold, "mae", 0.01)
        assert found.error == 0.5
        np.testing.assert_array_equal(found.forecast, values[200:] + 0.5)
