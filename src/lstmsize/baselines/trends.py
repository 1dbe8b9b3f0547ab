"""Regressions on time alone, refitted at every origin: polynomial trends and harmonic regression."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.linalg import lapack

from lstmsize.baselines.forecasts import Forecasts, Task, choose
from lstmsize.series import FloatArray

_DEGREES = (1, 2, 3)
_HARMONICS = (1, 2, 3, 5, 8)
_CHUNK = 64
_CHOICE_STEP = 16


def polynomial_trend(task: Task) -> Forecasts | None:
    """Forecast by a polynomial of degree 1 to 3 in time; the degree is chosen on the latest rows."""
    rows = len(task.values)
    chosen = _choose(task, {degree: _polynomial(rows, degree) for degree in _DEGREES})
    return (
        None
        if chosen is None
        else Forecasts(
            values=_refitted(task, chosen[1], task.fold.head_stop, len(task.values)), detail={"degree": chosen[0]}
        )
    )


def harmonic_regression(task: Task) -> Forecasts | None:
    """Forecast by a linear trend and Fourier terms of each season; how many is chosen on the latest rows."""
    if not task.seasons:
        return None
    rows = len(task.values)
    trend = _polynomial(rows, 1)
    designs = {count: np.hstack([trend, fourier(rows, task.seasons, count)]) for count in _HARMONICS}
    chosen = _choose(task, {k: d for k, d in designs.items() if 2 * d.shape[1] <= task.fold.head_stop})
    if chosen is None:
        return None
    return Forecasts(
        values=_refitted(task, chosen[1], task.fold.head_stop, len(task.values)),
        detail={"degree": 1, "harmonics": chosen[0]},
    )


def _choose(task: Task, designs: dict[int, FloatArray]) -> tuple[int, FloatArray] | None:
    """The design that does best on the latest rows, where the fit is renewed every `_CHOICE_STEP` rows."""
    rows = task.choice_rows(task.fold.head_stop // 2)
    errors = {
        key: task.choice_error(_refitted(task, design, rows.start, rows.stop, _CHOICE_STEP), rows.start)
        for key, design in designs.items()
    }
    best = choose(errors, lambda key: errors[key])
    return None if best is None else (best, designs[best])


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


def _refitted(task: Task, design: FloatArray, first: int, end: int, step: int = 1) -> FloatArray:
    """Least-squares forecasts of the rows from `first` to `end`, refitted before every `step` rows.

    Brown, Durbin and Evans 1975, *Techniques for testing the constancy of regression relationships over time*:
    what refits miss are the recursive residuals; a Cholesky factor gives them for a whole chunk of rows.
    """
    level = task.values[:first].mean()
    values = task.values - level
    gram = design[:first].T @ design[:first] + 1e-10 * np.eye(design.shape[1]) * max(1, first)
    moment = design[:first].T @ values[:first]
    forecast = np.full(len(values), np.nan)
    forecast[:first] = design[:first] @ np.linalg.solve(gram, moment)
    for begin in range(first, end, _CHUNK):
        rows = slice(begin, min(begin + _CHUNK, end))
        block = design[rows]
        solved = block @ np.linalg.solve(gram, np.column_stack([moment, block.T]))
        known, together = solved[:, 0], solved[:, 1:] + np.eye(len(block))
        factor = np.linalg.cholesky(together)
        missed, _ = lapack.dtrtrs(factor, values[rows] - known, lower=1)
        # A row learns from those of its chunk that stand before its refit.
        place = np.arange(len(block))
        forecast[rows] = known + (factor * (place < place[:, None] // step * step)) @ missed
        gram = gram + block.T @ block
        moment = moment + block.T @ values[rows]
    forecast += level
    return forecast
