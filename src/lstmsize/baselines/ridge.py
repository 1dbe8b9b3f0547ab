"""Ridge regression over many subsets of the same columns, from one matrix of cross products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from lstmsize.baselines.design import Design
from lstmsize.baselines.forecasts import TAIL_ROWS, Task, within_noise
from lstmsize.metrics import losses, spread_of
from lstmsize.series import FloatArray

PENALTIES = (1e-8, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Penalties per row that are tried, on columns of about unit variance."""

MOST_COLUMNS_PER_ROW = 0.4
"""Columns at most, as a fraction of the rows of the head; the penalty does the rest."""

MOST_BLOCKS, LEAST_ROWS = 6, 24
"""Blocks at most, and rows that the first block is forecast from."""

_RECENT, _MOST_LAGS = (1, 2, 3, 4, 6, 8, 12, 24, 36, 72), 1000


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Centre and spread of the head, by which a series is standardised."""

    centre: float
    spread: float

    @classmethod
    def of(cls, task: Task) -> Scale:
        """Measure the head of a task."""
        return cls(centre=float(task.head.mean()), spread=spread_of(task.head))

    def down(self, values: FloatArray) -> FloatArray:
        """Standardise."""
        return (values - self.centre) / self.spread

    def up(self, values: FloatArray) -> FloatArray:
        """Undo `down`."""
        return values * self.spread + self.centre


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One candidate on the latest rows.

    Parameters
    ----------
    chosen : ndarray of int
        Its columns.
    penalty : float
        Its best penalty.
    losses : ndarray, shape (rows,)
        Its losses on the latest rows, of up to six fits, each on what comes before its rows.
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
        Its position; None if no candidate has a finite loss.
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
    """A task's regression problem: its columns, and what they shall explain beyond a base forecast.

    Parameters
    ----------
    task : Task
        One fold.
    scale : Scale
        How target and base are standardised.
    design : Design
        Regressors of the training part at least, of which all choices and fits are made.
    base : ndarray, shape (score_stop,)
        A forecast, standardised, that the regression is added to; zeros for none.
    """

    task: Task
    scale: Scale
    design: Design
    base: FloatArray
    _moments: dict[int, FloatArray] = field(default_factory=dict)

    @cached_property
    def target(self) -> FloatArray:
        """What is to be explained, standardised."""
        return self.scale.down(self.task.values) - self.base

    @cached_property
    def start(self) -> int:
        """First row that is learnt from."""
        return max(self.design.first, int(np.argmax(np.isfinite(self.base))))

    @staticmethod
    def sum_up(ridges: Sequence[Ridge]) -> None:
        """Sum up what regressions on one design choose penalties by: in one pass, not in one for each base."""
        stops = [ridge.blocks() for ridge in ridges]
        for stop in {stop for each in stops for stop in each}:
            asked = [ridge for ridge, each in zip(ridges, stops, strict=True) if stop in each]
            found = asked[0].design.moments([(ridge.target, ridge.start) for ridge in asked], stop)
            for ridge, moments in zip(asked, found, strict=True):
                ridge._moments[stop] = moments

    def choose_penalty(self, chosen: NDArray[np.intp], most: float = np.inf) -> Tried | None:
        """Return the penalty of at most so much with the least error on the tail; None if the head is too short.

        A short tail says little: blocks of the same length before it, each forecast from the rows before the
        block, are added until `TAIL_ROWS` are reached.
        """
        if self.task.fold.head_stop - self.start < max(4, 0.5 * len(chosen)):
            return None
        allowed = PENALTIES[:1] + tuple(penalty for penalty in PENALTIES[1:] if penalty <= most)
        loss = np.concatenate([self._losses(chosen, stop, allowed) for stop in self.blocks()])
        means = loss.mean(axis=0)
        index = int(np.argmin(np.where(np.isfinite(means), means, np.inf)))
        # Not a view, which would keep the losses of all penalties.
        return Tried(chosen=chosen, penalty=allowed[index], losses=loss[:, index].copy())

    def blocks(self) -> list[int]:
        """First rows of the blocks by which a choice is made, the tail's last; each is as long as the tail."""
        tail, head = self.task.tail, self.task.fold.head_stop
        length = tail.stop - tail.start
        spare = max(0, (head - self.start - LEAST_ROWS) // length)
        count = 1 + min(spare, -(-TAIL_ROWS // length) - 1, MOST_BLOCKS - 1)
        return [head - back * length for back in range(count - 1, -1, -1)]

    def block(self, stop: int) -> slice:
        """Rows of the block from `stop` on, as many as the tail has."""
        return slice(stop, stop + self.task.fold.train_stop - self.task.fold.head_stop)

    def _losses(self, chosen: NDArray[np.intp], stop: int, penalties: tuple[float, ...]) -> FloatArray:
        """Losses on the block from `stop` on with coefficients from the rows before, shape (rows, penalties)."""
        coefficients = self._fit(chosen, stop, penalties)
        rows = self.block(stop)
        columns = self.design.columns(rows.start, rows.stop, chosen)
        scaled = columns @ coefficients[:-1] + coefficients[-1] + self.base[rows, None]
        return losses(self.task.values[rows, None], self.scale.up(scaled), self.task.metric)

    def forecast(self, penalty: float, stop: int) -> FloatArray:
        """Fit a design of all rows on those before `stop`; return one-step forecasts in the target's units."""
        return self.scale.up(self.design.times(self.coefficients(penalty, stop)) + self.base)

    def coefficients(self, penalty: float, stop: int) -> FloatArray:
        """Fit all columns on the rows before `stop`; return slopes and, last, the intercept."""
        return self._fit(np.arange(self.design.shape[1]), stop, (penalty,))[:, 0]

    def _fit(self, chosen: NDArray[np.intp], stop: int, penalties: tuple[float, ...]) -> FloatArray:
        """Slopes and, last, the intercept for each penalty, shape (columns + 1, penalties)."""
        rows = stop - self.start
        gram, moments = self.design.gram(self.start, stop), self._moments_to(stop)
        means, mean = gram[-1, chosen] / rows, moments[-1] / rows
        centred = gram[np.ix_(chosen, chosen)] / rows - np.outer(means, means)
        moment = moments[chosen] / rows - means * mean
        slopes = np.empty((len(chosen), len(penalties)))
        variances = np.diag(centred).copy()
        for position, penalty in enumerate(penalties):
            np.fill_diagonal(centred, variances + penalty)
            _, found, failed = lapack.dposv(centred, moment)
            slopes[:, position] = np.nan if failed else found
        return np.vstack([slopes, mean - means @ slopes])

    def _moments_to(self, stop: int) -> FloatArray:
        """Cross products of the columns, and of a constant, with the target on the rows before `stop`."""
        if stop not in self._moments:
            (self._moments[stop],) = self.design.moments([(self.target, self.start)], stop)
        return self._moments[stop]


def lag_sets(task: Task, reach: int) -> list[list[int]]:
    """List sets of lags from few to many: recent ones, those around the seasons, all to one season.

    Parameters
    ----------
    task : Task
        One fold.
    reach : int
        First row that is known of what is lagged.

    Returns
    -------
    list of list of int
        Those that the rows of the head allow.
    """
    head, seasons = task.fold.head_stop - reach, task.seasons
    recent = [list(range(1, count + 1)) for count in _RECENT]
    sets = {tuple(members): None for members in recent}
    for members in recent if seasons else []:
        for multiples, width in (((1,), 1), ((1, 2), 2)):
            near = {m * s + k for s in seasons for m in multiples for k in range(-width, width + 1)}
            sets[tuple(sorted({*members, *(lag for lag in near if lag > 0)}))] = None
    sets |= {tuple(range(1, season + 2)): None for season in seasons}
    return [
        list(members)
        for members in sorted(sets, key=len)
        if len(members) <= min(_MOST_LAGS, max(1, MOST_COLUMNS_PER_ROW * (head - members[-1])))
        and 3 * members[-1] <= 2 * head
    ]
