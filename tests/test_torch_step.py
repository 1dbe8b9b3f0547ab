"""torch's steps: the one that is recorded on a device is the processor's, each of which is a call of its own."""

from __future__ import annotations

import numpy as np
import torch

from lstmsize.recipe import Recipe
from lstmsize.space import Cell
from lstmsize.torch_step import TorchStep

WINDOW, ROWS = 24, 300
RECIPE = Recipe(weight_decay=1.0)


def made() -> TorchStep:
    noise = np.random.default_rng(0).normal(size=(ROWS, 2)).astype(np.float32)
    targets = np.sin(3 * noise[:, 0]) * noise[:, 1]
    return TorchStep(
        Cell(8, 1), 0, RECIPE, inputs=noise, targets=targets, window=WINDOW, anchor=None, metric="rmse"
    )


def test_a_step_as_it_is_recorded_is_the_step_that_the_processor_takes() -> None:
    plain, recorded = made(), made()
    start = plain.outputs(np.arange(100, 200))
    for step in range(1, 21):
        ends, numbers = torch.arange(30, 62), RECIPE.step_numbers(step)
        losses = [plain.step(ends, numbers), recorded.step(ends, torch.tensor(numbers))]
        torch.testing.assert_close(*losses, rtol=1e-4, atol=0)
    found = plain.outputs(np.arange(100, 200))
    np.testing.assert_allclose(found, recorded.outputs(np.arange(100, 200)), rtol=1e-3, atol=1e-5)
    assert np.abs(found - start).max() > 0.01


def test_the_average_comes_back() -> None:
    step, ends = made(), np.arange(32)[None, :] + 50
    kept, before = step.average(), step.outputs(ends[0])
    assert step.longest == 1
    step.take(ends, [RECIPE.step_numbers(1)], 0)
    assert not np.array_equal(step.outputs(ends[0]), before)
    step.restore(kept)
    np.testing.assert_array_equal(step.outputs(ends[0]), before)
