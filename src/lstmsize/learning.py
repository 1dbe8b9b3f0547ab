"""One network being trained on one shaped series: steps, averaged weights, the curve on the tail.

torch alone on one resident array, windows gathered by row number, a loss at every step of the window, and no data
loader. What each choice is worth is measured in ``benchmarks/engine.py``.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lstmsize.config import Metric
from lstmsize.network import LstmForecaster
from lstmsize.optimizer import AdamW
from lstmsize.recipe import Recipe
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.splits import Fold
from lstmsize.step_graph import LONGEST_BLOCK, StepGraph
from lstmsize.transforms import Shaped
from lstmsize.windows import IndexArray, segment_ends, warm_up

if TYPE_CHECKING:
    from lstmsize.compiled_step import CompiledStep


def _compiled_step() -> type[CompiledStep] | None:
    """Training steps that are compiled; None where torch's are quick, or none can be compiled for good."""
    if torch.backends.cpu.get_cpu_capability() == "AVX512":
        return None
    try:
        from lstmsize.compiled_step import CompiledStep
    except Exception:  # noqa: BLE001 - whatever ails numba or its files, torch takes the same steps
        return None
    return CompiledStep


COMPILED = _compiled_step()
"""Found when this is imported, so that worker processes are forked with it."""


class DivergenceError(ArithmeticError):
    """The loss, or a forecast, is not a finite number."""


