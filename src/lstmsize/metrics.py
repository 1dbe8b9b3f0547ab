"""Errors of forecasts."""

from __future__ import annotations

import numpy as np

from lstmsize.config import Metric
from lstmsize.series import FloatArray


def losses(actual: FloatArray, forecast: FloatArray, metric: Metric) -> FloatArray:
    """Return the loss of each forecast: its square for ``rmse``, its size for ``mae``; shape as given."""
    error = actual - forecast
    return error * error if metric == "rmse" else np.abs(error)


def aggregate(loss: FloatArray, metric: Metric) -> float:
    """Turn the losses of many forecasts into one error in the units of the target."""
    mean = float(np.mean(loss))
    return float(np.sqrt(mean)) if metric == "rmse" else mean


def least_error(values: FloatArray) -> float:
    """Return the error below which a forecast counts as perfect: a thousandth of the standard deviation."""
    return 1e-3 * float(np.std(values))


def mase_scale(train: FloatArray) -> float | None:
    """Return the mean absolute one-step change of the training rows, MASE's denominator.

    Hyndman and Koehler 2006, *Another look at measures of forecast accuracy*; None where nothing changes.
    """
    scale = float(np.mean(np.abs(np.diff(train))))
    return scale if scale > 0 else None
