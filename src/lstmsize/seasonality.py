"""Seasons of a series: from the calendar and from the data, at most two."""

from __future__ import annotations

import numpy as np
from scipy import fft

from lstmsize.series import FloatArray, Step

_DAY = 86400.0
_CALENDAR = (3600.0, _DAY, 7 * _DAY, 365.25 * _DAY)
"""Cycles that people and weather follow, in seconds."""

CYCLES = 3
"""Full cycles that the rows must hold before a season is believed."""

_CALENDAR_RISE, _DATA_RISE = 0.1, 0.3
_LEAST_RISE, _SECOND_RISE = 0.02, 0.25
"""A second season must explain this much more of the variance, and this fraction of what the first leaves."""

_CHANGES_SHARE, _VALUES_SHARE = 0.7, 0.85
_FEW_CYCLES, _MANY_CYCLES = 5, 8
"""Cycles wanted where only the values speak, which wander more than their changes: few beside a shorter season."""


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
        found = _peaks(profiles[1], longest, max(_DATA_RISE, noise), _CHANGES_SHARE)
    if not wanted and not found:  # a smooth wave under noise shows in the values, not in their changes
        found = _peaks(profiles[0], len(values) // _MANY_CYCLES, max(_DATA_RISE, noise), _VALUES_SHARE)
    if not wanted and len(found) == 1:
        (first,) = found
        found |= _nested(_without_season(_detrended(values), first), first, longest, max(_DATA_RISE, noise))
    return _at_most_two(found)


def _without_season(values: FloatArray, period: int) -> FloatArray:
    phase = np.arange(len(values)) % period
    means = np.bincount(phase, weights=values) / np.bincount(phase)
    rest: FloatArray = values - means[phase]
    return rest


def _nested(rest: FloatArray, first: int, longest: int, threshold: float) -> dict[int, float]:
    """The longer season in what a shorter one leaves, a multiple of it: its slow waves hardly show in changes.

    It must explain clearly more than the shorter one does once more, which is left over where that one grows.
    """
    profile = _autocorrelation(rest, longest)
    again = max(0.0, float(profile[first]))
    least = max(threshold, again + max(_LEAST_RISE, _SECOND_RISE * (1 - again)))
    lags = np.arange(2 * first, min(len(rest) // _FEW_CYCLES, len(profile) - 2), first)
    lags = lags[profile[lags] > least]
    repeated = [lag for lag in lags if _repeats(profile, int(lag), _CHANGES_SHARE)]
    if not repeated:
        return {}
    highest = max(profile[repeated])
    second = next(int(lag) for lag in repeated if profile[lag] >= 0.9 * highest)
    return {second: float(profile[second])}


def _at_most_two(found: dict[int, float]) -> tuple[int, ...]:
    if len(found) <= 2:
        return tuple(sorted(found))
    shortest = min(found)
    others = [period for period in found if period != shortest]
    return shortest, max(others, key=lambda period: found[period])


def _peaks(profile: FloatArray, longest: int, threshold: float, share: float) -> dict[int, float]:
    """Seasons that only the data suggest: the first strong peak, and a multiple that explains clearly more.

    A peak must show again at twice its length with at least `share` of its height: a season does, a decaying
    oscillation of a chaotic series or the wandering of a random walk does not.
    """
    lags = np.arange(2, min(longest, len(profile) - 2))
    local = (profile[lags] >= profile[lags - 1]) & (profile[lags] >= profile[lags + 1])
    peaks = lags[local & (profile[lags] > threshold)]
    strong = [lag for lag in peaks if profile[lag] >= 0.5 * profile[peaks].max()]
    first = next((_summit(profile, lag) for lag in strong if _repeats(profile, lag, share)), None)
    if first is None:
        return {}
    seasons = {first: float(profile[first])}
    multiples = peaks[(peaks > first) & (np.minimum(peaks % first, -peaks % first) <= max(1, first // 20))]
    unexplained = 1 - profile[first]
    if len(multiples) and profile[multiples].max() > profile[first] + max(_LEAST_RISE, _SECOND_RISE * unexplained):
        highest = profile[multiples].max()
        second = int(multiples[profile[multiples] >= highest - 0.1 * (highest - profile[first])][0])
        seasons[second] = float(profile[second])
    return seasons


def _summit(profile: FloatArray, lag: int) -> int:
    """The period of a peak that noise may have moved: its echoes at multiples fix it ever more closely."""
    slack = lag // 10
    period = float(lag - slack + np.argmax(profile[lag - slack : lag + slack + 1]))
    for multiple in range(2, int((len(profile) - slack) / (lag + slack)) if slack else 0):
        echo = round(multiple * period)
        near = profile[echo - slack : echo + slack + 1]
        period = (echo - slack + int(np.argmax(near))) / multiple
    return round(period)


def _repeats(profile: FloatArray, lag: int, share: float) -> bool:
    period = _summit(profile, int(lag))
    slack = period // 20
    again = profile[2 * period - slack : 2 * period + slack + 1]
    valley = profile[period : 2 * period].min()
    return len(again) > 0 and bool(again.max() >= share * profile[period] and valley < 0.5 * profile[period])


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
