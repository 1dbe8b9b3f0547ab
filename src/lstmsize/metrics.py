"""Errors of forecasts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lstmsize.config import Metric
from lstmsize.series import FloatArray

_ROUNDING = 1e-12
"""Standard deviation of equal numbers at most, in units of these."""


def losses(actual: FloatArray, forecast: FloatArray, metric: Metric) -> FloatArray:
    """Return the loss of each forecast: its square for ``rmse``, its size for ``mae``; shape as given."""
    error = actual - forecast
    return error * error if metric == "rmse" else np.abs(error)


def aggregate(loss: FloatArray, metric: Metric) -> float:
    """Turn the losses of many forecasts into one error in the units of the target."""
    return float(error_of_means(np.mean(loss), metric))


def error_of_means(means: ArrayLike, metric: Metric) -> FloatArray:
    """Turn means of losses into errors: their roots for ``rmse``, as they are for ``mae``; shape as given."""
    return np.sqrt(means) if metric == "rmse" else np.asarray(means)


def spread_of(values: FloatArray) -> float:
    """Return the standard deviation of the finite values, by which they are divided; 1 for a constant.

    That of equal numbers is not 0 but their rounding, by which nothing may be divided.
    """
    known = values[np.isfinite(values)]
    found = float(known.std()) if len(known) else 0.0
    return found if found > _ROUNDING * float(np.abs(known).max(initial=0.0)) else 1.0


def least_error(values: FloatArray) -> float:
    """Return the error below which a forecast counts as perfect.

    It is a thousandth of the standard deviation of the values or of their changes, whichever is less: a counter or
    a finely sampled curve moves far in the long run, and little from one row to the next.
    """
    return 1e-3 * float(min(np.std(values), np.std(np.diff(values))))


def mase_scale(train: FloatArray) -> float | None:
    """Return the mean absolute one-step change of the training rows, MASE's denominator.

    Hyndman and Koehler 2006, *Another look at measures of forecast accuracy*; None where nothing changes.
    """
    scale = float(np.mean(np.abs(np.diff(train))))
    return scale if scale > 0 else None
