"""What every baseline is asked and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from lstmsize.config import Metric
from lstmsize.metrics import aggregate, losses
from lstmsize.series import FloatArray
from lstmsize.splits import Fold

MOST_ROWS = 20_000
"""Rows before the scored block that a baseline learns from at most: the latest ones."""

Candidate = TypeVar("Candidate")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One fold of one series, as a baseline sees it.

    Parameters
    ----------
    values : ndarray, shape (score_stop,)
        The target up to the end of the scored block; a forecast of row t uses rows before t only.
    fold : Fold
        Where the tail and the scored block begin.
    seasons : tuple of int
        Periods in steps.
    metric : {'rmse', 'mae'}
        The error that choices on the tail are made by.
    """

    values: FloatArray
    fold: Fold
    seasons: tuple[int, ...]
    metric: Metric

    @property
    def head(self) -> FloatArray:
        """Rows before the tail."""
        return self.values[: self.fold.head_stop]

    @property
    def train(self) -> FloatArray:
        """Rows before the scored block."""
        return self.values[: self.fold.train_stop]

    @property
    def tail(self) -> slice:
        """Rows on which choices are made."""
        return slice(self.fold.head_stop, self.fold.train_stop)

    def tail_error(self, forecast: FloatArray) -> float:
        """Return the error on the tail of one-step forecasts for all rows; infinity where one is missing."""
        with np.errstate(over="ignore", invalid="ignore"):
            error = aggregate(losses(self.values[self.tail], forecast[self.tail], self.metric), self.metric)
        return error if np.isfinite(error) else np.inf


@dataclass(frozen=True, kw_only=True)
class Forecasts:
    """One-step forecasts of one baseline on one fold.

    Parameters
    ----------
    values : ndarray
        One per row up to the end of the scored block; each uses the rows before its own and coefficients from the
        training part. NaN at the start, where the past is too short.
    detail : dict
        What was chosen on the tail.
    """

    values: FloatArray
    detail: dict[str, Any] = field(default_factory=dict)


def choose(candidates: Iterable[Candidate], error: Callable[[Candidate], float]) -> Candidate | None:
    """Return the first candidate with the least error, equal to nine digits; None if all are infinite."""
    best, least = None, np.inf
    for candidate in candidates:
        found = error(candidate)
        if found < least * (1 - 1e-9):
            best, least = candidate, found
    return best
