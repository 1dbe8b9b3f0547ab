"""How sure a mean or a gain is when neighbours in time resemble each other: blocks of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from lstmsize.config import Metric
from lstmsize.metrics import aggregate, error_of_means
from lstmsize.series import FloatArray

DRAWS = 1000
"""Resamples behind an interval."""

SIDE = 0.95
"""One-sided confidence of either end of an interval."""


def block_length(rows: int, seasons: tuple[int, ...]) -> int:
    """Return the length of resampled blocks: at least the longest season that leaves eight blocks.

    Parameters
    ----------
    rows : int
        Number of scored rows.
    seasons : tuple of int
        Periods in steps.

    Returns
    -------
    int
        At least twice the cube root of the rows (Politis and White 2004), at most a quarter of them.
    """
    least = max(1, round(2 * rows ** (1 / 3)))
    fitting = [season for season in seasons if season * 8 <= rows]
    most = rows // 4 if rows >= 8 else 1
    return int(max(1, min(max([least, *fitting]), most)))


def resampled_means(losses: FloatArray, block: int, draws: int, seed: int | list[int]) -> FloatArray:
    """Average resamples of rows in circular blocks, the same rows for every series.

    Politis and Romano 1992, *A circular block-resampling procedure for stationary data*.

    Parameters
    ----------
    losses : ndarray, shape (series, rows)
        None below zero, in time order.
    block : int
        Length of a block; the last one of a resample is cut to make it as long as the rows.
    draws : int
        Number of resamples.
    seed : int or list of int
        Seed of the draws.

    Returns
    -------
    ndarray, shape (series, draws)
        Means of the resamples.
    """
    series, rows = losses.shape
    whole, rest = divmod(rows, block)
    starts = np.random.default_rng(seed).integers(0, rows, (draws, whole + (rest > 0)))
    around = np.concatenate([np.zeros((series, 1)), losses, losses[:, :block]], axis=1).cumsum(axis=1)
    sums = around[:, block:] - around[:, : rows + 1]  # of the block that starts at each row
    totals = sums[:, starts[:, :whole]].sum(axis=2)
    if rest:
        totals += (around[:, rest : rest + rows] - around[:, :rows])[:, starts[:, whole]]
    means: FloatArray = np.maximum(totals, 0.0) / rows  # differences of sums may round to below nothing
    return means


def block_means(values: FloatArray, block: int) -> FloatArray:
    """Average over consecutive blocks, the short rest at the end merged into the last one.

    Parameters
    ----------
    values : ndarray, shape (rows,)
        One value per row in time order.
    block : int
        Rows per block.

    Returns
    -------
    ndarray, shape (blocks,)
        Means of the blocks.
    """
    count = max(1, len(values) // block)
    edges = np.arange(count) * block
    means: FloatArray = np.add.reduceat(values, edges) / np.diff(np.append(edges, len(values)))
    return means


def mean_stderr(values: FloatArray, block: int) -> float | None:
    """Standard error of a mean by the method of batch means; None for fewer than two blocks."""
    means = block_means(values, block)
    if len(means) < 2:
        return None
    return float(np.std(means, ddof=1) / np.sqrt(len(means)))


def error_stderr(loss: FloatArray, metric: Metric, block: int) -> float | None:
    """Standard error of `aggregate`, by the delta method for the root; None for fewer than two blocks."""
    spread = mean_stderr(loss, block)
    if spread is None or metric == "mae":
        return spread
    root = aggregate(loss, metric)
    return spread / (2 * root) if root > 0 else 0.0


@dataclass(frozen=True, kw_only=True)
class Gain:
    """How much lower a model's error is than another's, as a fraction of the other's.

    Parameters
    ----------
    gain : float
        1 - error of the model / error of the other.
    low, high : float
        One-sided 95 % bounds each.
    p_value : float
        Share of resamples without a gain, one more counted as such than there were; one-sided.
    """

    gain: float
    low: float
    high: float
    p_value: float


def gain_interval(
    model: Sequence[FloatArray],
    other: Sequence[FloatArray],
    metric: Metric,
    seasons: tuple[int, ...],
    seed: int,
    *,
    floor: float = 0.0,
) -> Gain:
    """Estimate the gain of a model, with its interval from blocks in time crossed with the model's seeds.

    Parameters
    ----------
    model : sequence of ndarray, each of shape (seeds, rows)
        Losses on each block of rows; a model without seeds has one.
    other : sequence of ndarray, each of shape (rows,)
        Losses of the model that it is compared with on the same rows.
    metric : {'rmse', 'mae'}
        How losses become an error.
    seasons : tuple of int
        Periods in steps; blocks are at least one season long where the rows allow.
    seed : int
        Seed of the resampling.
    floor : float
        Errors on a block count as at least this, so that no model gains on one that forecasts it perfectly.

    Returns
    -------
    Gain
        The gain is the mean of the blocks' gains, so that growing variance lets no block rule; the error of
        several seeds comes from the mean of their losses, never from an averaged forecast. Resamples of few blocks
        or seeds lie too close together, so they are spread as in Hesterberg 2015, *What teachers should know about
        the bootstrap* (the expanded percentile interval).
    """
    point = np.mean([gain_of(m.mean(axis=0), o, metric, floor) for m, o in zip(model, other, strict=True)])
    drawn = np.zeros(DRAWS)
    for number, (losses, against) in enumerate(zip(model, other, strict=True)):
        drawn += _resampled_gains(losses, against, metric, seasons, [seed, number], floor)
    blocks = sum(len(against) // block_length(len(against), seasons) for against in other)
    drawn = np.minimum(point + _narrowness(blocks) * (drawn / len(model) - point), 1.0)
    low, high = np.quantile(drawn, (1 - SIDE, SIDE))
    return Gain(
        gain=float(point),
        low=float(low),
        high=float(high),
        p_value=float((np.sum(drawn <= 0) + 1) / (DRAWS + 1)),
    )


def _narrowness(count: int) -> float:
    """By how much resamples of so many blocks or seeds lie closer together than means of new ones do."""
    freedom = max(1, count - 1)
    return float(special.stdtrit(freedom, SIDE) / special.ndtri(SIDE) * np.sqrt((freedom + 1) / freedom))


def _resampled_gains(
    losses: FloatArray,
    against: FloatArray,
    metric: Metric,
    seasons: tuple[int, ...],
    seed: list[int],
    floor: float,
) -> FloatArray:
    seeds, rows = losses.shape
    drawn = resampled_means(np.vstack([losses, against]), block_length(rows, seasons), DRAWS, seed)
    generator = np.random.default_rng([*seed, 1])  # apart from the draws of the blocks
    picked = generator.integers(0, seeds, (DRAWS, seeds))
    of_seeds = losses.mean(axis=1)
    moved = of_seeds[picked].mean(axis=1) - of_seeds.mean()
    model = drawn[:-1].mean(axis=0) + _narrowness(seeds) * _own_spread(of_seeds, drawn[:-1]) * moved
    return _gains(np.maximum(model, 0.0), drawn[-1], metric, floor)


def _own_spread(of_seeds: FloatArray, drawn: FloatArray) -> float:
    """Share of the spread between seeds that is theirs, and not that of the rows, which is resampled already.

    Resampling seeds and rows crosswise counts it twice: Owen 2007, *The pigeonhole bootstrap*.
    """
    between = float(np.var(of_seeds, ddof=1)) if len(of_seeds) > 1 else 0.0
    if between == 0:
        return 0.0
    of_rows = float(np.mean(np.var(drawn - drawn.mean(axis=0), axis=1))) * len(of_seeds) / (len(of_seeds) - 1)
    return float(np.sqrt(max(0.0, 1 - of_rows / between)))


def gain_of(losses: FloatArray, against: FloatArray, metric: Metric, floor: float = 0.0) -> float:
    """Return 1 - error / reference error, both at least the floor; 0 where both make no error."""
    return float(_gains(np.mean(losses), np.mean(against), metric, floor))


def _gains(model: ArrayLike, other: ArrayLike, metric: Metric, floor: float) -> FloatArray:
    error, reference = (np.maximum(error_of_means(means, metric), floor) for means in (model, other))
    nothing = reference == 0
    gains = 1.0 - error / np.where(nothing, 1.0, reference)
    return np.where(nothing, np.where(error == 0, 0.0, -1.0), gains)
