from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lstmsize.learning import DivergenceError, Run
from lstmsize.recipe import Recipe
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.splits import cut
from lstmsize.training import Problem, train_replicate
from lstmsize.transforms import InputForm, shape

torch.set_num_threads(1)  # two threads on shared cores wait for each other

WINDOW = 12
CELL = Cell(16, 1)
QUICK = Recipe(most_steps=600, patience=100)


def problem(values: FloatArray, kind: str = "level", *, log: bool = False) -> Problem:
    fold = cut(len(values)).folds[-1]
    form = InputForm(kind=kind, log=log)  # type: ignore[arg-type]
    return Problem(
        values=values[: fold.score_stop],
        fold=fold,
        head=shape(values[: fold.score_stop], form, stop=fold.head_stop, window=WINDOW),
        train=shape(values[: fold.score_stop], form, stop=fold.train_stop, window=WINDOW),
        window=WINDOW,
        metric="rmse",
    )


def logistic_map(rows: int) -> FloatArray:
    values = np.empty(rows)
    values[0] = 0.3
    for row in range(1, rows):
        values[row] = 3.9 * values[row - 1] * (1 - values[row - 1])
    return values


def error(task: Problem, forecasts: FloatArray) -> float:
    actual = task.values[task.fold.train_stop :]
    return float(np.sqrt(np.mean((forecasts - actual) ** 2)))


@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_network_learns_as_well_on_a_cuda_device_as_on_the_processor():
    task = problem(logistic_map(600))
    errors = [
        error(task, train_replicate(replace(task, device=device), CELL, 0, QUICK).forecasts)
        for device in ("cpu", "cuda")
    ]
    assert errors[1] == pytest.approx(errors[0], rel=0.2)


def test_a_network_learns_what_no_line_can():
    task = problem(logistic_map(800))
    found = train_replicate(task, CELL, 0, QUICK)
    assert error(task, found.forecasts) < 0.2 * float(task.values.std())
    assert found.curve[0] == (0, 1.0)
    assert min(loss for _, loss in found.curve) < 0.1


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    task = problem(logistic_map(400))
    recipe = replace(QUICK, most_steps=100)
    first, again, other = (train_replicate(task, CELL, seed, recipe) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.forecasts, again.forecasts)
    assert first.curve == again.curve
    assert not np.array_equal(first.forecasts, other.forecasts)


def test_on_white_noise_training_stops_at_once_and_the_mean_is_forecast():
    values = np.random.default_rng(0).normal(size=1000)
    task = problem(values)
    found = train_replicate(task, CELL, 0, QUICK)
    assert found.state == "converged"
    assert found.steps_run <= 500
    assert error(task, found.forecasts) < 1.03 * float(values[task.fold.train_stop : task.fold.score_stop].std())


def test_a_curve_that_still_falls_at_the_cap_is_unconverged():
    found = train_replicate(problem(logistic_map(800)), CELL, 0, replace(QUICK, most_steps=75))
    assert found.state == "unconverged"
    assert found.steps == 75
    assert found.steps_run == 150  # the refit takes as many again


@pytest.mark.parametrize(("refit_from", "steps_run"), [(0.2, 150), (0.21, 75), (1.0, 75)])
def test_a_network_is_refitted_where_the_tail_is_enough_of_the_training_part(refit_from, steps_run):
    task = problem(logistic_map(800))
    assert task.tail_share == pytest.approx(0.2, abs=1e-3)
    found = train_replicate(task, CELL, 0, replace(QUICK, most_steps=75, refit_from=refit_from))
    assert found.steps_run == steps_run


@pytest.mark.parametrize(("rows", "passes"), [(150_000, 2), (200_000, 1)])
def test_a_network_of_a_long_series_is_not_refitted_for_the_few_rows_of_its_tail(rows, passes):
    found = train_replicate(problem(logistic_map(rows)), CELL, 0, Recipe(most_steps=25))
    assert (found.steps, found.steps_run) == (25, 25 * passes)


def test_the_tail_is_measured_by_the_rows_whose_base_is_known():
    values = logistic_map(200_000)
    base = np.where(np.arange(len(values)) < 160_000, np.nan, 0.5)  # as of baselines, which learn from the latest
    task = problem(values)
    form = InputForm(kind="correction")
    head, train = (
        shape(task.values, form, stop=stop, window=WINDOW, base=base[: len(task.values)])
        for stop in (task.fold.head_stop, task.fold.train_stop)
    )
    task = replace(task, head=head, train=train)
    assert task.tail_share > 0.1
    found = train_replicate(task, CELL, 0, Recipe(most_steps=25))
    assert (found.steps, found.steps_run) == (25, 50)


def test_a_rate_that_is_far_too_high_is_a_divergence_and_not_an_exception():
    values = np.random.default_rng(0).standard_cauchy(size=400).cumsum()
    found = train_replicate(problem(values), CELL, 0, replace(QUICK, learning_rate=1e30))
    assert found.state == "diverged"
    assert found.forecasts.size == 0
    assert found.steps_run > 0
    assert found.reason is not None
    assert found.reason.endswith(f"at step {found.steps_run}")


def test_the_steps_of_both_passes_count_where_a_forecast_is_not_finite():
    task = problem(logistic_map(400))
    task = replace(task, train=replace(task.train, scale=np.inf))
    found = train_replicate(task, CELL, 0, replace(QUICK, most_steps=50))
    assert (found.state, found.reason) == ("diverged", "a forecast is not a finite number")
    assert found.steps_run == 100
    assert found.curve[0] == (0, 1.0)


def test_an_infinite_input_raises_inside_the_run():
    shaped = problem(logistic_map(400)).head
    broken = replace(shaped, inputs=np.full_like(shaped.inputs, np.inf))
    run = Run(broken, WINDOW, CELL, 0, QUICK, "rmse")
    with pytest.raises(DivergenceError, match="the loss was nan at step"):
        run.advance(5, 300)


def test_a_large_level_does_not_eat_the_digits():
    small = problem(logistic_map(800))
    large = problem(1e8 + logistic_map(800))
    recipe = replace(QUICK, most_steps=300)
    near, far = (train_replicate(task, CELL, 0, recipe) for task in (small, large))
    assert error(large, far.forecasts) == pytest.approx(error(small, near.forecasts), rel=0.2)


def test_a_window_is_forecast_from_its_own_rows_only():
    task = problem(logistic_map(400))
    run = Run(task.train, WINDOW, CELL, 0, QUICK, "rmse")
    run.advance(20, task.fold.train_stop)
    rows = np.array([200, 300])
    before = run.forecast(rows)
    changed = task.train.inputs.copy()
    changed[:150] = 9.0
    changed[301:] = 9.0
    other = Run(replace(task.train, inputs=changed), WINDOW, CELL, 0, QUICK, "rmse")
    other.engine.restore(run.engine.average())
    np.testing.assert_array_equal(other.forecast(rows), before)
    assert before.std() > 0


@pytest.mark.parametrize("kind", ["level", "difference", "last_value"])
@pytest.mark.parametrize("log", [False, True])
def test_every_form_trains(kind: str, log: bool):
    values = np.exp(0.3 * np.sin(np.arange(300) / 3)) * (1 + np.arange(300) / 300)
    task = problem(values, kind, log=log)
    found = train_replicate(task, CELL, 0, replace(QUICK, most_steps=100))
    assert found.forecasts.shape == (task.fold.score_stop - task.fold.train_stop,)
    assert np.isfinite(found.forecasts).all()
