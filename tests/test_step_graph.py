"""On a CUDA device only: what is replayed there is what the processor computes, and again the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from lstmsize.learning import Run, training_on
from lstmsize.recipe import Recipe
from lstmsize.space import Cell
from lstmsize.step_graph import LONGEST_BLOCK
from lstmsize.transforms import Shaped

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

WINDOW = 24
ROWS = 500


def trained(device: str, *blocks: int) -> Run:
    noise = np.random.default_rng(0).normal(size=(ROWS, 2)).astype(np.float32)
    targets = np.sin(3 * noise[:, 0]) * noise[:, 1]
    shaped = Shaped(
        inputs=noise, targets=targets, offset=np.zeros(ROWS), scale=1.0, first=0, anchored=False, log=False
    )
    with training_on(device):
        run = Run(shaped, WINDOW, Cell(32, 2), 0, Recipe(weight_decay=1.0), "rmse", device)
        for steps in blocks:
            run.advance(steps, ROWS)
    return run


def test_the_first_losses_are_those_of_the_processor() -> None:
    here, there = (np.array(trained(device, 10)._losses) for device in ("cpu", "cuda"))
    np.testing.assert_allclose(there, here, rtol=1e-3)


def test_trainings_in_threads_have_the_bits_of_one_alone() -> None:
    alone = trained("cuda", 150)._losses
    with ThreadPoolExecutor(6) as threads:
        together = [threads.submit(trained, "cuda", *[25] * 6) for _ in range(12)]
        assert all(run.result()._losses == alone for run in together)


def test_a_training_in_few_blocks_has_the_bits_of_one_in_many() -> None:
    first, again = trained("cuda", 2 * LONGEST_BLOCK + 30), trained("cuda", 1, 4, *[25] * 9)
    assert len(first._losses) == 2 * LONGEST_BLOCK + 30
    assert first._losses == again._losses
    rows = np.arange(WINDOW, ROWS)
    with training_on("cuda"):
        np.testing.assert_array_equal(first.forecast(rows), again.forecast(rows))
    assert np.mean(first._losses[-20:]) < 0.9 * np.mean(first._losses[:20])
