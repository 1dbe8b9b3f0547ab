"""Exponential smoothing: level, damped trend and additive season, all candidates in one pass."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from lstmsize.baselines.forecasts import Forecasts, Task
from lstmsize.metrics import losses
from lstmsize.series import FloatArray

_LEVEL = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
_TREND = ((0.0, 1.0), (0.02, 1.0), (0.1, 1.0), (0.1, 0.9), (0.3, 0.9))
_SEASON = (0.02, 0.1, 0.3)


def exponential_smoothing(task: Task) -> Forecasts | None:
    """Forecast by the additive Holt-Winters family, parameters chosen on the tail from a grid.

    Hyndman, Koehler, Ord and Snyder 2008, *Forecasting with Exponential Smoothing*: ETS(A,N,N), (A,A,N),
    (A,Ad,N) and each with an additive season, in error-correction form. The multiplicative forms are had
    through the logarithm.
    """
    values = task.values
    seasons = [1, *(s for s in task.seasons if 3 * s <= task.fold.head_stop)]
    best = None
    for season in seasons:
        grid = _grid(season)
        forecasts = _smooth(values, season, grid)
        with np.errstate(over="ignore", invalid="ignore"):
            loss = losses(values[task.tail, None], forecasts[task.tail], task.metric).mean(axis=0)
        loss = np.where(np.isfinite(loss), loss, np.inf)
        index = int(np.argmin(loss))
        if np.isfinite(loss[index]) and (best is None or loss[index] < best[0]):
            best = loss[index], season, grid[index], forecasts[:, index].copy()
    if best is None:
        return None
    _, season, (alpha, beta, damping, gamma), column = best
    detail = {"alpha": float(alpha), "beta": float(beta), "damping": float(damping)}
    if season > 1:
        detail |= {"gamma": float(gamma), "season": season}
    return Forecasts(values=column, detail=detail)


def _grid(season: int) -> FloatArray:
    """All candidates, shape (candidates, 4): level, trend, damping, season."""
    gammas = _SEASON if season > 1 else (0.0,)
    rows = [(a, b * a, d, g) for a, (b, d), g in product(_LEVEL, _TREND, gammas)]
    return np.array(rows)


def _smooth(values: FloatArray, season: int, grid: FloatArray) -> FloatArray:
    """One-step forecasts of every candidate, shape (rows, candidates)."""
    alpha, beta, damping, gamma = grid.T
    level, slope, pattern = _start(values, season, len(grid))
    forecasts = np.empty((len(values), len(grid)))
    with np.errstate(over="ignore", invalid="ignore"):
        for row, value in enumerate(values):
            phase = pattern[row % season]
            damped = damping * slope
            forecast = level + damped + phase
            forecasts[row] = forecast
            error = value - forecast
            level = level + damped + alpha * error
            slope = damped + beta * error
            if season > 1:
                phase += gamma * error
    forecasts[: max(1, season)] = np.nan
    return forecasts


def _start(values: FloatArray, season: int, count: int) -> tuple[FloatArray, FloatArray, NDArray[np.float64]]:
    """Starting level, slope and seasonal pattern, from the first two seasons (or the first rows)."""
    if season == 1:
        first = values[: min(8, len(values))]
        slope = (first[-1] - first[0]) / max(1, len(first) - 1)
        return np.full(count, values[0] - slope), np.full(count, slope), np.zeros((1, count))
    first, second = values[:season], values[season : 2 * season]
    slope = (second.mean() - first.mean()) / season
    inside = slope * (np.arange(season) - (season - 1) / 2)
    pattern = ((first - first.mean() - inside) + (second - second.mean() - inside)) / 2
    level = first.mean() - slope * (season + 1) / 2
    return np.full(count, level), np.full(count, slope), np.repeat(pattern[:, None], count, axis=1)
