"""Training steps by torch: on a CUDA device, of wide layers, and on processors where its LSTM is quick."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from lstmsize.config import Metric
from lstmsize.network import LstmForecaster
from lstmsize.optimizer import AdamW
from lstmsize.recipe import Recipe
from lstmsize.space import Cell
from lstmsize.step_graph import LONGEST_BLOCK, StepGraph
from lstmsize.windows import IndexArray


class TorchStep:
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
        The shaped series, resident; windows are gathered by row number.
    window : int
        Steps per window.
    anchor : int or None
        Step of the window whose inputs are taken off all of its inputs.
    metric : {'rmse', 'mae'}
        The loss.
    device : {'cpu', 'cuda'}
        Where, from the same weights on.

    Attributes
    ----------
    longest : int
        Steps that a call may take at most: one where each is a call of its own.
    """

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
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(seed)
        self.network = LstmForecaster(channels=inputs.shape[1], units=cell.units, layers=cell.layers)
        self.averaged = copy.deepcopy(self.network).requires_grad_(False).to(device)
        self.network.to(device)
        self._weights = list(self.network.parameters())
        self._average = [weight.detach() for weight in self.averaged.parameters()]
        self._optimizer = AdamW(self._weights, self.network.learning_rates(recipe), recipe)
        self._inputs = torch.from_numpy(inputs).to(device)
        self._targets = torch.from_numpy(targets).to(device)
        self._back = torch.arange(1 - window, 1, device=device)[:, None]
        self._anchor, self._trained_from = anchor, 0
        self._loss = functional.mse_loss if metric == "rmse" else functional.l1_loss
        self._graph = StepGraph(recipe.batch, numbers=3) if device == "cuda" else None
        self.longest = LONGEST_BLOCK if self._graph else 1

    def take(
        self, ends: IndexArray, numbers: Sequence[tuple[float, float, float]], trained_from: int
    ) -> list[float]:
        """Take some steps, at most `longest`.

        Parameters
        ----------
        ends : ndarray of int, shape (steps, batch)
            Last rows of the windows.
        numbers : sequence, shape (steps, 3)
            See `Recipe.step_numbers`.
        trained_from : int
            First step of a window whose forecast is trained on, the same in every call.

        Returns
        -------
        list of float
            The loss of each step.
        """
        self._trained_from = trained_from
        rows = torch.from_numpy(ends)
        if self._graph:
            return self._graph(self.step, rows, torch.tensor(numbers))
        return [self.step(row, each).item() for row, each in zip(rows, numbers, strict=True)]

    def step(self, ends: Tensor, numbers: Sequence[float] | Tensor) -> Tensor:
        """Take one step on windows that end in some rows; return its loss, on the device.

        Parameters
        ----------
        ends : Tensor of int, shape (batch,)
            Last rows of the windows.
        numbers : sequence of float, or Tensor of shape (3,)
            See `Recipe.step_numbers`; a tensor where the step is recorded and replayed.
        """
        first, second, renewal = numbers
        rows = self._rows(ends)
        outputs, targets = self._forward(self.network, rows), self._targets[rows]
        loss = self._loss(outputs[self._trained_from :], targets[self._trained_from :])
        self._optimizer.step(torch.autograd.grad(loss, self._weights), first, second)
        weights = [weight.detach() for weight in self._weights]
        if isinstance(renewal, Tensor):
            changes = torch._foreach_sub(weights, self._average)
            torch._foreach_mul_(changes, renewal)
            torch._foreach_add_(self._average, changes)
        else:
            torch._foreach_lerp_(self._average, weights, renewal)
        return loss.detach()

    def outputs(self, ends: IndexArray) -> NDArray[np.float32]:
        """Return what the averaged weights forecast at each step of windows, in the scale of the targets.

        Parameters
        ----------
        ends : ndarray of int, shape (windows,)
            Last rows of the windows.

        Returns
        -------
        ndarray, shape (steps of a window, windows)
        """
        with torch.no_grad():
            outputs = self._forward(self.averaged, self._rows(torch.from_numpy(ends)))
            found: NDArray[np.float32] = outputs.cpu().numpy()
        return found

    def average(self) -> list[Tensor]:
        """Return a copy of the averaged weights."""
        return [weight.clone() for weight in self._average]

    def restore(self, average: list[Tensor]) -> None:
        """Put back what `average` returned."""
        torch._foreach_copy_(self._average, average)

    def _rows(self, ends: Tensor) -> Tensor:
        """Rows of windows that end in some rows, shape (steps of a window, windows)."""
        return self._back + ends.to(self._back.device)

    def _forward(self, network: LstmForecaster, rows: Tensor) -> Tensor:
        inputs = self._inputs[rows]
        if self._anchor is not None:
            inputs = inputs - inputs[self._anchor]
        forecasts: Tensor = network(inputs)
        return forecasts
