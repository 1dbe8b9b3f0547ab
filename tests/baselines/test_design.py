"""Regressors in chunks: the same sums and products as of one matrix, without holding it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from folded import noise, task_of

from lstmsize.baselines import design
from lstmsize.baselines.design import Lags
from lstmsize.baselines.linear import fit_linear
from lstmsize.baselines.polynomial import polynomial_autoregression
from lstmsize.series import FloatArray

ROWS, LAGS = 60, (1, 2, 9)


def lags_and_terms() -> Lags:
    return Lags(values=noise(0, ROWS), lags=LAGS, terms=noise(1, 2 * ROWS).reshape(ROWS, 2))


def matrix() -> FloatArray:
    made = lags_and_terms()
    assert made.terms is not None
    shifted = [np.append(np.full(lag, np.nan), made.values[:-lag]) for lag in LAGS]
    return np.column_stack([*shifted, made.terms])


@pytest.fixture(params=[(ROWS, 1), (0, 7), (0, ROWS)], ids=["kept", "in chunks", "in one chunk"])
def made(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Lags:
    most_kept, chunk = request.param
    monkeypatch.setattr(design, "_MOST_KEPT", most_kept)
    monkeypatch.setattr(design, "_CHUNK", chunk)
    return lags_and_terms()


def test_a_row_is_complete_once_the_longest_lag_is_there(made: Lags) -> None:
    assert made.shape == (ROWS, 5)
    assert made.first == 9


def test_some_columns_of_some_rows_are_those_of_the_matrix(made: Lags) -> None:
    chosen = np.array([4, 0, 2])
    np.testing.assert_array_equal(made.columns(3, 21, chosen), matrix()[3:21, chosen])


def test_sums_over_chunks_are_those_of_the_matrix(made: Lags) -> None:
    with_constant = np.column_stack([matrix(), np.ones(ROWS)])
    rows = with_constant[9:50]
    np.testing.assert_allclose(made.gram(9, 50), rows.T @ rows, rtol=1e-12)
    early, late = noise(2, ROWS), noise(3, ROWS)
    sums = made.moments([(late, 31), (early, 9)], 50)
    np.testing.assert_allclose(sums[0], late[31:50] @ with_constant[31:50], rtol=1e-12)
    np.testing.assert_allclose(sums[1], early[9:50] @ rows, rtol=1e-12)


def test_no_row_is_summed_up_where_there_is_none(made: Lags) -> None:
    assert not made.gram(50, 50).any()
    assert not made.moments([(noise(2, ROWS), 55)], 50)[0].any()


def test_a_line_is_drawn_through_all_rows(made: Lags) -> None:
    coefficients = np.arange(6.0)
    np.testing.assert_allclose(made.times(coefficients), matrix() @ coefficients[:-1] + 5, rtol=1e-12)


def test_a_long_series_does_not_hold_all_its_regressors() -> None:
    task = task_of(noise(4, 24_000))
    linear = fit_linear(task)
    tracemalloc.start()
    try:
        assert polynomial_autoregression(task, linear) is not None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 164 * len(task.train)  # what the products of degree 3 alone would take