class Run:
    """One network being trained on one shaped series.

    Parameters
    ----------
    shaped : Shaped
        The series.
    window : int
        Steps per window.
    cell : Cell
        Units and layers.
    seed : int
        Seed of weights and minibatches.
    recipe : Recipe
        How to train.
    metric : {'rmse', 'mae'}
        The loss.
    device : {'cpu', 'cuda'}
        Where it is trained, from the same weights on and with the same minibatches.

    Attributes
    ----------
    steps : int
        Training steps so far.
    trained_from : int
        First step of a window whose forecast is trained on.
    """

    def __init__(
        self,
        shaped: Shaped,
        window: int,
        cell: Cell,
        seed: int,
        recipe: Recipe,
        metric: Metric,
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(seed)
        self.shaped, self.window, self.recipe = shaped, window, recipe
        self.network = LstmForecaster(channels=shaped.channels, units=cell.units, layers=cell.layers)
        self._averaged = copy.deepcopy(self.network).requires_grad_(False).to(device)
        self.network.to(device)
        vectors = [network.as_vector() for network in (self.network, self._averaged)] if device == "cpu" else []
        self._weights = list(self.network.parameters())
        self.optimizer = AdamW(self._weights, self.network.learning_rates(recipe), recipe)
        self._inputs = torch.from_numpy(shaped.inputs).to(device)
        self._targets = torch.from_numpy(shaped.targets).to(device)
        self._anchor = max(0, warm_up(window) - 1) if shaped.anchored else None
        self._compiled: CompiledStep | None = None
        if vectors and COMPILED is not None and cell.units <= COMPILED.WIDEST:
            self._compiled = COMPILED(
                cell,
                self.optimizer,
                recipe,
                weights=vectors[0],
                average=vectors[1],
                inputs=self._inputs,
                targets=self._targets,
                window=window,
                anchor=self._anchor,
                metric=metric,
            )
        self.steps = 0
        self.trained_from = warm_up(window)
        self._loss = functional.mse_loss if metric == "rmse" else functional.l1_loss
        self._average = [weight.detach() for weight in self._averaged.parameters()]
        self._order = torch.Generator().manual_seed(seed)
        self._back = torch.arange(1 - window, 1, device=device)[:, None]
        self._losses: list[float] = []
        self._graph = StepGraph(recipe.batch, numbers=3) if device == "cuda" else None

    @property
    def first_end(self) -> int:
        """First row whose window is complete."""
        return self.shaped.first + self.window - 1

    @property
    def recent_loss(self) -> float | None:
        """Mean loss of the last hundred steps."""
        return float(np.mean(self._losses[-100:])) if self._losses else None

    def advance(self, steps: int, stop: int) -> None:
        """Train for some steps on windows that end before a row.

        Parameters
        ----------
        steps : int
            How many.
        stop : int
            First row that is not learnt from.

        Raises
        ------
        DivergenceError
            If the loss becomes infinite or not a number.
        """
        last = self.steps + steps
        while self.steps < last:
            for loss in self._descend(last - self.steps, stop):
                self.steps += 1
                self._losses.append(loss)
                if not np.isfinite(loss):
                    raise DivergenceError(f"the loss was {loss} at step {self.steps}")

    def _descend(self, most: int, stop: int) -> list[float]:
        """Take a block of steps, or one where each is a call of its own."""
        steps = min(most, LONGEST_BLOCK) if self._graph or self._compiled else 1
        ends = torch.randint(self.first_end, stop, (steps, self.recipe.batch), generator=self._order)
        numbers = [self._numbers(self.steps + step) for step in range(1, steps + 1)]
        if self._compiled:
            return self._compiled(ends, numbers, self.trained_from)
        if self._graph:
            return self._graph(self._step, ends, torch.tensor(numbers))
        return [self._step(ends[0], numbers[0]).item()]

    def _numbers(self, step: int) -> tuple[float, float, float]:
        # Early on the average must not remember the start: its decay grows from 1/10 to its full value.
        return *self.optimizer.corrections(step), 1 - min(self.recipe.averaging, step / (9 + step))

    def _step(self, ends: Tensor, numbers: Sequence[float] | Tensor) -> Tensor:
        first, second, renewal = numbers
        outputs, targets = self._forward(self.network, ends)
        loss = self._loss(outputs[self.trained_from :], targets[self.trained_from :])
        self.optimizer.step(torch.autograd.grad(loss, self._weights), first, second)
        weights = [weight.detach() for weight in self._weights]
        if isinstance(renewal, Tensor):
            changes = torch._foreach_sub(weights, self._average)
            torch._foreach_mul_(changes, renewal)
            torch._foreach_add_(self._average, changes)
        else:
            torch._foreach_lerp_(self._average, weights, renewal)
        return loss.detach()

    def to_flatness(self, fold: Fold) -> tuple[int, list[tuple[int, float]], bool]:
        """Train on the head until the tail's loss no longer falls; keep the weights that did best there.

        Parameters
        ----------
        fold : Fold
            Head and tail.

        Returns
        -------
        best : int
            Step at which the tail's loss was lowest, 0 for the untrained network.
        curve : list of (int, float)
            Steps and losses on the tail.
        flat : bool
            False if the cap came first.

        Raises
        ------
        DivergenceError
            If a loss becomes infinite or not a number.
        """
        recipe = self.recipe
        ends = torch.from_numpy(segment_ends(fold.head_stop, fold.train_stop, self.window)).to(self._back.device)
        curve = [(0, self._tail_loss(ends, fold.head_stop))]
        best, least = curve[0]
        kept = [weight.clone() for weight in self._average]
        renewed, mark = curve[0]
        flat = False
        while self.steps < recipe.most_steps and not flat:
            self.advance(recipe.check_every, fold.head_stop)
            loss = self._tail_loss(ends, fold.head_stop)
            curve.append((self.steps, loss))
            if loss < least:
                best, least = self.steps, loss
                kept = [weight.clone() for weight in self._average]
            if loss < mark * (1 - recipe.improvement):
                renewed, mark = self.steps, loss
            flat = self.steps - renewed > max(recipe.patience, recipe.patience_share * self.steps)
        torch._foreach_copy_(self._average, kept)
        return best, curve, flat

    def forecast(self, rows: IndexArray, chunk: int = 512) -> FloatArray:
        """Forecast rows with the averaged weights, each from its own full window.

        Parameters
        ----------
        rows : ndarray of int, shape (rows,)
            Rows to forecast, none before `first_end`.
        chunk : int
            Windows at a time.

        Returns
        -------
        ndarray, shape (rows,)
            Outputs in the scale of the targets.
        """
        outputs = [self._outputs(part)[-1] for part in torch.split(torch.from_numpy(rows), chunk)]
        return torch.cat(outputs).cpu().numpy().astype(np.float64)

    def _outputs(self, ends: Tensor) -> Tensor:
        """What the averaged weights forecast at each step of windows."""
        if self._compiled:
            return self._compiled.outputs(ends)
        with torch.no_grad():
            return self._forward(self._averaged, ends)[0]

    def _forward(self, network: LstmForecaster, ends: Tensor) -> tuple[Tensor, Tensor]:
        rows = self._back + ends.to(self._back.device)
        inputs = self._inputs[rows]
        if self._anchor is not None:
            inputs = inputs - inputs[self._anchor]
        return network(inputs), self._targets[rows]

    def _tail_loss(self, ends: Tensor, start: int) -> float:
        rows = self._back + ends
        outputs, targets = self._outputs(ends), self._targets[rows]
        inside = rows >= start
        inside[: warm_up(self.window)] = False
        loss = float(self._loss(outputs[inside], targets[inside]))
        if not np.isfinite(loss):
            raise DivergenceError(f"the loss on the tail was {loss} at step {self.steps}")
        return loss
