"""One network being trained on one shaped series: steps, averaged weights, the curve on the tail.

One resident array, windows gathered by row number, a loss at every step of the window, and no data loader. Who
takes the steps is the processor's or the device's matter (`lstmsize.cpu_step`, `lstmsize.torch_step`). What each
choice is worth is measured in ``benchmarks/engine.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lstmsize.config import Metric
from lstmsize.draws import Draws
from lstmsize.recipe import Recipe
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.splits import Fold
from lstmsize.transforms import Shaped
from lstmsize.windows import IndexArray, segment_ends, warm_up


class Engine(Protocol):
    """Who takes the steps of one network, and forecasts by the average of its weights."""

    @property
    def longest(self) -> int:
        """Steps that a call may take at most."""

    def take(
        self, ends: IndexArray, numbers: Sequence[tuple[float, float, float]], trained_from: int
    ) -> list[float]:
        """Take some steps; return the loss of each."""

    def outputs(self, ends: IndexArray) -> NDArray[np.float32]:
        """Return what the averaged weights forecast at each step of windows."""

    def average(self) -> Any:
        """Return a copy of the averaged weights."""

    def restore(self, average: Any) -> None:
        """Put back what `average` returned."""


def training_on(device: str) -> AbstractContextManager[None]:
    """Prepare what training on a device needs for as long as a block lasts; on the processor that is nothing."""
    if device != "cuda":
        return nullcontext()
    from lstmsize.step_graph import on_cuda

    return on_cuda()


def engine_on(device: str, cell: Cell) -> Callable[..., Engine]:
    """Import what takes the steps of a size on a device, torch with it where it is needed.

    Parameters
    ----------
    device : {'cpu', 'cuda'}
        Where it is trained.
    cell : Cell
        Units and layers.

    Returns
    -------
    callable
        Makes an `Engine`; see `lstmsize.torch_step.TorchStep` for what it takes.
    """
    if device == "cuda":
        from lstmsize.torch_step import TorchStep

        return partial(TorchStep, device=device)
    from lstmsize.cpu_step import cpu_step

    return cpu_step(cell)


class DivergenceError(ArithmeticError):
    """The loss, or a forecast, is not a finite number."""


@dataclass(frozen=True, kw_only=True)
class _Tail:
    """Windows that cover a tail by their last rows, which of their steps are scored, and what these aim at."""

    ends: IndexArray
    inside: NDArray[np.bool_]
    targets: NDArray[np.float32]


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
    engine : Engine
        Who takes the steps.
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
        self.shaped, self.window, self.recipe = shaped, window, recipe
        self.engine = engine_on(device, cell)(
            cell,
            seed,
            recipe,
            inputs=shaped.inputs,
            targets=shaped.targets,
            window=window,
            anchor=max(0, warm_up(window) - 1) if shaped.anchored else None,
            metric=metric,
        )
        self.steps = 0
        self.trained_from = warm_up(window)
        self._absolute = metric == "mae"
        self._order = Draws(seed)
        self._losses: list[float] = []

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
        """Take a block of steps."""
        steps = min(most, self.engine.longest)
        ends = self._order.integers(self.first_end, stop, (steps, self.recipe.batch))
        numbers = [self.recipe.step_numbers(self.steps + step) for step in range(1, steps + 1)]
        return self.engine.take(ends, numbers, self.trained_from)

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
        tail = self._tail(fold)
        curve = [(0, self._loss_on(tail))]
        best, least = curve[0]
        kept = self.engine.average()
        renewed, mark = curve[0]
        flat = False
        while self.steps < recipe.most_steps and not flat:
            self.advance(recipe.check_every, fold.head_stop)
            loss = self._loss_on(tail)
            curve.append((self.steps, loss))
            if loss < least:
                best, least = self.steps, loss
                kept = self.engine.average()
            if loss < mark * (1 - recipe.improvement):
                renewed, mark = self.steps, loss
            flat = self.steps - renewed > max(recipe.patience, recipe.patience_share * self.steps)
        self.engine.restore(kept)
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
        parts = np.split(rows, range(chunk, len(rows), chunk))
        return np.concatenate([self.engine.outputs(part)[-1] for part in parts]).astype(np.float64)

    def _tail(self, fold: Fold) -> _Tail:
        """The windows that cover a tail."""
        ends = segment_ends(fold.head_stop, fold.train_stop, self.window)
        rows = np.arange(1 - self.window, 1)[:, None] + ends
        inside = rows >= fold.head_stop
        inside[: warm_up(self.window)] = False
        return _Tail(ends=ends, inside=inside, targets=self.shaped.targets[rows[inside]])

    def _loss_on(self, tail: _Tail) -> float:
        errors = (self.engine.outputs(tail.ends)[tail.inside] - tail.targets).astype(np.float64)
        with np.errstate(over="ignore"):
            loss = float(np.mean(np.abs(errors) if self._absolute else errors**2))
        if not np.isfinite(loss):
            raise DivergenceError(f"the loss on the tail was {loss} at step {self.steps}")
        return loss
