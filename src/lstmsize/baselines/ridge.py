"""Ridge regression over many subsets of the same columns, from one matrix of cross products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from lstmsize.baselines.forecasts import TAIL_ROWS, Task, within_noise
from lstmsize.metrics import losses
from lstmsize.series import FloatArray

PENALTIES = (1e-8, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Penalties per row that are tried, on columns of about unit variance."""

MOST_COLUMNS_PER_ROW = 0.4
"""Columns at most, as a fraction of the rows of the head; the penalty does the rest."""

MOST_BLOCKS, LEAST_ROWS = 6, 24
"""Blocks at most, and rows that the first block is forecast from."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Centre and spread of the head, by which a series is standardised."""

    centre: float
    spread: float

    @classmethod
    def of(cls, task: Task) -> Scale:
        """Measure the head of a task."""
        return cls(centre=float(task.head.mean()), spread=float(task.head.std()) or 1.0)

    def down(self, values: FloatArray) -> FloatArray:
        """Standardise."""
        return (values - self.centre) / self.spread

    def up(self, values: FloatArray) -> FloatArray:
        """Undo `down`."""
        return values * self.spread + self.centre


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One candidate on the tail.

    Parameters
    ----------
    chosen : ndarray of int
        Its columns.
    penalty : float
        Its best penalty.
    losses : ndarray, shape (tail,)
        Its losses.
    """

    chosen: NDArray[np.intp]
    penalty: float
    losses: FloatArray


def plainest(candidates: Sequence[Tried]) -> int | None:
    """Choose the first candidate that is not credibly worse than the best one.

    Parameters
    ----------
    candidates : sequence of Tried
        Plain ones first.

    Returns
    -------
    int or None
        Its position; None if there are no candidates.
    """
    shortest = min((len(tried.losses) for tried in candidates), default=0)
    aligned = [tried.losses[len(tried.losses) - shortest :] for tried in candidates]
    means = [float(loss.mean()) if shortest else np.inf for loss in aligned]
    finite = [position for position, mean in enumerate(means) if np.isfinite(mean)]
    if not finite:
        return None
    best = min(finite, key=lambda position: means[position])
    for position in finite:
        if within_noise(aligned[position], aligned[best]):
            return position
    return best


@dataclass(frozen=True, kw_only=True)
class Ridge:
    """A task's regression problem: columns for all rows, and what they shall explain beyond a base forecast.

    Parameters
    ----------
    task : Task
        One fold.
    scale : Scale
        How target and base are standardised.
    columns : ndarray, shape (score_stop, columns)
        Regressors of each row, known before it; NaN where the past is too short.
    base : ndarray, shape (score_stop,)
        A forecast, standardised, that the regression is added to; zeros for none.
    """

    task: Task
    scale: Scale
    columns: FloatArray
    base: FloatArray
    _products: dict[int, FloatArray] = field(default_factory=dict)

    @cached_property
    def target(self) -> FloatArray:
        """What is to be explained, standardised."""
        return self.scale.down(self.task.values) - self.base

    @cached_property
    def start(self) -> int:
        """First row that is learnt from."""
        known = np.isfinite(self.columns).all(axis=1) & np.isfinite(self.base)
        return int(np.argmax(known))

    def choose_penalty(self, chosen: NDArray[np.intp], most: float = np.inf) -> Tried | None:
        """Return the penalty of at most so much with the least error on the tail; None if the head is too short.

        A short tail says little: blocks of the same length before it, each forecast from the rows before the
        block, are added until `TAIL_ROWS` are reached.
        """
        if self.task.fold.head_stop - self.start < max(4, 0.5 * len(chosen)):
            return None
        loss = np.concatenate([self._losses(chosen, stop) for stop in self.blocks()])
        allowed = 1 + sum(penalty <= most for penalty in PENALTIES[1:])
        index = int(np.argmin(loss.mean(axis=0)[:allowed]))
        return Tried(chosen=chosen, penalty=PENALTIES[index], losses=loss[:, index])

    def blocks(self) -> list[int]:
        """First rows of the blocks by which a choice is made, the tail's last; each is as long as the tail."""
        tail, head = self.task.tail, self.task.fold.head_stop
        length = tail.stop - tail.start
        spare = max(0, (head - self.start - LEAST_ROWS) // length)
        count = 1 + min(spare, -(-TAIL_ROWS // length) - 1, MOST_BLOCKS - 1)
        return [head - back * length for back in range(count - 1, -1, -1)]

    def _losses(self, chosen: NDArray[np.intp], stop: int) -> FloatArray:
        """Losses on the block from `stop` on with coefficients from the rows before, shape (rows, penalties)."""
        coefficients = self._fit(chosen, stop, PENALTIES)
        rows = slice(stop, stop + self.task.fold.train_stop - self.task.fold.head_stop)
        scaled = self.columns[rows][:, chosen] @ coefficients[:-1] + coefficients[-1] + self.base[rows, None]
        return losses(self.task.values[rows, None], self.scale.up(scaled), self.task.metric)

    def forecast(self, chosen: NDArray[np.intp], penalty: float, stop: int) -> FloatArray:
        """Fit on the rows before `stop`; return one-step forecasts of all rows in the target's units."""
        coefficients = self._fit(chosen, stop, (penalty,))[:, 0]
        return self.scale.up(self.columns[:, chosen] @ coefficients[:-1] + coefficients[-1] + self.base)

    def _fit(self, chosen: NDArray[np.intp], stop: int, penalties: tuple[float, ...]) -> FloatArray:
        """Slopes and, last, the intercept for each penalty, shape (columns + 1, penalties)."""
        rows = stop - self.start
        products = self._cross_products(stop)
        keep = np.append(chosen, products.shape[0] - 1)  # the last column holds the target,
        means = products[-2, keep] / rows  # the last but one is constant
        centred = products[np.ix_(keep, keep)] / rows - np.outer(means, means)
        spectrum, vectors = linalg.eigh(centred[:-1, :-1], driver="evd", check_finite=False)
        rotated = vectors.T @ centred[:-1, -1]
        slopes = vectors @ (rotated[:, None] / (np.maximum(spectrum, 0.0)[:, None] + np.array(penalties)))
        return np.vstack([slopes, means[-1] - means[:-1] @ slopes])

    def _cross_products(self, stop: int) -> FloatArray:
        if stop not in self._products:
            rows = slice(self.start, stop)
            block = np.column_stack([self.columns[rows], np.ones(stop - self.start), self.target[rows]])
            self._products[stop] = block.T @ block
        return self._products[stop]
