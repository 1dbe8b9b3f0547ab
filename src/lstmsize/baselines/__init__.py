"""The simple models that a network has to beat, each scored one step ahead on the same folds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from lstmsize.baselines.averages import AVERAGES, average
from lstmsize.baselines.forecasts import MOST_ROWS, Forecasts, Task
from lstmsize.baselines.linear import LinearFit, fit_linear, linear_autoregression
from lstmsize.baselines.naive import drift, last_value, mean, moving_average, seasonal_naive
from lstmsize.baselines.polynomial import polynomial_autoregression
from lstmsize.baselines.recursion import Recursion, find_recursion, rounding
from lstmsize.baselines.smoothing import exponential_smoothing
from lstmsize.baselines.trends import harmonic_regression, polynomial_trend
from lstmsize.config import Metric
from lstmsize.series import FloatArray
from lstmsize.splits import Fold
from lstmsize.transforms import safe_logarithm

__all__ = [
    "FoldForecasts",
    "Forecasts",
    "Recursion",
    "find_recursion",
    "forecast_fold",
    "grows",
    "rounding",
]

_LEVEL: dict[str, Callable[[Task, LinearFit | None], Forecasts | None]] = {
    "mean": lambda task, _: mean(task),
    "last_value": lambda task, _: last_value(task),
    "drift": lambda task, _: drift(task),
    "seasonal_naive": lambda task, _: seasonal_naive(task),
    "moving_average": lambda task, _: moving_average(task),
    "exponential_smoothing": lambda task, _: exponential_smoothing(task),
    "polynomial_trend": lambda task, _: polynomial_trend(task),
    "harmonic_regression": lambda task, _: harmonic_regression(task),
    "linear_autoregression": lambda _, linear: linear_autoregression(linear),
    "polynomial_autoregression": polynomial_autoregression,
}

_AS_THEY_ARE = ("mean", "last_value", "seasonal_naive")
_ALL = (*_LEVEL, *AVERAGES)
_ON_LOGARITHM = tuple(name for name in _ALL if name not in _AS_THEY_ARE)
_ON_LINEAR = {"linear_autoregression", "polynomial_autoregression"}
_GROWTH, _SPREAD = 1.5, 4.0
_MOST_SMEARING = 2.0
_MOST_GROWTH = 5.0
"""How far above the largest known logarithm a forecast may be: it stays finite whatever was extrapolated."""


@dataclass(frozen=True, kw_only=True)
class FoldForecasts:
    """All baselines on one fold.

    Parameters
    ----------
    forecasts : dict of str to Forecasts
        By name, in a fixed order; a name with ``log_`` before it works on the logarithm.
    bases : dict of str to Forecasts
        Those that a network can be trained to correct, with their `Forecasts.from_head`; the ones on the logarithm
        as they are there. All end with the scored block, and in a long series begin after its first row.
    """

    forecasts: dict[str, Forecasts]
    bases: dict[str, Forecasts]


def grows(values: FloatArray) -> bool:
    """Say whether the logarithm is worth a try: positive, and growing, falling or widely spread.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The development part.

    Returns
    -------
    bool
        True if all values are above zero, and the last quarter's mean differs from the first's by half, or
        the 95th percentile is at least four times the 5th.
    """
    if values.min() <= 0 or len(values) < 8:
        return False
    quarter = len(values) // 4
    ratio = values[-quarter:].mean() / values[:quarter].mean()
    low, high = np.quantile(values, (0.05, 0.95))
    return bool(max(ratio, 1 / ratio) > _GROWTH or high > _SPREAD * low)


def forecast_fold(
    values: FloatArray,
    fold: Fold,
    seasons: tuple[int, ...],
    metric: Metric,
    *,
    logarithm: bool,
    only: Collection[str] | None = None,
) -> FoldForecasts:
    """Fit the baselines on one fold.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The target; rows from `fold.score_stop` on are not looked at.
    fold : Fold
        Training part and scored block.
    seasons : tuple of int
        Periods in steps.
    metric : {'rmse', 'mae'}
        The error that choices on the tail are made by.
    logarithm : bool
        Whether each is tried on the logarithm too.
    only : collection of str, optional
        Names of those that are wanted; by default all.

    Returns
    -------
    FoldForecasts
        Those that could forecast every row of the scored block.
    """
    start = max(0, fold.train_stop - MOST_ROWS)
    task = Task(values=values[start : fold.score_stop], fold=fold.without(start), seasons=seasons, metric=metric)
    bases = _forecast_all(task, [name for name in _ALL if only is None or name in only])
    found = dict(bases)
    if logarithm:
        on_log = replace(task, values=safe_logarithm(task.values, task.fold.train_stop))
        names = [name for name in _ON_LOGARITHM if only is None or f"log_{name}" in only]
        raised = {f"log_{name}": forecasts for name, forecasts in _forecast_all(on_log, names).items()}
        found |= {name: _from_logarithm(forecasts, task) for name, forecasts in raised.items()}
        bases |= raised
    scored = slice(task.fold.train_stop, task.fold.score_stop)
    return FoldForecasts(
        forecasts={
            name: forecasts for name, forecasts in found.items() if np.isfinite(forecasts.values[scored]).all()
        },
        bases={name: forecasts for name, forecasts in bases.items() if forecasts.from_head is not None},
    )


def _forecast_all(task: Task, names: list[str]) -> dict[str, Forecasts]:
    needed = {part for name in names for part in AVERAGES.get(name, (name,))}
    linear = fit_linear(task) if needed & _ON_LINEAR else None
    models = {name: forecast(task, linear) for name, forecast in _LEVEL.items() if name in needed}
    found = {name: forecasts for name, forecasts in models.items() if forecasts is not None}
    averages = {name: average(name, found) for name in AVERAGES}
    found |= {name: forecasts for name, forecasts in averages.items() if forecasts is not None}
    return {name: _centred(name, forecasts, task) for name, forecasts in found.items() if name in names}


def _centred(name: str, forecasts: Forecasts, task: Task) -> Forecasts:
    """For absolute errors the median is wanted: least squares gives the mean, and is shifted to it."""
    if task.metric == "rmse" or name in _AS_THEY_ARE:
        return forecasts
    head, base = task.fold.head_stop, forecasts.from_head
    return replace(
        forecasts,
        values=forecasts.values + np.nanmedian(task.train - forecasts.values[: task.fold.train_stop]),
        from_head=None if base is None else base + np.nanmedian(task.head - base[:head]),
    )


def _from_logarithm(forecasts: Forecasts, task: Task) -> Forecasts:
    """Undo the logarithm, for squared errors with the factor that raises the median to the mean.

    Duan 1983, *Smearing estimate: a nonparametric retransformation method*; for absolute errors the factor is the
    median of the ratios.
    """
    values = np.exp(np.minimum(forecasts.values, np.log(task.train.max()) + _MOST_GROWTH))
    ratio = task.train / values[: task.fold.train_stop]
    known = ratio[np.isfinite(ratio)]
    centre = np.mean if task.metric == "rmse" else np.median
    factor = float(centre(known)) if len(known) else 1.0
    factor = float(np.clip(factor, 1 / _MOST_SMEARING, _MOST_SMEARING))
    return replace(forecasts, values=values * factor, from_head=None)
