"""The compiled training step takes the steps that torch takes, and gives way to them where it must."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch

from lstmsize import cpu_step
from lstmsize.compiled_step import CompiledStep
from lstmsize.learning import DivergenceError, Run
from lstmsize.recipe import Recipe
from lstmsize.space import Cell
from lstmsize.torch_step import TorchStep
from lstmsize.transforms import Shaped

WINDOW, ROWS = 24, 500


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the processor."""
    monkeypatch.setattr(cpu_step, "COMPILED", CompiledStep)


def shaped(channels: int = 2, *, anchored: bool = False) -> Shaped:
    noise = np.random.default_rng(0).normal(size=(ROWS, channels)).astype(np.float32)
    targets = np.sin(3 * noise[:, 0]) + noise[:, -1]
    return Shaped(
        inputs=noise, targets=targets, offset=np.zeros(ROWS), scale=1.0, first=0, anchored=anchored, log=False
    )


def weights(run: Run) -> np.ndarray:
    if isinstance(run.engine, CompiledStep):
        return run.engine.weights
    assert isinstance(run.engine, TorchStep)
    return np.concatenate([weight.detach().numpy().ravel() for weight in run.engine.network.parameters()])


@pytest.mark.parametrize("cell", [Cell(1, 1), Cell(32, 1), Cell(32, 3), Cell(40, 2), Cell(200, 1)])
@pytest.mark.parametrize(
    ("metric", "anchored", "decay", "channels"), [("rmse", False, 0.0, 1), ("mae", True, 1.0, 3)]
)
def test_it_takes_the_steps_of_torch(
    cell: Cell,
    metric: Literal["rmse", "mae"],
    anchored: bool,
    decay: float,
    channels: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs, starts = [], []
    for step in (CompiledStep, None):
        monkeypatch.setattr(cpu_step, "COMPILED", step)
        recipe = Recipe(weight_decay=decay, learning_rate=0.003)
        run = Run(shaped(channels, anchored=anchored), WINDOW, cell, 0, recipe, metric)
        starts.append(weights(run).copy())
        run.advance(20, ROWS)
        runs.append(run)
    ours, other = runs
    np.testing.assert_array_equal(*starts)
    assert isinstance(ours.engine, CompiledStep)
    assert isinstance(other.engine, TorchStep)
    np.testing.assert_allclose(ours._losses, other._losses, rtol=2e-4)
    moved = np.abs(weights(other) - starts[1]).max()
    assert moved > 0.01
    np.testing.assert_allclose(weights(ours), weights(other), atol=0.01 * moved)
    rows = np.arange(WINDOW, ROWS)
    np.testing.assert_allclose(ours.forecast(rows), other.forecast(rows), rtol=1e-2, atol=1e-3)


def test_its_length_of_blocks_changes_no_bit() -> None:
    first, again = (Run(shaped(), WINDOW, Cell(32, 2), 0, Recipe(), "rmse") for _ in range(2))
    first.advance(60, ROWS)
    for steps in (1, 4, 25, 30):
        again.forecast(np.arange(WINDOW, ROWS))  # in the same memory
        again.advance(steps, ROWS)
    assert first._losses == again._losses
    np.testing.assert_array_equal(weights(first), weights(again))


def test_the_average_that_it_keeps_is_what_forecasts() -> None:
    run = Run(shaped(), WINDOW, Cell(8, 1), 0, Recipe(averaging=0.0), "rmse")
    run.advance(5, ROWS)
    np.testing.assert_array_equal(run.engine.average(), weights(run))


@pytest.mark.parametrize("anchored", [False, True])
@pytest.mark.parametrize("cell", [Cell(32, 1), Cell(40, 3)])
@pytest.mark.parametrize("windows", [1, 32, 77])
def test_its_forecasts_are_those_of_torch_with_the_same_weights(
    cell: Cell, windows: int, anchored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(shaped(3, anchored=anchored), WINDOW, cell, 0, Recipe(), "rmse")
    run.advance(20, ROWS)
    monkeypatch.setattr(cpu_step, "COMPILED", None)
    other = Run(shaped(3, anchored=anchored), WINDOW, cell, 0, Recipe(), "rmse").engine
    assert isinstance(other, TorchStep)
    torch.nn.utils.vector_to_parameters(torch.from_numpy(run.engine.average()), other.averaged.parameters())
    ends = np.random.default_rng(1).integers(WINDOW - 1, ROWS, windows)
    found, expected = run.engine.outputs(ends), other.outputs(ends)
    assert found.shape == (WINDOW, windows)
    np.testing.assert_allclose(found, expected, atol=2e-6)
    assert expected.std() > 0.01


def test_units_that_fill_up_a_panel_stay_out_of_it() -> None:
    run = Run(shaped(), WINDOW, Cell(40, 2), 0, Recipe(), "rmse")
    run.advance(20, ROWS)
    assert isinstance(run.engine, CompiledStep)
    memory = run.engine._memory
    assert memory.states.hidden.shape[-1] == 48
    for part in (memory.states.hidden, memory.biases, memory.readout, memory.by_hidden[0], *memory.sums[1:]):
        assert np.abs(part[..., :40]).max() > 0
        assert not part[..., 40:].any()


def test_a_divergence_shows_in_the_step_in_which_it_does_with_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for step in (CompiledStep, None):
        monkeypatch.setattr(cpu_step, "COMPILED", step)
        run = Run(shaped(), WINDOW, Cell(8, 1), 0, Recipe(learning_rate=1e30), "rmse")
        with pytest.raises(DivergenceError, match="at step") as caught:
            run.advance(50, ROWS)
        said.append((run.steps, str(caught.value).split()[-1]))
    assert said[0] == said[1]


@pytest.mark.parametrize("window", [1, 2, 3])
@pytest.mark.parametrize("trained_from", [0, -1])
def test_short_windows_and_a_loss_on_the_last_step_alone(
    window: int, trained_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = []
    for step in (CompiledStep, None):
        monkeypatch.setattr(cpu_step, "COMPILED", step)
        run = Run(shaped(anchored=True), window, Cell(8, 2), 0, Recipe(batch=5), "rmse")
        run.trained_from = trained_from % window
        run.advance(10, ROWS)
        losses.append(run._losses)
    np.testing.assert_allclose(*losses, rtol=1e-3)


@pytest.mark.parametrize("rows", [(WINDOW - 2, ROWS - 1), (WINDOW - 1, ROWS)])
def test_a_window_outside_of_the_series_is_refused(rows: tuple[int, int]) -> None:
    run = Run(shaped(), WINDOW, Cell(8, 1), 0, Recipe(), "rmse")
    with pytest.raises(IndexError, match=f"rows {rows[0]} to {rows[1]} of {ROWS}"):
        run.engine.take(np.array([rows]), [(1.0, 1.0, 1.0)], 0)
    with pytest.raises(IndexError, match=f"rows {rows[0]} to {rows[1]} of {ROWS}"):
        run.engine.outputs(np.array(rows))
