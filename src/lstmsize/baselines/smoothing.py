"""Exponential smoothing: level, damped trend and additive season, all candidates in one pass."""

from __future__ import annotations

from itertools import product
from typing import Any

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
    seasons = [1, *(s for s in task.seasons if 3 * s <= task.fold.head_stop)]
    grid = np.vstack([_grid(season) for season in seasons])
    forecasts = _smooth(task.values, seasons, grid)
    with np.errstate(over="ignore", invalid="ignore"):
        loss = losses(task.values[task.tail, None], forecasts[task.tail], task.metric).mean(axis=0)
    index = int(np.argmin(np.where(np.isfinite(loss), loss, np.inf)))
    if not np.isfinite(loss[index]):
        return None
    alpha, beta, damping, gamma, season = map(float, grid[index])
    detail: dict[str, Any] = {"alpha": alpha, "beta": beta, "damping": damping}
    if season > 1:
        detail |= {"gamma": gamma, "season": int(season)}
    return Forecasts(values=forecasts[:, index].copy(), detail=detail)


def _grid(season: int) -> FloatArray:
    """All candidates of a season, shape (candidates, 5): level, trend, damping, seasonal rate, season."""
    gammas = _SEASON if season > 1 else (0.0,)
    return np.array([(a, b * a, d, g, season) for a, (b, d), g in product(_LEVEL, _TREND, gammas)])


def _smooth(values: FloatArray, seasons: list[int], grid: FloatArray) -> FloatArray:
    """One-step forecasts of every candidate, shape (rows, candidates); the seasons' candidates follow in turn."""
    alpha, beta, damping, gamma, of_season = grid.T
    members = [np.flatnonzero(of_season == season) for season in seasons]
    starts = [_start(values, season, len(own)) for season, own in zip(seasons, members, strict=True)]
    level, slope = (np.concatenate([start[part] for start in starts]) for part in (0, 1))
    patterns = [
        (start[2], season, slice(own[0], own[-1] + 1), gamma[own])
        for start, season, own in zip(starts, seasons, members, strict=True)
        if season > 1
    ]
    forecasts = np.empty((len(values), len(grid)))
    with np.errstate(over="ignore", invalid="ignore"):
        for row, value in enumerate(values):
            damped = damping * slope
            forecast = forecasts[row]
            np.add(level, damped, out=forecast)
            for pattern, season, own, _ in patterns:
                forecast[own] += pattern[row % season]
            error = value - forecast
            level = level + damped + alpha * error
            slope = damped + beta * error
            for pattern, season, own, rate in patterns:
                pattern[row % season] += rate * error[own]
    for season, columns in zip(seasons, members, strict=True):
        forecasts[:season, columns] = np.nan
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
