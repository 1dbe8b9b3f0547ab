"""Polynomial autoregression."""

from __future__ import annotations

import numpy as np
from folded import noise, scored_error, task_of

from lstmsize.baselines.linear import fit_linear
from lstmsize.baselines.polynomial import polynomial_autoregression
from lstmsize.series import FloatArray


def logistic(rows: int) -> FloatArray:
    values = [0.3]
    for _ in range(rows - 1):
        values.append(3.9 * values[-1] * (1 - values[-1]))
    return np.array(values)


def test_the_logistic_map_is_solved_where_a_line_has_no_chance() -> None:
    task = task_of(logistic(400))
    linear = fit_linear(task)
    found = polynomial_autoregression(task, linear)
    assert found is not None
    assert linear is not None
    assert scored_error(task, found.values) < 1e-5
    assert scored_error(task, linear.from_train) > 0.1
    assert found.detail["lags"] == [1]
    assert found.detail["degree"] == 2


def test_the_noise_of_a_quadratic_map_is_what_is_left() -> None:
    values, shocks = np.zeros(1500), noise(0, 1500)
    for row in range(2, 1500):
        values[row] = 1 - 0.3 * values[row - 1] ** 2 + 0.3 * values[row - 2] + 0.3 * shocks[row]
    task = task_of(values)
    found = polynomial_autoregression(task, None)
    assert found is not None
    assert scored_error(task, found.values) < 0.3 * 1.06


def test_a_product_of_lags_is_found_on_top_of_the_line() -> None:
    values, shocks = np.zeros(1500), noise(2, 1500)
    for row in range(12, 1500):
        product = np.tanh(values[row - 1] * values[row - 2])
        values[row] = 0.5 * values[row - 12] + 0.8 * product + 0.5 * shocks[row]
    task = task_of(values, (12,))
    linear = fit_linear(task)
    found = polynomial_autoregression(task, linear)
    assert found is not None
    assert linear is not None
    assert scored_error(task, found.values) < 0.92 * scored_error(task, linear.from_train)


def test_powers_do_not_explode_outside_the_range_of_the_head() -> None:
    values = np.concatenate([noise(2, 240), 50 + noise(3, 160)])
    task = task_of(values)
    found = polynomial_autoregression(task, None)
    assert found is not None
    assert np.abs(found.values[task.fold.train_stop :]).max() < 1000


def test_outside_the_range_of_the_head_its_line_goes_on() -> None:
    values = np.concatenate([np.cumsum(noise(5, 300)), np.cumsum(noise(6, 100)) + 200.0])
    task = task_of(values)
    found = polynomial_autoregression(task, None)
    assert found is not None
    late = slice(task.fold.train_stop + 5, None)
    assert np.sqrt(np.mean((values[late] - found.values[late]) ** 2)) < 25


def test_a_head_that_is_too_short_has_no_polynomial() -> None:
    assert polynomial_autoregression(task_of(noise(4, 8)), None) is None


def test_a_polynomial_without_a_line_must_surely_pay() -> None:
    for seed in range(3):
        found = polynomial_autoregression(task_of(np.cumsum(noise(70 + seed, 400))), None)
        assert found is not None
        assert found.detail["added_to"] == "own line"


def test_nothing_is_chosen_by_the_scored_block() -> None:
    values = logistic(300) + 0.1 * noise(2, 300)
    task = task_of(values)
    other = values.copy()
    other[task.fold.train_stop :] = noise(3, len(values) - task.fold.train_stop)
    found, beside = (polynomial_autoregression(t, fit_linear(t)) for t in (task, task_of(other)))
    assert found is not None
    assert beside is not None
    assert found.detail == beside.detail
    np.testing.assert_array_equal(found.values[: task.fold.train_stop], beside.values[: task.fold.train_stop])
