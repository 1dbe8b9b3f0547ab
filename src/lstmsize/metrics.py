"""Errors of forecasts, and how sure they are when neighbours in time resemble each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lstmsize.config import Metric
from lstmsize.series import FloatArray


def losses(actual: FloatArray, forecast: FloatArray, metric: Metric) -> FloatArray:
    """Return the loss of each forecast: its square for ``rmse``, its size for ``mae``; shape as given."""
    error = actual - forecast
    return error * error if metric == "rmse" else np.abs(error)


def aggregate(loss: FloatArray, metric: Metric) -> float:
    """Turn the losses of many forecasts into one error in the units of the target."""
    mean = float(np.mean(loss))
    return float(np.sqrt(mean)) if metric == "rmse" else mean


def mase_scale(train: FloatArray) -> float | None:
    """Return the mean absolute one-step change of the training rows, MASE's denominator.

    Hyndman and Koehler 2006, *Another look at measures of forecast accuracy*; None where nothing changes.
    """
    scale = float(np.mean(np.abs(np.diff(train))))
    return scale if scale > 0 else None


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
        Not below the cube root of the rows (Politis and White 2004), not above an eighth of them.
    """
    least = max(1, round(2 * rows ** (1 / 3)))
    fitting = [season for season in seasons if season * 8 <= rows]
    return max(1, min(max([least, *fitting]), rows // 4 if rows >= 8 else 1))


def block_bootstrap(rows: int, block: int, draws: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Draw resamples of rows in circular blocks.

    Politis and Romano 1992, *A circular block-resampling procedure for stationary data*.

    Parameters
    ----------
    rows : int
        Rows to draw from, and in each draw.
    block : int
        Length of a block.
    draws : int
        Number of resamples.
    seed : int
        Seed of the draws.

    Yields
    ------
    ndarray of int, shape (rows,)
        Row numbers.
    """
    generator = np.random.default_rng(seed)
    count = -(-rows // block)
    offsets = np.arange(block)
    for _ in range(draws):
        starts = generator.integers(0, rows, count)
        yield ((starts[:, None] + offsets) % rows).ravel()[:rows]


def block_means(values: FloatArray, block: int) -> FloatArray:
    """Average over consecutive blocks, the short rest at the end merged into the last one.

    Parameters
    ----------
    values : ndarray, shape (rows,) or (rows, columns)
        One value per row in time order.
    block : int
        Rows per block.

    Returns
    -------
    ndarray, shape (blocks,) or (blocks, columns)
        Means of the blocks.
    """
    count = max(1, len(values) // block)
    edges = np.arange(count) * block
    sums = np.add.reduceat(values, edges, axis=0)
    sizes = np.diff(np.append(edges, len(values)))
    means: FloatArray = sums / (sizes if values.ndim == 1 else sizes[:, None])
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
