"""Exponential smoothing: level, damped trend, additive seasons, all candidates in one pass; errors that go on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmsize.baselines.design import Lags
from lstmsize.baselines.forecasts import Forecasts, Task, within_noise
from lstmsize.baselines.ridge import Ridge, Scale, lag_sets, plainest
from lstmsize.metrics import losses
from lstmsize.series import FloatArray
from lstmsize.windows import lagged

_LEVEL = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
_TREND = ((0.0, 1.0), (0.02, 1.0), (0.1, 1.0), (0.1, 0.9), (0.3, 0.9))
_SEASON = (0.02, 0.1, 0.3)
_FIRST_ROWS, _LEAST_ERRORS = 8, 12
_BLOCK = 64
"""Rows that are smoothed together at most."""

_TOGETHER = len(_LEVEL) * len(_TREND)
"""Candidates of which the errors are held at a time; every grid is a multiple."""

_MOST_LAGS = 40
"""Earlier errors that a regression uses at most."""

_SURELY, _LEAST_ROWS = 1.0, 100
"""Standard errors by which the regression must lower the error, on so many rows: fewer are deceived by luck."""

Seasons = tuple[int, ...]


def exponential_smoothing(task: Task) -> Forecasts | None:
    """Forecast by the additive Holt-Winters family, parameters chosen on the latest rows from a grid.

    Hyndman, Koehler, Ord and Snyder 2008, *Forecasting with Exponential Smoothing*: ETS(A,A,N), also with the
    slope of the first rows kept, (A,Ad,N) and each with an additive season, in error-correction form; with two
    seasons and with a share of the last error added as in Taylor 2003, *Short-term electricity demand forecasting
    using double seasonal exponential smoothing*, or a regression on earlier errors as in De Livera, Hyndman and
    Snyder 2011, *Forecasting time series with complex seasonal patterns using exponential smoothing*, which takes
    the place of a seasonal ARMA model. The multiplicative forms are had through the logarithm.
    """
    fitting = [season for season in task.seasons if 3 * season <= task.fold.head_stop]
    families: list[Seasons] = [(), *((season,) for season in fitting), *([tuple(fitting)] if fitting[1:] else [])]
    grids = {family: _grid(family) for family in families}
    smoothing = _best(task, grids)
    if smoothing is None:
        return None
    forecasts, share, first = smoothing.forecasts, smoothing.error_share, smoothing.first
    found = _regressed(task, forecasts, smoothing.losses)
    if found is None and share is not None:
        train = slice(first, task.fold.train_stop)
        final = float(_error_shares(task.values, forecasts[:, None], train)[0])
        past = lagged(task.values - forecasts, 1)
        found = Forecasts(
            values=forecasts + final * past, detail={"error_lag": final}, from_head=forecasts + share * past
        )
    if found is None:
        found = Forecasts(values=forecasts, from_head=forecasts)
    return replace(found, detail=_detail(grids, smoothing.index) | found.detail)


@dataclass(frozen=True, kw_only=True)
class _Smoothing:
    """The best candidate.

    Parameters
    ----------
    index : int
        Which it is.
    forecasts : ndarray, shape (score_stop,)
        Its one-step forecasts.
    error_share : float or None
        Share of the last error to add, from the head; None where that does not pay.
    losses : ndarray, shape (rows,)
        Its losses on the rows of the choice, with the share where that pays.
    first : int
        First row that the starting values of no candidate know.
    """

    index: int
    forecasts: FloatArray
    error_share: float | None
    losses: FloatArray
    first: int


def _best(task: Task, grids: dict[Seasons, FloatArray]) -> _Smoothing | None:
    """Choose by the latest rows; None if no candidate stays finite. The forecasts of all go with this call."""
    forecasts = _smooth(task.values, grids)
    first = max(map(_known_from, grids))
    rows = task.choice_rows(first + 4)  # before that the start is felt
    past = slice(rows.start - 1, rows.stop - 1)
    with np.errstate(over="ignore", invalid="ignore"):
        share = _error_shares(task.values, forecasts, slice(first, task.fold.head_stop))
        before = task.values[past, None] - forecasts[past]
        each = [losses(task.values[rows, None], forecasts[rows] + lag * before, task.metric) for lag in (0, share)]
        means = np.array([loss.mean(axis=0) for loss in each])
    means = np.where(np.isfinite(means), means, np.inf)
    plain, corrected = (int(np.argmin(mean)) for mean in means)
    if not np.isfinite(means[0, plain]):
        return None
    goes_on = np.isfinite(means[1, corrected]) and not within_noise(each[0][:, plain], each[1][:, corrected])
    index = corrected if goes_on else plain
    return _Smoothing(
        index=index,
        forecasts=forecasts[:, index].copy(),
        error_share=float(share[index]) if goes_on else None,
        losses=each[int(goes_on)][:, index].copy(),
        first=first,
    )


def _regressed(task: Task, smoothed: FloatArray, known: FloatArray) -> Forecasts | None:
    """Add a regression on several earlier errors to a smoothing; None where it does not surely pay.

    Parameters
    ----------
    task : Task
        One fold.
    smoothed : ndarray, shape (score_stop,)
        One-step forecasts of a smoothing.
    known : ndarray, shape (rows,)
        Losses on the latest rows before the scored block that the regression has to lower.
    """
    if len(known) < _LEAST_ROWS:
        return None
    scale = Scale.of(task)
    base = scale.down(smoothed)
    errors = scale.down(task.values) - base
    sets = [lags for lags in lag_sets(task, int(np.argmax(np.isfinite(errors)))) if len(lags) <= _MOST_LAGS]
    lags = sorted({lag for members in sets for lag in members})
    if not lags:
        return None
    design = Lags(values=errors[: len(task.train)], lags=lags)
    ridge = Ridge(task=task, scale=scale, design=design, base=base)
    tried = [ridge.choose_penalty(np.searchsorted(lags, members).astype(np.intp)) for members in sets]
    found = [regression for regression in tried if regression is not None]
    position = plainest(found)
    if position is None or within_noise(known, found[position].losses, _SURELY):
        return None
    best = found[position]
    chosen = [lags[column] for column in best.chosen]
    own = Ridge(task=task, scale=scale, design=Lags(values=errors, lags=chosen), base=base)
    train, head = (own.forecast(best.penalty, stop) for stop in (task.fold.train_stop, task.fold.head_stop))
    detail = {"error_lags": chosen, "penalty": best.penalty}
    return Forecasts(values=train, detail=detail, from_head=head)


def _error_shares(values: FloatArray, forecasts: FloatArray, rows: slice) -> FloatArray:
    """Slopes of candidates' errors on the errors before them, shape (candidates,); some of them at a time."""
    parts = range(0, forecasts.shape[1], _TOGETHER)
    errors = (values[rows, None] - forecasts[rows, part : part + _TOGETHER] for part in parts)
    return np.concatenate([_error_share(each) for each in errors])


