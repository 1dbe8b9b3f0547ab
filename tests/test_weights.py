"""The layout and the start of a network's weights are torch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstmsize.network import LstmForecaster
from lstmsize.recipe import Recipe
from lstmsize.space import Cell
from lstmsize.weights import initial_weights, learning_rates, weight_tensors


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("cell", [Cell(1, 1), Cell(32, 1), Cell(40, 2), Cell(96, 3)])
@pytest.mark.parametrize("seed", [0, 2_000_004])
def test_a_network_starts_with_the_bits_that_torch_gives_it(cell: Cell, channels: int, seed: int) -> None:
    torch.manual_seed(seed)
    parameters = list(LstmForecaster(channels=channels, units=cell.units, layers=cell.layers).parameters())
    assert [tensor.shape for tensor in weight_tensors(cell, channels)] == [(*p.shape,) for p in parameters]
    expected = torch.nn.utils.parameters_to_vector(parameters).detach()
    found = initial_weights(cell, channels, seed)
    assert found.dtype == np.float32
    assert len(found) == cell.parameters(channels)
    np.testing.assert_array_equal(found, expected)


def test_only_matrices_from_units_take_the_scaled_rate() -> None:
    rates = learning_rates(Cell(128, 2), 3, Recipe(learning_rate=0.016))
    own, scaled = 0.016, pytest.approx(0.004)
    assert rates == [own, scaled, own, own, scaled, scaled, own, own, scaled, own]


def test_the_rate_is_stated_at_32_units() -> None:
    assert set(learning_rates(Cell(32, 1), 1, Recipe(learning_rate=0.016))) == {0.016}
