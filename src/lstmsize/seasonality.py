"""Seasons of a series: from the calendar and from the data, at most two."""

from __future__ import annotations

import numpy as np

from lstmsize.periodicity import autocorrelation, repeated_periods
from lstmsize.series import FloatArray, Step

_DAY = 86400.0
_CALENDAR = (3600.0, _DAY, 7 * _DAY, 365.25 * _DAY)
"""Cycles that people and weather follow, in seconds."""

CYCLES = 3
"""Full cycles that the rows must hold before a season is believed."""

_CALENDAR_RISE = 0.1

_ROUNDING = 1e-9
"""Part of the largest value below which what a trend leaves is rounding."""


def calendar_seasons(step: Step | None) -> list[int]:
    """Return the periods that the calendar suggests.

    Parameters
    ----------
    step : Step or None
        Distance of two rows in time.

    Returns
    -------
    list of int
        Hour, day, week and year in steps, where they are at least 4 steps long.
    """
    if step is None or step.seconds <= 0:
        return []
    periods = [round(cycle / step.seconds) for cycle in _CALENDAR]
    return [period for period in dict.fromkeys(periods) if period >= 4]


def find_seasons(values: FloatArray, step: Step | None) -> tuple[int, ...]:
    """Find the seasons of a series.

    A period that the calendar suggests counts when the autocorrelation of the series, or of its changes, stands
    out at that lag above the lags before it. Where the calendar suggests none, the data must show it by themselves
    (see `lstmsize.periodicity.repeated_periods`).

    Parameters
    ----------
    values : ndarray, shape (time,)
        The development part.
    step : Step or None
        Distance of two rows in time.

    Returns
    -------
    tuple of int
        No, one or two periods in steps, ascending.
    """
    longest = len(values) // CYCLES
    if longest < 2:
        return ()
    rest = _detrended(values)
    if np.ptp(rest) <= _ROUNDING * np.abs(values).max():
        return ()
    wanted = [period for period in calendar_seasons(step) if period <= longest]
    if not wanted:
        return repeated_periods(rest)
    profiles = [autocorrelation(rest, longest), autocorrelation(np.diff(values), longest)]
    noise = 3.0 / np.sqrt(len(values))
    found = {p: r for p in wanted if (r := _rise(profiles, p)) > max(_CALENDAR_RISE, noise)}
    return _at_most_two(found)


def _at_most_two(found: dict[int, float]) -> tuple[int, ...]:
    if len(found) <= 2:
        return tuple(sorted(found))
    shortest = min(found)
    others = [period for period in found if period != shortest]
    return shortest, max(others, key=lambda period: found[period])


def _rise(profiles: list[FloatArray], period: int) -> float:
    return max(_rise_in(profile, period) for profile in profiles)


def _rise_in(profile: FloatArray, period: int) -> float:
    """How far the autocorrelation at a period stands above its deepest value half a period around."""
    slack = max(1, period // 50)
    if period + slack >= len(profile):
        return 0.0
    here = profile[period - slack + 1 : period + slack].max() if slack > 1 else profile[period]
    left = profile[max(1, period // 2) : max(2, period - slack)]
    return float(min(here, here - left.min())) if len(left) else 0.0


def _detrended(values: FloatArray) -> FloatArray:
    time = np.linspace(-1, 1, len(values))
    trend: FloatArray = np.polynomial.chebyshev.Chebyshev.fit(time, values, 2)(time)
    return values - trend
