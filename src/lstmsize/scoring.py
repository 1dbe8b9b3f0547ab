"""What came of trainings in units of the best baseline's error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstmsize.config import Metric
from lstmsize.metrics import aggregate, losses
from lstmsize.replicates import Outcome
from lstmsize.resampling import block_length, block_means
from lstmsize.trials import HOLDOUT, Job, TrialResult
from lstmsize.yardstick import Yardstick

_DIGITS = 6
"""Losses are rounded to so many significant digits before anything is ranked."""


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """Measures what came of trainings.

    Parameters
    ----------
    yardsticks : dict of int to Yardstick
        The best baseline by fold number; without the holdout where that is not known yet.
    metric : {'rmse', 'mae'}
        The loss.
    seasons : tuple of int
        Periods in steps.
    """

    yardsticks: dict[int, Yardstick]
    metric: Metric
    seasons: tuple[int, ...]

    @property
    def fold_count(self) -> int:
        """Number of folds, the holdout not counted."""
        return sum(number != HOLDOUT for number in self.yardsticks)

    def loss(self, job: Job, result: TrialResult) -> float | None:
        """Return the error on the scored rows divided by the best baseline's; None for a failed training."""
        if not result.forecasts:
            return None
        yardstick = self.yardsticks[job.fold]
        with np.errstate(over="ignore"):
            error = aggregate(losses(yardstick.actual, np.array(result.forecasts), self.metric), self.metric)
        relative = yardstick.relative(error)
        return float(f"{relative:.{_DIGITS}g}") if np.isfinite(relative) else None

    def outcome(self, job: Job, result: TrialResult) -> Outcome:
        """Return a finished replicate as the strategy sees it."""
        loss = self.loss(job, result)
        blocks = None
        if loss is not None:
            yardstick = self.yardsticks[job.fold]
            each = losses(yardstick.actual, np.array(result.forecasts), self.metric)
            means = block_means(each, block_length(len(each), yardstick.in_rows(self.seasons)))
            # In units of the error: the slope of a root turns the spread of mean squares into that of errors.
            slope = 2 * np.sqrt(float(np.mean(each))) if self.metric == "rmse" else 1.0
            scale = slope * yardstick.error
            blocks = means / scale if scale > 0 else means
        return Outcome(
            replicate=job.replicate,
            state=result.state,
            loss=loss,
            steps=result.steps,
            steps_run=result.steps_run,
            blocks=blocks,
            reason=result.reason or ("the error is infinite" if loss is None else None),
        )
