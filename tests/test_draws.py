"""The numbers are those that torch draws, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstmsize.draws import Draws

SEEDS = [0, 7, 2**32 - 1, 2**31 * 1000 + 3]


@pytest.mark.parametrize("seed", SEEDS)
def test_fractions_are_those_of_torch(seed: int) -> None:
    generator, draws = torch.Generator().manual_seed(seed), Draws(seed)
    for bound, shape in ((0.1, (128, 3)), (1 / np.sqrt(40), (7,)), (1.0, (1, 1))):
        expected = torch.empty(shape).uniform_(-bound, bound, generator=generator)
        np.testing.assert_array_equal(draws.uniform(bound, shape), expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_whole_numbers_are_those_of_torch(seed: int) -> None:
    generator, draws = torch.Generator().manual_seed(seed), Draws(seed)
    for low, high, shape in ((47, 500, (25, 32)), (0, 1, (3,)), (-5, 7, (4, 4)), (100, 200_000, (1, 32))):
        expected = torch.randint(low, high, shape, generator=generator)
        np.testing.assert_array_equal(draws.integers(low, high, shape), expected)
