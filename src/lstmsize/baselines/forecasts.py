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

TAIL_ROWS = 400
"""Rows that a choice shall rest on where there are so many."""

STANDARD_ERRORS = 0.5
"""A plainer candidate may be this many standard errors worse on the rows of the choice."""

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

    def choice_rows(self, first: int) -> slice:
        """Rows by which a model that learns next to nothing is chosen: the tail, or the `TAIL_ROWS` after `first`.

        A short tail says little, and such a model has learnt nothing from the rows before it.
        """
        return slice(min(self.fold.head_stop, max(first, self.fold.train_stop - TAIL_ROWS)), self.fold.train_stop)

    def choice_error(self, forecast: FloatArray, first: int) -> float:
        """Return the error of one-step forecasts on the `choice_rows`; infinity where one is missing."""
        rows = self.choice_rows(first)
        with np.errstate(over="ignore", invalid="ignore"):
            error = aggregate(losses(self.values[rows], forecast[rows], self.metric), self.metric)
        return error if np.isfinite(error) else np.inf


@dataclass(frozen=True, kw_only=True)
class Forecasts:
    """One-step forecasts of one baseline on one fold.

    Parameters
    ----------
    values : ndarray
        One per row up to the end of the scored block, from the rows before its own and coefficients of the whole
        training part: those of the training part itself are fitted values. NaN where the past is too short.
    detail : dict
        What was chosen on the tail.
    from_head : ndarray, optional
        The same with coefficients from the head only, for a network that is trained there to correct it.
    """

    values: FloatArray
    detail: dict[str, Any] = field(default_factory=dict)
    from_head: FloatArray | None = None

    @property
    def reach(self) -> int:
        """First row that is forecast."""
        return int(np.argmax(np.isfinite(self.values)))


def choose(candidates: Iterable[Candidate], error: Callable[[Candidate], float]) -> Candidate | None:
    """Return the first candidate with the least error, equal to nine digits; None if all are infinite."""
    best, least = None, np.inf
    for candidate in candidates:
        found = error(candidate)
        if found < least * (1 - 1e-9):
            best, least = candidate, found
    return best


def within_noise(plain: FloatArray, other: FloatArray, errors: float = STANDARD_ERRORS) -> bool:
    """Say whether a plainer candidate is not credibly worse than another.

    Breiman, Friedman, Olshen and Stone 1984, *Classification and Regression Trees*: the one-standard-error
    rule, here on the paired differences of the losses and by default with `STANDARD_ERRORS` of them.

    Parameters
    ----------
    plain, other : ndarray, shape (rows,)
        Their losses on rows that end together; the latest that both have are compared.
    errors : float
        How many standard errors it may be worse.

    Returns
    -------
    bool
        True if the plainer one may stay.
    """
    rows = min(len(plain), len(other))
    difference = plain[len(plain) - rows :] - other[len(other) - rows :]
    return bool(difference.mean() <= errors * difference.std() / np.sqrt(len(difference)))
