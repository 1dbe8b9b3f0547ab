"""Training steps on the processor, compiled as one piece: from the rows of a minibatch to the averaged weights.

oneDNN, on which torch stands, has a quick LSTM for processors with AVX-512 only. With its other one, and torch's
calls around it, most of a narrow network's step is spent between the products of matrices (``docs/design.md``,
Speed). `lstmsize.learning.Run` takes the same steps by torch where these are not to be had.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from lstmsize.config import Metric
from lstmsize.kernels import Memory, outputs_of, take_steps
from lstmsize.optimizer import LEAST_NORM, LEAST_ROOT, MOMENTUM, AdamW
from lstmsize.recipe import Recipe
from lstmsize.space import Cell


class CompiledStep:
    """Take training steps of one network, in the memory of its weights, their average and its optimiser; forecast.

    Parameters
    ----------
    cell : Cell
        Units and layers.
    optimizer : AdamW
        Whose learning rates and running means are used, and the latter changed.
    recipe : Recipe
        How to train.
    weights, average : Tensor, shape (weights,)
        The network's weights and their running average, each from `LstmForecaster.as_vector`.
    inputs, targets : Tensor, shapes (time, channels) and (time,)
        The shaped series.
    window : int
        Steps per window.
    anchor : int or None
        Step of the window whose inputs are taken off all of its inputs.
    metric : {'rmse', 'mae'}
        The loss.
    """

    WIDEST = 256
    """Units up to which a step was seen to take less time than torch's."""

    def __init__(
        self,
        cell: Cell,
        optimizer: AdamW,
        recipe: Recipe,
        *,
        weights: Tensor,
        average: Tensor,
        inputs: Tensor,
        targets: Tensor,
        window: int,
        anchor: int | None,
        metric: Metric,
    ) -> None:
        self._memory = Memory.of(
            channels=inputs.shape[1], units=cell.units, layers=cell.layers, window=window, batch=recipe.batch
        )
        self._series = inputs.contiguous().numpy(), targets.contiguous().numpy()
        self._cell, self._window, self._batch, self._absolute = cell, window, recipe.batch, metric == "mae"
        self._anchor = -1 if anchor is None else anchor
        shrinkage = 1 - optimizer.rates * recipe.weight_decay
        means = optimizer.first, optimizer.second
        vectors = (weights, average, torch.zeros_like(weights), *means, optimizer.rates, shrinkage)
        self._vectors = tuple(vector.numpy() for vector in vectors)
        constants = (recipe.clip, MOMENTUM, recipe.second_moment, LEAST_ROOT, LEAST_NORM)
        self._constants = tuple(np.float32(constant) for constant in constants)

    def __call__(self, ends: Tensor, numbers: Sequence[Sequence[float]], trained_from: int) -> list[float]:
        """Take some steps.

        Parameters
        ----------
        ends : Tensor of int, shape (steps, batch)
            Last rows of the windows.
        numbers : sequence, shape (steps, 3)
            The optimiser's corrections and the share of the weights that goes into their average.
        trained_from : int
            First step of a window whose forecast is trained on.

        Returns
        -------
        list of float
            The loss of each step.

        Raises
        ------
        IndexError
            If a window is not inside of the series.
        """
        self._refuse_outside(ends)
        sizes = (self._cell.units, trained_from, self._anchor)
        losses: list[float] = take_steps(
            ends.numpy(),
            np.array(numbers, dtype=np.float32),
            self._series,
            sizes,
            self._absolute,
            self._vectors,
            self._constants,
            self._memory,
        ).tolist()
        return losses

    def outputs(self, ends: Tensor) -> Tensor:
        """Return what the averaged weights forecast at each step of windows.

        Parameters
        ----------
        ends : Tensor of int, shape (windows,)
            Last rows of the windows.

        Returns
        -------
        Tensor, shape (steps of a window, windows)
            In the scale of the targets.

        Raises
        ------
        IndexError
            If a window is not inside of the series.
        """
        self._refuse_outside(ends)
        full = torch.cat([ends, ends[-1:].expand(-len(ends) % self._batch)])
        sizes = (self._cell.units, self._anchor)
        found = outputs_of(full.long().numpy(), self._series, sizes, self._vectors[1], self._memory)
        return torch.from_numpy(found[:, : len(ends)])

    def _refuse_outside(self, ends: Tensor) -> None:
        if ends.min() < self._window - 1 or ends.max() >= len(self._series[1]):
            raise IndexError(f"windows end in rows {ends.min()} to {ends.max()} of {len(self._series[1])}")
