"""Regressions on time alone, refitted at every origin: polynomial trends and harmonic regression."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lstmsize.baselines.forecasts import Forecasts, Task, choose
from lstmsize.series import FloatArray

_DEGREES = (1, 2, 3)
_HARMONICS = (1, 2, 3, 5, 8)
_CHUNK = 512


def polynomial_trend(task: Task) -> Forecasts | None:
    """Forecast by a polynomial of degree 1 to 3 in time; the degree is chosen on the tail."""
    rows = len(task.values)
    fits = {degree: _refitted(task, _polynomial(rows, degree)) for degree in _DEGREES}
    degree = choose(fits, lambda key: task.tail_error(fits[key]))
    return None if degree is None else Forecasts(values=fits[degree], detail={"degree": degree})


def harmonic_regression(task: Task) -> Forecasts | None:
    """Forecast by a linear trend and Fourier terms of each season; how many is chosen on the tail."""
    if not task.seasons:
        return None
    trend = _polynomial(len(task.values), 1)
    fits = {}
    for count in _HARMONICS:
        design = np.hstack([trend, fourier(len(task.values), task.seasons, count)])
        if 2 * design.shape[1] <= task.fold.head_stop:
            fits[count] = _refitted(task, design)
    chosen = choose(fits, lambda key: task.tail_error(fits[key]))
    return None if chosen is None else Forecasts(values=fits[chosen], detail={"degree": 1, "harmonics": chosen})


def fourier(rows: int, seasons: tuple[int, ...], count: int) -> FloatArray:
    """Return sines and cosines of the first multiples of each season's frequency.

    Parameters
    ----------
    rows : int
        Number of time steps, from 0.
    seasons : tuple of int
        Periods in steps.
    count : int
        Multiples per season, fewer where the season is too short for them.

    Returns
    -------
    ndarray, shape (rows, terms)
        The terms in the order of their multiples; one that repeats an earlier season's is left out.
    """
    time = np.arange(rows)
    frequencies = {
        Fraction(multiple, season): None
        for multiple in range(1, count + 1)
        for season in seasons
        if 2 * multiple <= season
    }
    columns = []
    for frequency in frequencies:
        angle = 2 * np.pi * float(frequency) * time
        columns.append(np.cos(angle))
        if 2 * frequency != 1:
            columns.append(np.sin(angle))
    return np.stack(columns, axis=1) if columns else np.empty((rows, 0))


def _polynomial(rows: int, degree: int) -> FloatArray:
    """Chebyshev polynomials in time, well conditioned, shape (rows, degree + 1)."""
    vander = np.polynomial.chebyshev.chebvander(np.linspace(-1, 1, rows), degree)
    return np.asarray(vander, dtype=np.float64)


def _refitted(task: Task, design: FloatArray) -> FloatArray:
    """Least-squares forecasts for the tail and the scored block, refitted before every row."""
    first = task.fold.head_stop
    level = task.values[:first].mean()
    values = task.values - level
    gram = design[:first].T @ design[:first]
    moment = design[:first].T @ values[:first]
    ridge = 1e-10 * np.eye(design.shape[1]) * max(1, first)
    forecast = np.full(len(values), np.nan)
    for begin in range(first, len(values), _CHUNK):
        rows = slice(begin, min(begin + _CHUNK, len(values)))
        block = design[rows]
        # Row t is fitted on the rows before it: the sums up to t - 1.
        grams = np.cumsum(block[:, :, None] * block[:, None, :], axis=0)
        moments = np.cumsum(block * values[rows, None], axis=0)
        before = np.concatenate([np.zeros_like(grams[:1]), grams[:-1]]) + gram + ridge
        right = np.concatenate([np.zeros_like(moments[:1]), moments[:-1]]) + moment
        forecast[rows] = (block * np.linalg.solve(before, right[:, :, None])[:, :, 0]).sum(axis=1)
        gram, moment = gram + grams[-1], moment + moments[-1]
    forecast[:first] = design[:first] @ np.linalg.solve(
        design[:first].T @ design[:first] + ridge, design[:first].T @ values[:first]
    )
    forecast += level
    return forecast
