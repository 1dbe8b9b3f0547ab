"""Seasons of a series: from the calendar and from the data, at most two."""

from __future__ import annotations

import numpy as np
from scipy import fft

from lstmsize.series import FloatArray, Step

_DAY = 86400.0
_CALENDAR = (3600.0, _DAY, 7 * _DAY, 365.25 * _DAY)
"""Cycles that people and weather follow, in seconds."""

_SEASONAL_STEPS = (60.0, 32 * _DAY)
"""Steps for which the calendar is asked; coarser quarters are covered by the year."""

CYCLES = 3
"""Full cycles that the rows must hold before a season is believed."""

_CALENDAR_RISE, _DATA_RISE = 0.1, 0.3
_SECOND_RISE = 0.05


def calendar_seasons(step: Step | None) -> list[int]:
    """Return the periods that the calendar suggests.

    Parameters
    ----------
    step : Step or None
        Distance of two rows in time.

    Returns
    -------
    list of int
        Hour, day, week and year in steps, where they are at least 4 (a week: at least 2) steps long.
    """
    if step is None or step.seconds <= 0:
        return []
    periods = [round(cycle / step.seconds) for cycle in _CALENDAR]
    return [period for period in dict.fromkeys(periods) if period >= 4]


def find_seasons(values: FloatArray, step: Step | None) -> tuple[int, ...]:
    """Find the seasons of a series.

    A period counts when the autocorrelation of the series, or of its changes, stands out at that lag above
    the lags before it: by little if the calendar suggests the period, by more if only the data do.

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
    if longest < 2 or np.ptp(values) == 0:
        return ()
    profiles = [_autocorrelation(_detrended(values), longest), _autocorrelation(np.diff(values), longest)]
    noise = 3.0 / np.sqrt(len(values))
    wanted = [period for period in calendar_seasons(step) if period <= longest]
    found = {p: r for p in wanted if (r := _rise(profiles, p)) > max(_CALENDAR_RISE, noise)}
    if not wanted:
        found = _peaks(profiles[1], longest, max(_DATA_RISE, noise))
    return _at_most_two(found)


def _at_most_two(found: dict[int, float]) -> tuple[int, ...]:
    if len(found) <= 2:
        return tuple(sorted(found))
    shortest = min(found)
    others = [period for period in found if period != shortest]
    return shortest, max(others, key=lambda period: found[period])


def _peaks(profile: FloatArray, longest: int, threshold: float) -> dict[int, float]:
    """Local maxima that only the data suggest: the first strong one, and a multiple that is clearly stronger."""
    lags = np.arange(2, min(longest, len(profile) - 2))
    if len(lags) == 0:
        return {}
    local = (profile[lags] >= profile[lags - 1]) & (profile[lags] >= profile[lags + 1])
    peaks = lags[local & (profile[lags] > threshold)]
    if len(peaks) == 0:
        return {}
    highest = profile[peaks].max()
    first = int(peaks[profile[peaks] >= 0.5 * highest][0])
    # A period shows again at twice its length; a decaying oscillation of a chaotic series does not.
    again = profile[max(1, 2 * first - 2) : 2 * first + 3]
    if len(again) == 0 or again.max() < 0.7 * profile[first]:
        return {}
    seasons = {first: float(profile[first])}
    multiples = peaks[(peaks > first) & (np.minimum(peaks % first, -peaks % first) <= max(1, first // 20))]
    if len(multiples) and profile[multiples].max() > profile[first] + _SECOND_RISE:
        best = profile[multiples].max()
        second = int(multiples[profile[multiples] >= best - 0.01][0])
        seasons[second] = float(profile[second])
    return seasons


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


def _autocorrelation(values: FloatArray, longest: int) -> FloatArray:
    """Sample autocorrelations at lags 0 to `longest`, by the fast Fourier transform."""
    centred = values - values.mean()
    power = float(centred @ centred)
    if power == 0:
        return np.zeros(longest + 1)
    size = fft.next_fast_len(2 * len(centred), real=True)
    spectrum = fft.rfft(centred, size)
    raw: FloatArray = fft.irfft(spectrum * np.conj(spectrum), size)[: longest + 1]
    # Unbiased by the number of pairs, so that long seasons are not played down.
    pairs = len(centred) - np.arange(len(raw))
    return raw / power * (len(centred) / pairs)
