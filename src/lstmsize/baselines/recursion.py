"""Exact linear recursions: 1, 2, 3, ...; Fibonacci; a noise-free wave; a pattern that repeats."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lstmsize.series import FloatArray

_ORDERS = (0, 1, 2, 3, 4)
_SPARE_ROWS = 3
_RELATIVE = 1e-9
_LEAST_SPREAD = 20.0
_OF_CHANGE = 1e-4
_FIRST_ROWS = 20_000
"""A recursion of all rows is one of these; the others are looked at only then."""


@dataclass(frozen=True, kw_only=True)
class Recursion:
    """A rule that gives every value from the ones before it, to the rounding of the data.

    Parameters
    ----------
    lags : list of int
        Past steps used; none for a constant.
    coefficients : list of float
        One per lag.
    constant : float
        What is added.
    """

    lags: list[int]
    coefficients: list[float]
    constant: float

    def __str__(self) -> str:
        terms = [
            (c, ("" if f"{abs(c):.6g}" == "1" else f"{abs(c):.6g} ") + f"y[t-{lag}]")
            for c, lag in zip(self.coefficients, self.lags, strict=True)
            if abs(c) > _RELATIVE
        ]
        if self.constant or not terms:
            terms.append((self.constant, f"{abs(self.constant):.6g}"))
        (first, written), *others = terms
        start = f"y[t] = {'-' if first < 0 else ''}{written}"
        return start + "".join(f" {'-' if value < 0 else '+'} {text}" for value, text in others)

    def forecast(self, values: FloatArray) -> FloatArray:
        """Return what the rule gives for all rows but the first, as many as its longest lag."""
        longest = max(self.lags, default=0)
        found = np.full(len(values) - longest, self.constant)
        for coefficient, lag in zip(self.coefficients, self.lags, strict=True):
            found += coefficient * values[longest - lag : len(values) - lag]
        return found


def find_recursion(values: FloatArray) -> Recursion | None:
    """Find a linear recursion that holds for every row, by least squares on the first half.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The whole series.

    Returns
    -------
    Recursion or None
        The one of lowest order up to 4, or an exact repetition with any period that occurs three times.
    """
    if len(values) < 2 + _SPARE_ROWS:  # too few rows even for a constant
        return None
    scale = float(np.max(np.abs(values))) or 1.0
    scaled, quantum = values / scale, rounding(values) / scale
    change = float(np.sqrt(np.mean(np.diff(scaled) ** 2)))
    for order in _ORDERS:
        lags = list(range(1, order + 1))
        if len(values) > _FIRST_ROWS and _recursion(scaled[:_FIRST_ROWS], lags, quantum, change) is None:
            continue
        found = _recursion(scaled, lags, quantum, change)
        if found is not None:
            return replace(found, constant=float(f"{scale * found.constant:.12g}"))
    return _repetition(values)


def rounding(values: FloatArray) -> float:
    """Return the distance of neighbouring numbers that the data are rounded to, at least float64's own."""
    size = float(np.max(np.abs(values))) or 1.0
    for digits in range(-3, 10):
        if np.array_equal(np.round(values, digits), values):
            return max(10.0**-digits, size * np.finfo(float).eps)
    return size * float(np.finfo(float).eps)


def _recursion(values: FloatArray, lags: list[int], quantum: float, change: float) -> Recursion | None:
    longest = max(lags, default=0)
    rows = len(values) - longest
    half = max(len(lags) + 2, rows // 2)
    if rows < half + _SPARE_ROWS:
        return None
    past = np.column_stack([*(values[longest - lag : len(values) - lag] for lag in lags), np.ones(rows)])
    now = values[longest:]
    # Each row counts relative to its own size, or a growing series would be fitted at its end only.
    size = np.abs(np.column_stack([past[:, :-1], now])).max(axis=1)
    size[size == 0] = 1.0
    known = past[:half] / size[:half, None]
    lengths = np.linalg.norm(known, axis=0)  # columns of one length, or the longest hides the others
    lengths[lengths == 0] = 1.0
    solution = np.linalg.lstsq(known / lengths, now[:half] / size[:half], rcond=None)[0] / lengths
    error = np.abs(past @ solution - now)
    small = float(np.sqrt(np.mean(error**2))) <= _OF_CHANGE * change  # an error that the level hides is not small
    exact = bool((error <= _RELATIVE * size).all()) and (small or np.ptp(values) == 0)
    digits = 0.5 * quantum * (1.0 + float(np.abs(solution[:-1]).sum()))
    # Rounding may explain an error only where the series moves by far more than it.
    moves = change >= _LEAST_SPREAD * digits
    if not (exact or (moves and bool((error <= digits).all()))):
        return None
    return Recursion(
        lags=lags,
        coefficients=[float(f"{c:.12g}") + 0.0 for c in solution[:-1]],
        constant=float(solution[-1]) if abs(solution[-1]) > _RELATIVE * change else 0.0,
    )


def _repetition(values: FloatArray) -> Recursion | None:
    longest = len(values) // 3
    periods = np.arange(5, longest + 1)
    while len(periods):
        period = int(periods[0])
        unlike = np.flatnonzero(values[period:] != values[:-period])
        if not len(unlike):
            return Recursion(lags=[period], coefficients=[1.0], constant=0.0)
        # What speaks against one period mostly does against others: not each is compared on all rows.
        for row in (unlike[0], unlike[0] + period):
            partners = row + periods if row + longest < len(values) else row - periods
            periods = periods[values[partners] == values[row]]
    return None
