"""The best baseline on the scored rows of a fold: what every network is measured against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstmsize.config import Metric
from lstmsize.metrics import aggregate, losses
from lstmsize.series import FloatArray
from lstmsize.splits import Fold
from lstmsize.windows import scored_rows


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """The best baseline on one fold.

    Parameters
    ----------
    actual : ndarray, shape (scored,)
        The target at the scored rows.
    forecast : ndarray, shape (scored,)
        Its forecasts.
    losses : ndarray, shape (scored,)
        Its losses.
    floor : float
        Error below which a forecast counts as perfect.
    error : float
        The baseline's error, at least that.
    spacing : float
        Steps from one scored row to the next; above 1 where there are too many to forecast all.
    """

    actual: FloatArray
    forecast: FloatArray
    losses: FloatArray
    floor: float
    error: float
    spacing: float

    @classmethod
    def of(cls, values: FloatArray, forecast: FloatArray, fold: Fold, metric: Metric, floor: float) -> Yardstick:
        """Measure a forecast that ends with the scored block on the scored rows of a fold."""
        rows = scored_rows(fold.train_stop, fold.score_stop)
        found = forecast[rows - fold.score_stop]
        loss = losses(values[rows], found, metric)
        error = max(aggregate(loss, metric), floor)
        spacing = (fold.score_stop - fold.train_stop) / len(rows)
        return cls(actual=values[rows], forecast=found, losses=loss, floor=floor, error=error, spacing=spacing)

    def relative(self, error: float) -> float:
        """Return a network's error divided by the baseline's; infinite where that has none, nor a floor."""
        if self.error == 0:
            return 1.0 if error == 0 else np.inf
        return max(error, self.floor) / self.error

    def in_rows(self, seasons: tuple[int, ...]) -> tuple[int, ...]:
        """Return seasons, given in steps, in scored rows."""
        return tuple(max(1, round(season / self.spacing)) for season in seasons)
