"""Averages of two simple models that go wrong in different ways."""

from __future__ import annotations

import numpy as np

from lstmsize.baselines.forecasts import Forecasts

AVERAGES = {
    "average_smoothing_linear": ("exponential_smoothing", "linear_autoregression"),
    "average_smoothing_polynomial": ("exponential_smoothing", "polynomial_autoregression"),
}
"""The two models of each."""


def average(name: str, found: dict[str, Forecasts]) -> Forecasts | None:
    """Average the forecasts of two models with equal weights.

    Bates and Granger 1969, *The combination of forecasts*; that equal weights are hard to beat is in Clemen 1989,
    *Combining forecasts: a review and annotated bibliography*.

    Parameters
    ----------
    name : str
        A key of `AVERAGES`.
    found : dict of str to Forecasts
        The other baselines by name.

    Returns
    -------
    Forecasts or None
        None where one of the two is missing.
    """
    parts = {part: found[part] for part in AVERAGES[name] if part in found}
    if len(parts) < len(AVERAGES[name]):
        return None
    heads = [forecasts.from_head for forecasts in parts.values() if forecasts.from_head is not None]
    return Forecasts(
        values=np.mean([forecasts.values for forecasts in parts.values()], axis=0),
        detail={part: forecasts.detail for part, forecasts in parts.items()},
        from_head=np.mean(heads, axis=0) if len(heads) == len(parts) else None,
    )
