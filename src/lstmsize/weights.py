"""The weights of a network in one vector, in the order that torch has them: their tensors, rates and start."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from lstmsize.draws import Draws
from lstmsize.recipe import Recipe
from lstmsize.space import Cell


@dataclass(frozen=True, kw_only=True)
class WeightTensor:
    """One tensor of weights.

    Parameters
    ----------
    shape : tuple of int
        As in torch.
    from_units : bool
        Whether it is a matrix whose inputs are units, which learns at the scaled rate.
    """

    shape: tuple[int, ...]
    from_units: bool

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


def weight_tensors(cell: Cell, channels: int) -> list[WeightTensor]:
    """List the tensors of a network.

    Parameters
    ----------
    cell : Cell
        Units and layers.
    channels : int
        Input values per step.

    Returns
    -------
    list of WeightTensor
        By layer weights of inputs and of units, and two biases; then weights and bias of the readout.
    """
    gates, found = 4 * cell.units, []
    for layer in range(cell.layers):
        inputs = cell.units if layer else channels
        found.append(WeightTensor(shape=(gates, inputs), from_units=layer > 0))
        found.append(WeightTensor(shape=(gates, cell.units), from_units=True))
        found += 2 * [WeightTensor(shape=(gates,), from_units=False)]
    found.append(WeightTensor(shape=(1, cell.units), from_units=True))
    return [*found, WeightTensor(shape=(1,), from_units=False)]


def learning_rates(cell: Cell, channels: int, recipe: Recipe) -> list[float]:
    """Return the width-scaled learning rate of each tensor of weights.

    Parameters
    ----------
    cell, channels : Cell, int
        The network.
    recipe : Recipe
        Matrices whose inputs are units take its `hidden_rate`; input weights and biases its rate as it is.

    Returns
    -------
    list of float
        In the order of `weight_tensors`.
    """
    scaled = recipe.hidden_rate(cell.units)
    return [scaled if tensor.from_units else recipe.learning_rate for tensor in weight_tensors(cell, channels)]


def initial_weights(cell: Cell, channels: int, seed: int) -> NDArray[np.float32]:
    """Return the weights that `lstmsize.network.LstmForecaster` starts with after ``torch.manual_seed(seed)``.

    Parameters
    ----------
    cell, channels : Cell, int
        The network.
    seed : int
        Not negative.

    Returns
    -------
    ndarray of float32, shape (weights,)
        Even within one over the root of the units, as in ``torch.nn.LSTM``; biases 0, but 1 for the forget gates;
        a readout of 0.
    """
    draws, bound = Draws(seed), 1 / np.sqrt(cell.units)
    *of_layers, readout, readout_bias = weight_tensors(cell, channels)
    parts = []
    for tensor in of_layers:
        drawn = draws.uniform(bound, tensor.shape)  # biases, too, which torch draws and are then set
        parts.append(drawn if len(tensor.shape) > 1 else np.zeros_like(drawn))
    for biases in parts[2::4]:  # gates stand in the order input, forget, cell, output
        biases[cell.units : 2 * cell.units] = 1
    parts.append(np.zeros(readout.size + readout_bias.size, np.float32))
    return np.concatenate([part.ravel() for part in parts])
