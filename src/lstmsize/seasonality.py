"""Seasons of a series: from the calendar and from the data, at most two."""

from __future__ import annotations

import numpy as np

from lstmsize.periodicity import autocorrelation, explained, repeated_periods, without_cycle
from lstmsize.series import FloatArray, Step

_DAY = 86400.0
_CALENDAR = (3600.0, _DAY, 7 * _DAY, 365.25 * _DAY)
"""Cycles that people and weather follow, in seconds."""

CYCLES = 3
"""Full cycles that the rows must hold before a season is believed."""

_CALENDAR_RISE = 0.1

_CALENDAR_SHARE = 0.03
"""Share of the variance that a period of the calendar must explain beside one that the data show."""

_ABOUT = 0.015
"""Part of a period by which a multiple may miss it: the data tell a year of days as 361 or 366."""

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
    out at that lag above the lags before it. Any other must be shown by the data themselves (see
    `lstmsize.periodicity.repeated_periods`); beside one, a period of the calendar must also explain a part of what
    that one leaves, since the autocorrelation of a repeated pattern rises at many lags.

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
    calendar = calendar_seasons(step)
    shown = repeated_periods(rest)
    wanted = [period for period in calendar if period <= longest]
    if not wanted:
        return shown
    profiles = [autocorrelation(rest, longest), autocorrelation(np.diff(values), longest)]
    noise = 3.0 / np.sqrt(len(values))
    found = {p: r for p in wanted if (r := _rise(profiles, p)) > max(_CALENDAR_RISE, noise)}
    others = [period for period in shown if not any(_is_multiple(period, p, most=1) for p in calendar)]
    return _at_most_two(_beside(rest, found, others) if others else found)


def _beside(rest: FloatArray, found: dict[int, float], others: list[int]) -> dict[int, float]:
    """Periods of the calendar and others by the share of the variance that they explain."""
    kept = {}
    for period in found:
        left = rest
        for other in others:
            if not _is_multiple(other, period):
                left = without_cycle(left, other)
        if (share := explained(left, period) * float(np.var(left) / np.var(rest))) >= _CALENDAR_SHARE:
            kept[period] = share
    new = [o for o in others if not any(_is_multiple(o, p) or _is_multiple(p, o) for p in kept)]
    return kept | {period: explained(rest, period) for period in new}


def _is_multiple(period: int, of: int, most: int | None = None) -> bool:
    """Whether a period is about a multiple of another, or at most so many times as long."""
    times = round(period / of)
    return 1 <= times <= (most or times) and abs(period - times * of) <= _ABOUT * period


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
    if period + slack > len(profile):
        return 0.0
    here = profile[period - slack + 1 : period + slack].max() if slack > 1 else profile[period]
    left = profile[max(1, period // 2) : max(2, period - slack)]
    return float(min(here, here - left.min())) if len(left) else 0.0


def _detrended(values: FloatArray) -> FloatArray:
    time = np.linspace(-1, 1, len(values))
    trend: FloatArray = np.polynomial.chebyshev.Chebyshev.fit(time, values, 2)(time)
    return values - trend
