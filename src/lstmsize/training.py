"""The training engine: one network, one fold, one seed, to convergence and then refitted on all rows.

What each choice is worth is measured in ``benchmarks/engine.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from lstmsize.config import Metric
from lstmsize.learning import DivergenceError, Run, training_on
from lstmsize.recipe import Recipe
from lstmsize.results import ReplicateState
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.splits import Fold
from lstmsize.transforms import Shaped
from lstmsize.windows import scored_rows


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
    device : {'cpu', 'cuda'}
        Where it is trained.
    """

    values: FloatArray
    fold: Fold
    head: Shaped
    train: Shaped
    window: int
    metric: Metric
    device: str = "cpu"

    @property
    def tail_share(self) -> float:
        """Tail as a fraction of the rows that are learnt from: in a correction those that its base forecasts."""
        return (self.fold.train_stop - self.fold.head_stop) / (self.fold.train_stop - self.train.first)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came of one training.

    Parameters
    ----------
    state : str
        ``converged``, ``unconverged`` or ``diverged``.
    steps : int
        Steps of the network that forecasts: where the tail's curve was lowest.
    steps_run : int
        Steps of both passes together, or of the one.
    forecasts : ndarray, shape (scored,)
        Forecasts of the scored rows in the units of the target; empty if it diverged.
    reason : str or None
        Why it diverged.
    curve : list of (int, float)
        Step and loss on the tail, relative to the untrained network's; empty if it diverged before the refit.
    train_loss : float or None
        Mean loss of the last hundred steps that were taken, without a refit some of them after the best one, in
        the scale of the standardised targets.
    seconds : float
        Wall-clock time.
    """

    state: ReplicateState
    steps: int
    steps_run: int
    forecasts: FloatArray
    reason: str | None = None
    curve: list[tuple[int, float]] = field(default_factory=list)
    train_loss: float | None = None
    seconds: float = 0.0


def train_replicate(problem: Problem, cell: Cell, seed: int, recipe: Recipe) -> Trained:
    """Train one network until its curve has flattened, refit it and forecast the scored rows.

    Where the tail is less than `Recipe.refit_from` of the rows, the network that has learnt from the head
    forecasts: a refit would take two fifths of the time and show it hardly more.

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
    with training_on(problem.device):
        return _trained(problem, cell, seed, recipe)


def _trained(problem: Problem, cell: Cell, seed: int, recipe: Recipe) -> Trained:
    started = perf_counter()
    curve: list[tuple[int, float]] = []
    spent = 0
    run = Run(problem.head, problem.window, cell, seed, recipe, problem.metric, problem.device)
    try:
        best, curve, flat = run.to_flatness(problem.fold)
        if problem.tail_share >= recipe.refit_from:
            spent = run.steps
            run = Run(problem.train, problem.window, cell, seed, recipe, problem.metric, problem.device)
            run.advance(best, problem.fold.train_stop)
        forecasts = _forecasts(run, problem)
    except DivergenceError as error:
        return Trained(
            state="diverged",
            steps=0,
            steps_run=spent + run.steps,
            forecasts=np.empty(0),
            reason=str(error),
            curve=_relative(curve),
            seconds=perf_counter() - started,
        )
    return Trained(
        state="converged" if flat else "unconverged",
        steps=best,
        steps_run=spent + run.steps,
        forecasts=forecasts,
        curve=_relative(curve),
        train_loss=run.recent_loss,
        seconds=perf_counter() - started,
    )


def _relative(curve: list[tuple[int, float]]) -> list[tuple[int, float]]:
    return [(step, loss / curve[0][1] if curve[0][1] > 0 else loss) for step, loss in curve]


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
