"""The training engine: one network, one fold, one seed, to convergence and refitted.

torch alone on one resident array, windows gathered by row number, a loss at every step of the window,
averaged weights, and no data loader. What each choice is worth is measured in ``benchmarks/engine.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lstmsize.config import Metric
from lstmsize.network import LstmForecaster
from lstmsize.recipe import Recipe
from lstmsize.results import ReplicateState
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.splits import Fold
from lstmsize.transforms import Shaped
from lstmsize.windows import IndexArray, scored_rows, segment_ends, warm_up


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What a network is trained on and scored on.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The target in its own units.
    fold : Fold
        Head and tail to choose the number of steps, training part to refit on, block to score.
    head, train : Shaped
        The series standardised on the head, and on the whole training part.
    window : int
        Past steps that the network sees.
    metric : {'rmse', 'mae'}
        The loss.
    """

    values: FloatArray
    fold: Fold
    head: Shaped
    train: Shaped
    window: int
    metric: Metric


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came of one training.

    Parameters
    ----------
    state : str
        ``converged``, ``unconverged`` or ``diverged``.
    steps : int
        Steps of the refit: where the tail's curve was lowest.
    steps_run : int
        Steps of both trainings together.
    forecasts : ndarray, shape (scored,)
        Forecasts of the scored rows in the units of the target; empty if it diverged.
    curve : list of (int, float)
        Step and loss on the tail, relative to the untrained network's.
    train_loss : float or None
        Mean loss of the last hundred steps of the refit, in the scale of the standardised targets.
    seconds : float
        Wall-clock time.
    """

    state: ReplicateState
    steps: int
    steps_run: int
    forecasts: FloatArray
    curve: list[tuple[int, float]] = field(default_factory=list)
    train_loss: float | None = None
    seconds: float = 0.0


class DivergenceError(ArithmeticError):
    """The loss is no longer a finite number."""


def train_replicate(problem: Problem, cell: Cell, seed: int, recipe: Recipe) -> Trained:
    """Train one network until its curve has flattened, refit it and forecast the scored rows.

    Parameters
    ----------
    problem : Problem
        Data and cuts.
    cell : Cell
        Units and layers.
    seed : int
        Seed of the weights and of the order of the minibatches.
    recipe : Recipe
        How to train.

    Returns
    -------
    Trained
        Its forecasts, or the state ``diverged`` without any.
    """
    started = perf_counter()
    steps_run = 0
    curve: list[tuple[int, float]] = []
    try:
        search = Run(problem.head, problem.window, cell, seed, recipe, problem.metric)
        best, curve, flat = search.to_flatness(problem.fold)
        steps_run = search.steps
        if recipe.refit:
            final = Run(problem.train, problem.window, cell, seed, recipe, problem.metric)
            final.advance(best, problem.fold.train_stop)
            steps_run += final.steps
        else:
            final = search
        forecasts = _forecasts(final, problem)
    except DivergenceError:
        nothing = np.empty(0)
        seconds = perf_counter() - started
        return Trained(
            state="diverged", steps=0, steps_run=steps_run, forecasts=nothing, curve=curve, seconds=seconds
        )
    return Trained(
        state="converged" if flat else "unconverged",
        steps=best,
        steps_run=steps_run,
        forecasts=forecasts,
        curve=[(step, loss / curve[0][1] if curve[0][1] > 0 else loss) for step, loss in curve],
        train_loss=final.recent_loss,
        seconds=perf_counter() - started,
    )


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

    Attributes
    ----------
    steps : int
        Training steps so far.
    trained_from : int
        First step of a window whose forecast is trained on.
    """

    def __init__(self, shaped: Shaped, window: int, cell: Cell, seed: int, recipe: Recipe, metric: Metric) -> None:
        torch.manual_seed(seed)
        self.shaped, self.window, self.recipe = shaped, window, recipe
        self.network = LstmForecaster(channels=shaped.channels, units=cell.units, layers=cell.layers)
        self.optimizer = torch.optim.Adam(
            self.network.parameter_groups(recipe.learning_rate), betas=(0.9, recipe.second_moment), fused=True
        )
        self.steps = 0
        self.trained_from = warm_up(window)
        self._loss = functional.mse_loss if metric == "rmse" else functional.l1_loss
        self._inputs = torch.from_numpy(shaped.inputs)
        self._targets = torch.from_numpy(shaped.targets)
        self._weights = list(self.network.parameters())
        self._average = [weight.detach().clone() for weight in self._weights]
        self._order = torch.Generator().manual_seed(seed)
        self._back = torch.arange(1 - window, 1)[:, None]
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
        for _ in range(steps):
            ends = torch.randint(self.first_end, stop, (self.recipe.batch,), generator=self._order)
            outputs, targets = self._forward(ends)
            loss = self._loss(outputs[self.trained_from :], targets[self.trained_from :])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self._weights, self.recipe.clip)
            self.optimizer.step()
            self.steps += 1
            self._update_average()
            self._losses.append(loss.item())
            if not np.isfinite(self._losses[-1]):
                raise DivergenceError(f"the loss was {self._losses[-1]} at step {self.steps}")

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
        """
        recipe = self.recipe
        ends = torch.from_numpy(segment_ends(fold.head_stop, fold.train_stop, self.window))
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
        self._average = kept
        return best, curve, flat

    def forecast(self, rows: IndexArray, chunk: int = 512) -> FloatArray:
        """Forecast rows with the averaged weights, each from its own full window.

        Parameters
        ----------
        rows : ndarray of int, shape (rows,)
            Rows to forecast.
        chunk : int
            Windows at a time.

        Returns
        -------
        ndarray, shape (rows,)
            Outputs in the scale of the targets.
        """
        ends = torch.from_numpy(np.maximum(rows, self.first_end))
        with torch.no_grad(), self._averaged():
            outputs = [self._forward(part)[0][-1] for part in torch.split(ends, chunk)]
        return torch.cat(outputs).numpy().astype(np.float64)

    def _forward(self, ends: Tensor) -> tuple[Tensor, Tensor]:
        rows = self._back + ends
        inputs = self._inputs[rows]
        if self.shaped.anchored:
            inputs = inputs - inputs[max(0, warm_up(self.window) - 1)]
        return self.network(inputs), self._targets[rows]

    def _tail_loss(self, ends: Tensor, start: int) -> float:
        with torch.no_grad(), self._averaged():
            outputs, targets = self._forward(ends.clamp(min=self.first_end))
        inside = (self._back + ends) >= start
        inside[: warm_up(self.window)] = False
        loss = float(self._loss(outputs[inside], targets[inside]))
        if not np.isfinite(loss):
            raise DivergenceError(f"the loss on the tail was {loss} at step {self.steps}")
        return loss

    def _update_average(self) -> None:
        # Early on the average must not remember the start: its decay grows from 1/10 to its full value.
        decay = min(self.recipe.averaging, self.steps / (9 + self.steps))
        torch._foreach_lerp_(self._average, [weight.detach() for weight in self._weights], 1 - decay)

    def _averaged(self) -> _Swap:
        return _Swap(self._weights, self._average)


class _Swap:
    """Exchange two lists of weights for as long as a block lasts."""

    def __init__(self, weights: list[torch.nn.Parameter], others: list[Tensor]) -> None:
        self._weights, self._others = weights, others

    def __enter__(self) -> None:
        self._exchange()

    def __exit__(self, *_: object) -> None:
        self._exchange()

    def _exchange(self) -> None:
        for index, weight in enumerate(self._weights):
            weight.data, self._others[index] = self._others[index], weight.data


def _forecasts(run: Run, problem: Problem) -> FloatArray:
    rows = scored_rows(problem.fold.train_stop, problem.fold.score_stop)
    forecasts = run.shaped.restore(rows, run.forecast(rows))
    if run.shaped.log and problem.metric == "rmse":
        learnt = scored_rows(run.first_end, problem.fold.train_stop, 1024)
        fitted = run.shaped.restore(learnt, run.forecast(learnt))
        # As for the baselines: squared errors want the mean, and exp gives the median (Duan 1983).
        forecasts = forecasts * float(np.clip(np.mean(problem.values[learnt] / fitted), 0.5, 2.0))
    if not np.isfinite(forecasts).all():
        raise DivergenceError("a forecast is not a finite number")
    return forecasts