def _error_share(errors: FloatArray) -> FloatArray:
    """Least-squares slope of each candidate's errors on the errors before them, shape (candidates,)."""
    past = errors[:-1]
    power = np.einsum("ij,ij->j", past, past)
    if len(past) < _LEAST_ERRORS:
        return np.zeros(errors.shape[1])
    share = np.divide(np.einsum("ij,ij->j", past, errors[1:]), power, out=np.zeros_like(power), where=power > 0)
    clipped: FloatArray = np.clip(share, -1.0, 1.0)
    return clipped


def _grid(family: Seasons) -> FloatArray:
    """All candidates of a family, shape (candidates, 4): level, trend, damping, seasonal rate."""
    gammas = _SEASON if family else (0.0,)
    return np.array([(a, b * a, d, g) for a, (b, d), g in product(_LEVEL, _TREND, gammas)])


def _detail(grids: dict[Seasons, FloatArray], index: int) -> dict[str, Any]:
    for family, grid in grids.items():
        if index < len(grid):
            alpha, beta, damping, gamma = map(float, grid[index])
            detail: dict[str, Any] = {"alpha": alpha, "beta": beta, "damping": damping}
            return detail | ({"gamma": gamma, "seasons": list(family)} if family else {})
        index -= len(grid)
    raise IndexError(index)


def _smooth(values: FloatArray, grids: dict[Seasons, FloatArray]) -> FloatArray:
    """One-step forecasts of every candidate, shape (rows, candidates); the families follow in turn.

    In a block of rows no longer than the shortest season each step of a pattern comes once at most, so that
    patterns are added before the block and mended after it, for all its rows at once.
    """
    alpha, beta, damping, gamma = np.vstack(list(grids.values())).T
    stops = np.cumsum([len(grid) for grid in grids.values()])
    members = [slice(stop - len(grid), stop) for stop, grid in zip(stops, grids.values(), strict=True)]
    starts = [_start(values, family, len(grid)) for family, grid in grids.items()]
    level, slope = (np.concatenate([start[part] for start in starts]) for part in (0, 1))
    patterns = [
        (pattern, own, gamma[own]) for start, own in zip(starts, members, strict=True) for pattern in start[2]
    ]
    length = min([_BLOCK, *(len(pattern) for pattern, _, _ in patterns)])
    forecasts = np.zeros((len(values), len(alpha)))
    with np.errstate(over="ignore", invalid="ignore"):
        for begin in range(0, len(values), length):
            block = forecasts[begin : begin + length]
            errors = np.empty_like(block)
            rows = begin + np.arange(len(block))
            for pattern, own, _ in patterns:
                block[:, own] += pattern[rows % len(pattern)]
            for value, forecast, error in zip(values[rows], block, errors, strict=True):
                slope *= damping
                level += slope
                forecast += level
                np.subtract(value, forecast, out=error)
                level += alpha * error
                slope += beta * error
            for pattern, own, rate in patterns:
                pattern[rows % len(pattern)] += rate * errors[:, own]
    for family, own in zip(grids, members, strict=True):
        forecasts[: _known_from(family), own] = np.nan  # the start is taken from these rows
    return forecasts


def _known_from(family: Seasons) -> int:
    """First row that the starting values of a family do not know."""
    return 2 * max(family, default=_FIRST_ROWS // 2)


def _start(
    values: FloatArray, family: Seasons, count: int
) -> tuple[FloatArray, FloatArray, list[NDArray[np.float64]]]:
    """Starting level, slope and seasonal patterns, from two of the longest season (or the first rows)."""
    if not family:
        first = values[:_FIRST_ROWS]
        slope = (first[-1] - first[0]) / max(1, len(first) - 1)
        return np.full(count, values[0] - slope), np.full(count, slope), []
    longest = max(family)
    first, both = values[:longest], values[: 2 * longest]
    slope = (both[longest:].mean() - first.mean()) / longest
    level = first.mean() - slope * (longest + 1) / 2
    left = both - both.mean() - slope * (np.arange(2 * longest) - longest + 0.5)
    patterns = []
    for season in sorted(family):  # the short one first; a longer one takes what is left
        cycles = len(left) // season
        pattern = left[: cycles * season].reshape(cycles, season).mean(axis=0)
        left = left - np.resize(pattern, len(left))
        patterns.append(np.repeat(pattern[:, None], count, axis=1))
    return np.full(count, level), np.full(count, slope), patterns
