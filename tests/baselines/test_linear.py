"""Linear autoregression."""

from __future__ import annotations

import numpy as np
import pytest
from folded import fold_of, noise, scored_error, task_of

from lstmsize.baselines import forecast_fold
from lstmsize.baselines.design import Lags
from lstmsize.baselines.linear import fit_linear, linear_autoregression
from lstmsize.baselines.ridge import PENALTIES, Ridge, Scale
from lstmsize.series import FloatArray


def second_order(rows: int, seed: int, level: float = 0.0) -> FloatArray:
    shocks, values = noise(seed, rows), np.zeros(rows)
    for row in range(2, rows):
        values[row] = 1.2 * values[row - 1] - 0.5 * values[row - 2] + shocks[row]
    return values + level


@pytest.mark.parametrize("level", [0.0, 1e6])
def test_a_second_order_autoregression_is_forecast_to_its_noise(level: float) -> None:
    values = second_order(4000, 0, level)
    task = task_of(values)
    fit = fit_linear(task)
    assert fit is not None
    assert scored_error(task, fit.from_train) == pytest.approx(1.0, rel=0.06)
    truth = level + 1.2 * (values[1:-1] - level) - 0.5 * (values[:-2] - level)
    scored = slice(task.fold.train_stop, None)
    assert np.sqrt(np.mean((fit.from_train[2:] - truth)[scored] ** 2)) < 0.15


def test_few_lags_stay_where_more_do_not_pay() -> None:
    fit = fit_linear(task_of(second_order(4000, 1)))
    assert fit is not None
    assert fit.lags[:2] == [1, 2]
    assert len(fit.lags) <= 6


def test_the_lags_of_a_season_are_used() -> None:
    shocks, values = noise(2, 1200), np.zeros(1200)
    for row in range(24, 1200):
        values[row] = 0.9 * values[row - 24] + shocks[row]
    task = task_of(values, (24,))
    fit = fit_linear(task)
    assert fit is not None
    assert 24 in fit.lags
    assert scored_error(task, fit.from_train) < 1.12


def test_a_deterministic_season_is_caught_by_fourier_terms_or_lags() -> None:
    time = np.arange(600)
    values = np.sin(2 * np.pi * time / 12) + 0.05 * time + 0.1 * noise(3, 600)
    task = task_of(values, (12,))
    fit = fit_linear(task)
    assert fit is not None
    assert scored_error(task, fit.from_train) < 0.125


def test_the_refit_learns_from_every_row_of_the_training_part_that_its_lags_reach() -> None:
    values = second_order(300, 4)
    shuffled = np.concatenate([values[29::-1], values[30:]])  # the same mean and spread, other neighbours
    fit, other = fit_linear(task_of(values)), fit_linear(task_of(shuffled))
    assert fit is not None
    assert other is not None
    assert fit.lags == other.lags == [1, 2]
    assert not np.allclose(fit.from_train[60:], other.from_train[60:], rtol=1e-9, atol=1e-9)


def terms(columns: FloatArray) -> Lags:
    """Regressors none of which is a lag."""
    return Lags(values=np.empty(len(columns)), lags=[], terms=columns)


def test_ridge_is_least_squares_where_the_penalty_is_tiny() -> None:
    columns = np.random.default_rng(5).normal(size=(200, 3))
    values = columns @ [1.0, -2.0, 0.5] + 4 + 0.1 * noise(6, 200)
    task = task_of(values)
    ridge = Ridge(task=task, scale=Scale.of(task), design=terms(columns), base=np.zeros(200))
    design = np.column_stack([columns, np.ones(200)])
    solution = np.linalg.lstsq(design[:120], values[:120], rcond=None)[0]
    found = ridge.forecast(PENALTIES[0], 120)
    np.testing.assert_allclose(found, design @ solution, atol=1e-6)


def test_ridge_is_ridge_where_it_is_not() -> None:
    columns = np.random.default_rng(7).normal(size=(200, 3))
    values = columns @ [1.0, -2.0, 0.5] + 0.1 * noise(8, 200)
    task = task_of(values)
    scale = Scale.of(task)
    centred = columns[:120] - columns[:120].mean(axis=0)
    target = scale.down(values)[:120]
    slopes = np.linalg.solve(
        centred.T @ centred / 120 + 0.1 * np.eye(3), centred.T @ (target - target.mean()) / 120
    )
    expected = scale.up((columns - columns[:120].mean(axis=0)) @ slopes + target.mean())
    found = Ridge(task=task, scale=scale, design=terms(columns), base=np.zeros(200)).forecast(0.1, 120)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_the_record_says_what_was_chosen() -> None:
    forecasts = linear_autoregression(fit_linear(task_of(second_order(300, 9))))
    assert forecasts is not None
    assert set(forecasts.detail) == {"lags", "penalty"}
    assert linear_autoregression(None) is None


def test_a_constant_head_is_no_division_by_zero() -> None:
    values = np.concatenate([np.full(60, 2.0), 2.0 + noise(10, 40)])
    found = forecast_fold(values, fold_of(100), (), "rmse", logarithm=False)
    assert np.isfinite(found.forecasts["last_value"].values[60:]).all()
