"""Baselines without coefficients: mean, last value, drift, seasonal naive, moving average."""

from __future__ import annotations

import numpy as np

from lstmsize.baselines.forecasts import Forecasts, Task, choose
from lstmsize.series import FloatArray
from lstmsize.windows import lagged

_SPANS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96)


def mean(task: Task) -> Forecasts:
    """Forecast the mean of all rows so far; for absolute errors the median of the training part."""
    if task.metric == "mae":
        return Forecasts(values=np.full(len(task.values), np.median(task.train)), detail={"centre": "median"})
    return Forecasts(values=_past_mean(task.values))


def last_value(task: Task) -> Forecasts:
    """Forecast the last value (a random walk)."""
    return Forecasts(values=lagged(task.values, 1))


def drift(task: Task) -> Forecasts:
    """Forecast the last value plus the mean change so far (a random walk with drift)."""
    forecast = lagged(task.values, 1)
    past = np.arange(len(forecast)) - 1
    forecast[2:] += (forecast[2:] - task.values[0]) / past[2:]
    forecast[1] = np.nan
    return Forecasts(values=forecast)


def seasonal_naive(task: Task) -> Forecasts | None:
    """Forecast the value of one season ago, for the season that does better on the latest rows."""
    fitting = [season for season in task.seasons if season < task.fold.head_stop]
    season = choose(fitting, lambda lag: task.choice_error(lagged(task.values, lag), max(fitting)))
    if season is None:
        return None
    return Forecasts(values=lagged(task.values, season), detail={"season": season})


def moving_average(task: Task) -> Forecasts | None:
    """Forecast the mean of the last few values, how many is chosen on the latest rows."""
    spans = [span for span in sorted({*_SPANS, *task.seasons}) if 2 * span < task.fold.head_stop]
    span = choose(spans, lambda steps: task.choice_error(_moving_mean(task.values, steps), max(spans)))
    if span is None:
        return None
    return Forecasts(values=_moving_mean(task.values, span), detail={"span": span})


def _past_mean(values: FloatArray) -> FloatArray:
    forecast = np.full(len(values), np.nan)
    forecast[1:] = np.cumsum(values[:-1]) / np.arange(1, len(values))
    return forecast


def _moving_mean(values: FloatArray, span: int) -> FloatArray:
    # Sums are taken of deviations, so that a large level does not eat the digits.
    level = values[0]
    total = np.concatenate([[0.0], np.cumsum(values - level)])
    forecast = np.full(len(values), np.nan)
    forecast[span:] = level + (total[span:-1] - total[: -span - 1]) / span
    return forecast
