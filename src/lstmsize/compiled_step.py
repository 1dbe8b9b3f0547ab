"""Training steps on the processor, compiled as one piece: from the rows of a minibatch to the averaged weights.

oneDNN, on which torch stands, has a quick LSTM for processors with AVX-512 only. With its other one, and torch's
calls around it, most of a narrow network's step is spent between the products of matrices (``docs/design.md``,
Speed). These are the steps of `lstmsize.torch_step.TorchStep`, and torch, slow to import, is not needed for them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lstmsize.config import Metric
from lstmsize.kernels import Memory, outputs_of, take_steps
from lstmsize.recipe import LEAST_NORM, LEAST_ROOT, MOMENTUM, Recipe
from lstmsize.space import Cell
from lstmsize.weights import initial_weights, learning_rates, weight_tensors
from lstmsize.windows import IndexArray


class CompiledStep:
    """Take training steps of one network, and forecast by the average of its weights.

    Parameters
    ----------
    cell : Cell
        Units and layers.
    seed : int
        Seed of the weights.
    recipe : Recipe
        How to train.
    inputs, targets : ndarray of float32, shapes (time, channels) and (time,)
        The shaped series.
    window : int
        Steps per window.
    anchor : int or None
        Step of the window whose inputs are taken off all of its inputs.
    metric : {'rmse', 'mae'}
        The loss.

    Attributes
    ----------
    longest : int
        Steps that a call may take at most: the losses are looked at between calls.
    weights : ndarray of float32, shape (weights,)
        See `weight_tensors` for their order.
    """

    WIDEST = 256
    """Units up to which a step was seen to take less time than torch's."""

    longest = 100

    def __init__(
        self,
        cell: Cell,
        seed: int,
        recipe: Recipe,
        *,
        inputs: NDArray[np.float32],
        targets: NDArray[np.float32],
        window: int,
        anchor: int | None,
        metric: Metric,
    ) -> None:
        channels = inputs.shape[1]
        self._memory = Memory.of(
            channels=channels, units=cell.units, layers=cell.layers, window=window, batch=recipe.batch
        )
        self._series = np.ascontiguousarray(inputs), np.ascontiguousarray(targets)
        self._cell, self._window, self._batch, self._absolute = cell, window, recipe.batch, metric == "mae"
        self._anchor = -1 if anchor is None else anchor
        self.weights = initial_weights(cell, channels, seed)
        self._average = self.weights.copy()
        sizes = [tensor.size for tensor in weight_tensors(cell, channels)]
        with np.errstate(over="ignore", invalid="ignore"):  # rates that diverge do so in the steps
            rates = np.repeat(np.array(learning_rates(cell, channels, recipe), np.float32), sizes)
            shrinkage = np.float32(1) - rates * np.float32(recipe.weight_decay)
        gradient, first, second = (np.zeros_like(self.weights) for _ in range(3))
        self._vectors = self.weights, self._average, gradient, first, second, rates, shrinkage
        constants = (recipe.clip, MOMENTUM, recipe.second_moment, LEAST_ROOT, LEAST_NORM)
        self._constants = tuple(np.float32(constant) for constant in constants)

    def take(
        self, ends: IndexArray, numbers: Sequence[tuple[float, float, float]], trained_from: int
    ) -> list[float]:
        """Take some steps.

        Parameters
        ----------
        ends : ndarray of int, shape (steps, batch)
            Last rows of the windows.
        numbers : sequence, shape (steps, 3)
            See `Recipe.step_numbers`.
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
            ends,
            np.array(numbers, dtype=np.float32),
            self._series,
            sizes,
            self._absolute,
            self._vectors,
            self._constants,
            self._memory,
        ).tolist()
        return losses

    def outputs(self, ends: IndexArray) -> NDArray[np.float32]:
        """Return what the averaged weights forecast at each step of windows, in the scale of the targets.

        Parameters
        ----------
        ends : ndarray of int, shape (windows,)
            Last rows of the windows.

        Returns
        -------
        ndarray, shape (steps of a window, windows)

        Raises
        ------
        IndexError
            If a window is not inside of the series.
        """
        self._refuse_outside(ends)
        full = np.pad(ends, (0, -len(ends) % self._batch), mode="edge").astype(np.int64)
        sizes = (self._cell.units, self._anchor)
        found: NDArray[np.float32] = outputs_of(full, self._series, sizes, self._average, self._memory)
        return found[:, : len(ends)]

    def average(self) -> NDArray[np.float32]:
        """Return a copy of the averaged weights."""
        return self._average.copy()

    def restore(self, average: NDArray[np.float32]) -> None:
        """Put back what `average` returned."""
        self._average[:] = average

    def _refuse_outside(self, ends: IndexArray) -> None:
        if ends.min() < self._window - 1 or ends.max() >= len(self._series[1]):
            raise IndexError(f"windows end in rows {ends.min()} to {ends.max()} of {len(self._series[1])}")
