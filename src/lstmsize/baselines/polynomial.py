"""Polynomial autoregression: powers and products of a few recent and seasonal lags."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import Any

import numpy as np
from sklearn.preprocessing import PolynomialFeatures

from lstmsize.baselines.forecasts import Forecasts, Task, within_noise
from lstmsize.baselines.linear import LinearFit
from lstmsize.baselines.ridge import MOST_COLUMNS_PER_ROW, PENALTIES, Ridge, Scale, Tried, plainest
from lstmsize.series import FloatArray
from lstmsize.windows import lagged

_SURELY = 2.0
_COUNTS = {2: (1, 2, 3, 4, 6, 8, 12), 3: (1, 2, 3, 4, 6, 8)}
_SEASONAL_COUNT = 4


def polynomial_autoregression(task: Task, linear: LinearFit | None) -> Forecasts | None:
    """Forecast by a polynomial of degree 2 or 3 in a few lags, alone or on top of the linear autoregression.

    Parameters
    ----------
    task : Task
        One fold.
    linear : LinearFit or None
        The linear autoregression that the powers may correct.

    Returns
    -------
    Forecasts or None
        Degree, lags, base and penalty are chosen on the tail; None where the head is too short.
    """
    scale = Scale.of(task)
    tried: list[tuple[dict[str, Any], Tried]] = []
    for degree, lags in _candidates(task):
        terms = _terms(task, scale, degree, lags)
        bases = {"own line": _line(task, scale, lags), "none": np.zeros(len(task.values))}
        if linear is not None:
            bases["linear"] = scale.down(linear.honest)
        for name, base in bases.items():
            ridge = Ridge(task=task, scale=scale, columns=terms, base=base)
            if (found := ridge.choose_penalty(np.arange(terms.shape[1]))) is not None:
                detail: dict[str, Any] = {
                    "degree": degree,
                    "lags": lags,
                    "added_to": name,
                    "penalty": found.penalty,
                }
                tried.append((detail, found))
    chosen = _choose([c for c in tried if c[0]["added_to"] != "none"])
    # Without a line under it a polynomial stays where the known range ends, so it must surely pay.
    bare = _choose([c for c in tried if c[0]["added_to"] == "none"])
    if bare and (chosen is None or not within_noise(chosen[1].losses, bare[1].losses, _SURELY)):
        chosen = bare
    if chosen is None:
        return None
    detail, best = chosen
    lags, fold = detail["lags"], task.fold
    columns = _terms(task, scale, detail["degree"], lags)

    def fitted(stop: int, corrected: FloatArray | None) -> FloatArray:
        if detail["added_to"] == "own line":
            base = _line(task, scale, lags, stop)
        else:
            base = np.zeros(len(task.values)) if corrected is None else scale.down(corrected)
        ridge = Ridge(task=task, scale=scale, columns=columns, base=base)
        return ridge.forecast(best.chosen, best.penalty, stop)

    under = linear if detail["added_to"] == "linear" else None
    return Forecasts(
        values=fitted(fold.train_stop, under.from_train if under else None),
        detail=detail,
        from_head=fitted(fold.head_stop, under.from_head if under else None),
    )


def _line(task: Task, scale: Scale, lags: list[int], stop: int | None = None) -> FloatArray:
    """The line through the same lags, standardised: it goes on where the powers are held.

    By default it is fitted on the rows before all blocks by which a polynomial is chosen.
    """
    scaled = scale.down(task.values)
    columns = np.column_stack([lagged(scaled, lag) for lag in lags])
    ridge = Ridge(task=task, scale=scale, columns=columns, base=np.zeros(len(scaled)))
    return scale.down(
        ridge.forecast(np.arange(len(lags)), PENALTIES[0], ridge.blocks()[0] if stop is None else stop)
    )


def _choose(tried: list[tuple[dict[str, Any], Tried]]) -> tuple[dict[str, Any], Tried] | None:
    """The candidate of fewest terms that is not credibly worse than the best one."""
    ordered = sorted(tried, key=lambda candidate: len(candidate[1].chosen))
    position = plainest([found for _, found in ordered])
    return None if position is None else ordered[position]


def _candidates(task: Task) -> Iterator[tuple[int, list[int]]]:
    head = task.fold.head_stop
    for degree, counts in _COUNTS.items():
        for count in counts:
            recent = list(range(1, count + 1))
            seasonal = [sorted({*recent, s}) for s in task.seasons if count <= _SEASONAL_COUNT]
            for lags in [recent, *seasonal]:
                terms = comb(len(lags) + degree, degree) - 1
                if terms <= MOST_COLUMNS_PER_ROW * (head - lags[-1]):
                    yield degree, lags


def _terms(task: Task, scale: Scale, degree: int, lags: list[int]) -> FloatArray:
    """All products of the lags up to a degree, of about unit size; rows with a missing lag stay missing."""
    scaled = scale.down(task.values)
    head = scaled[: task.fold.head_stop]
    # Powers explode outside the range that they were fitted on, so inputs are held inside it.
    inputs = np.column_stack([np.clip(lagged(scaled, lag), head.min(), head.max()) for lag in lags])
    first = lags[-1]
    terms: FloatArray = PolynomialFeatures(degree, include_bias=False).fit_transform(inputs[first:])
    spread = terms[: task.fold.head_stop - first].std(axis=0)
    terms = terms / np.where(spread > 0, spread, 1.0)
    return np.concatenate([np.full((first, terms.shape[1]), np.nan), terms])
