"""Periods that a series repeats, from its values alone: lines of its spectrum, or cycles laid over each other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import fft, special

from lstmsize.series import FloatArray

LEAST_CYCLES = 5
"""Cycles of a line that the rows must hold: slower waves cannot be told from wandering."""

_LEAST_SHARE = 0.06
"""Share of the whitened variance that a period must explain: 3 % of the error of a forecast."""

_POINTS, _ABOVE_NOISE, _FEWEST_BINS, _GUARD = 8, 6.0, 8, 6
"""Grid points per bin of the spectrum; how far a line stands above the noise around it, beyond the logarithm of
the number of rows; bins to both sides in which that noise is measured, at least; bins around the lines of a known
period in which no others are believed, since a season that grows widens them."""

_LEAKAGE = 2e-3
"""Part of the highest line's power below which nothing is a line: the side lobes of Hann's taper are lower."""

_LOW = 3
"""Harmonics of which one must be there: a period without them is put together from lines of something else."""

_FOLDED_ROWS, _RISK, _ECHO = 2000, 1e-3, 0.7
"""Where cycles are laid over each other: rows at most, false alarms among all periods, and the part of the
autocorrelation at a period that must show again at twice and three times the period."""

_FOLDED_CYCLES, _FOLDED_SHARE, _NESTED_CYCLES, _NESTED_SHARE = 4, 0.3, 3, 0.1
"""Fewest cycles and least share there, of a season alone and of one around a season that is known."""

_NEAR = 0.97
"""Part of the best share that a divisor of its period must explain to be preferred: multiples explain as much."""

_NESTED, _INNER_SHARE, _SAME = 4, 0.45, 0.8
"""How often a season must fit into a longer one, and which part of its share it must have, to be named as well;
and which part of what the shorter one leaves the longer one must explain to stay where another explains more."""


def repeated_periods(values: FloatArray) -> tuple[int, ...]:
    """Find up to two periods that a series repeats.

    The series is whitened by a first-order autoregression. A period counts by those lines of the spectrum at its
    harmonics that stand out of the noise around them, so that the broad hump of a decaying or chaotic oscillation
    is none (after Thomson 1982, *Spectrum estimation and harmonic analysis*). With few rows a rich pattern leaves
    no noise between its lines; there a period counts by the variance of its phase means (epoch folding; Davies
    1990, *An improved test for periodicity*) where the autocorrelation repeats with it.

    Parameters
    ----------
    values : ndarray, shape (time,)
        Without a trend.

    Returns
    -------
    tuple of int
        No, one or two periods in rows, ascending. A period that fits into another is named beside it only where
        it fits in often.
    """
    height = float(np.ptp(values))
    if len(values) < 2 * LEAST_CYCLES or height == 0:
        return ()
    values = values / height
    shares = _shares(values)
    first = _best(shares)
    if first is None:
        return ()
    if inner := _best(_divisors_only(shares, first)):
        outer = _around(_shares(without_cycle(values, inner), known=inner), first)
        return min(inner, outer), max(inner, outer)
    second = _best(_shares(without_cycle(values, first), known=first))
    if second is None:
        return (first,)
    if second % first == 0 and second < _NESTED * first:
        return (second,)
    return min(first, second), max(first, second)


def autocorrelation(values: FloatArray, longest: int) -> FloatArray:
    """Sample autocorrelations, by the fast Fourier transform.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The series.
    longest : int
        Longest lag.

    Returns
    -------
    ndarray, shape (longest + 1,)
        From lag 0 on, each unbiased by the number of its pairs, so that long seasons are not played down.
    """
    centred = values - values.mean()
    power = float(centred @ centred)
    if power == 0:
        return np.zeros(longest + 1)
    size = fft.next_fast_len(2 * len(centred), real=True)
    spectrum = fft.rfft(centred, size)
    raw = fft.irfft(spectrum * np.conj(spectrum), size)[: longest + 1]
    pairs = len(centred) - np.arange(len(raw))
    unbiased: FloatArray = raw / power * (len(centred) / pairs)
    return unbiased


def _shares(values: FloatArray, known: int | None = None) -> FloatArray:
    """By period: share of the whitened variance that it explains, zero where that is not shown."""
    whitened = _whitened(values)
    if np.ptp(whitened) == 0:
        return np.zeros(1)
    shares = _of_lines(whitened, known)
    if shares.any() or len(values) > _FOLDED_ROWS:
        return shares
    return _of_folds(whitened, known)


def _whitened(values: FloatArray) -> FloatArray:
    centred = values - values.mean()
    power = float(centred @ centred)
    slope = np.clip(float(centred[1:] @ centred[:-1]) / power, 0, 1) if power > 0 else 0.0
    rest = centred[1:] - slope * centred[:-1]
    whitened: FloatArray = rest - rest.mean()
    return whitened


def _of_lines(whitened: FloatArray, known: int | None) -> FloatArray:
    rows = len(whitened)
    size = fft.next_fast_len(_POINTS * rows, real=True)
    taper = np.hanning(rows + 2)[1:-1]
    power = np.abs(fft.rfft(whitened * taper, size)) ** 2
    lines = power > np.maximum((np.log(rows) + _ABOVE_NOISE) * _noise(power, size / rows), _LEAKAGE * power.max())
    shares = np.where(lines, 2 * power / taper.sum() ** 2 / np.mean(whitened**2), 0.0)
    shares[-1] /= 2 - size % 2  # the highest frequency of an even size has no partner
    slowest = int(LEAST_CYCLES * size / (rows + 1))
    while shares[slowest] > 0 and power[slowest] < power[slowest - 1]:  # the flank of a line that is too slow
        shares[slowest] = 0.0
        slowest += 1
    if known is not None:
        guard = _GUARD * size / rows
        for point in _harmonics(known, size):
            shares[max(0, int(point - guard)) : int(point + guard) + 1] = 0.0
    highest = int(shares.nonzero()[0].max(initial=0))
    found = np.zeros((rows + 1) // LEAST_CYCLES + 1)
    for period in range(2, len(found)):
        points = _harmonics(period, size)
        if shares[points[:_LOW]].any():
            found[period] = shares[points[: np.searchsorted(points, highest, side="right")]].sum()
    found[found < _LEAST_SHARE] = 0.0
    return found


def _harmonics(period: int, size: int) -> NDArray[np.intp]:
    """Grid points of the harmonics of a period, from the first on."""
    return np.minimum(np.round(np.arange(1, period // 2 + 1) * size / period), size // 2).astype(np.intp)


def _noise(power: FloatArray, points_per_bin: float) -> FloatArray:
    """Level of the noise around each frequency: the median of exponential draws, which lines hardly move."""
    half = int(max(_FEWEST_BINS, np.sqrt(len(power) / points_per_bin / 2)) * points_per_bin)
    edges = np.linspace(0, len(power), max(1, len(power) // half) + 1).astype(int)
    parts = [power[max(0, low - half // 2) : high + half // 2] for low, high in pairwise(edges)]
    medians = np.array([np.median(part) for part in parts]) / np.log(2)
    centres = (edges[:-1] + edges[1:]) / 2
    logarithms = np.interp(np.arange(len(power)), centres, np.log(np.maximum(medians, np.finfo(float).tiny)))
    level: FloatArray = np.exp(logarithms)
    return level


def _of_folds(whitened: FloatArray, known: int | None) -> FloatArray:
    """Beside a known season only its multiples, which need fewer cycles: it may be a part of a richer one."""
    rows = len(whitened)
    cycles, least = (_FOLDED_CYCLES, _FOLDED_SHARE) if known is None else (_NESTED_CYCLES, _NESTED_SHARE)
    longest = rows // cycles
    periods = range(2, longest + 1) if known is None else range(2 * known, longest + 1, known)
    taken = known or 1  # means that are gone already
    echoes = autocorrelation(whitened, min(rows - 1, 3 * longest))
    total = float(whitened @ whitened)
    found = np.zeros(longest + 1)
    for period in periods:
        phase = np.arange(rows) % period
        between = float((np.bincount(phase, weights=whitened) ** 2 / np.bincount(phase)).sum())
        within = (total - between) / (rows - period)
        ratio = between / (period - taken) / within if within > 0 else np.inf
        share = 1 - within / (total / (rows - taken))
        shown = special.fdtrc(period - taken, rows - period, ratio) * len(periods) < _RISK and share >= least
        again = [multiple * period for multiple in (2, 3) if (multiple + 1) * period <= rows + 1]
        if shown and echoes[again].mean() >= _ECHO * echoes[period]:
            found[period] = share
    return found


def _best(shares: FloatArray) -> int | None:
    """The period that explains most, or the shortest of which it is about a multiple and that explains as much."""
    if not shares.any():
        return None
    strongest = int(np.argmax(shares))
    divided = {round(strongest / factor) for factor in range(1, strongest // 2 + 1)}
    return min(period for period in divided if shares[period] >= _NEAR * shares[strongest])


def _divisors_only(shares: FloatArray, period: int) -> FloatArray:
    """Shares of the periods that fit often into a longer one and explain much of what it does."""
    lengths = np.arange(len(shares))
    inside = (lengths > 1) & (lengths * _NESTED <= period) & (period % np.maximum(lengths, 1) == 0)
    kept: FloatArray = np.where(inside & (shares >= _INNER_SHARE * shares[period]), shares, 0.0)
    return kept


def _around(rest: FloatArray, period: int) -> int:
    """The period itself, or the one whose lines it has gathered without being a multiple of the season inside."""
    other = _best(rest)
    if other is None or (period < len(rest) and rest[period] >= _SAME * rest[other] and 2 * other > period):
        return period
    return other


def explained(values: FloatArray, period: int) -> float:
    """Return the share of the variance that a cycle explains, less what it would of noise; 0 where it is less.

    Parameters
    ----------
    values : ndarray, shape (time,)
        Without a trend.
    period : int
        In rows.

    Returns
    -------
    float
        1 - variance within phases / variance, each by its degrees of freedom.
    """
    freedom = len(values) - period
    total = float(np.var(values)) * len(values) / (len(values) - 1)
    if freedom < 1 or total == 0:
        return 0.0
    within = float(np.sum(without_cycle(values, period) ** 2)) / freedom
    return max(0.0, 1 - within / total)


def without_cycle(values: FloatArray, period: int) -> FloatArray:
    """Subtract the mean of each phase of a cycle; shape as given."""
    phase = np.arange(len(values)) % period
    rest: FloatArray = values - (np.bincount(phase, weights=values) / np.bincount(phase))[phase]
    return rest
