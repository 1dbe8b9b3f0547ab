"""Paired comparisons of sizes: how much worse one is than another, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy import special

from lstmsize.confidence_set import confidence_p_values
from lstmsize.replicates import LossTable, fold_of
from lstmsize.series import FloatArray
from lstmsize.space import Cell

CONFIDENCE = 0.90
"""One-sided confidence of the statement about the chosen size, and of the set of equivalent ones."""

DROP_RISK = 0.01
"""Part of the risk that is spent on giving sizes up before the end; the bounds are taken with what remains."""

ROUND = 2
"""Replicates of a size from one look at it to the next, after one on each fold."""

_PRIOR_WEIGHT = 4.0
"""Degrees of freedom that the spread of all sizes lends to the spread of one pair."""

_LEAST_SHARE = 0.1
"""Least variance of a size's mean as a fraction of the sizes' mean one: of few replicates a small one is luck."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Excess of one size's error over another's, as a fraction of the other's.

    Parameters
    ----------
    logarithm : float
        Mean logarithm of the ratio of the errors over the replicates that both have.
    stderr : float
        Of that, from seeds and folds, and from blocks of time.
    freedom : float
        Degrees of freedom of the spread.
    """

    logarithm: float
    stderr: float
    freedom: float

    @property
    def mean(self) -> float:
        """The excess that was observed."""
        return float(np.expm1(self.logarithm))

    def upper(self, confidence: float) -> float:
        """One-sided upper bound."""
        return float(np.expm1(self.logarithm + special.stdtrit(self.freedom, confidence) * self.stderr))

    def lower(self, confidence: float) -> float:
        """One-sided lower bound."""
        return float(np.expm1(self.logarithm - special.stdtrit(self.freedom, confidence) * self.stderr))

    @property
    def sureness(self) -> float:
        """One-sided confidence that there is an excess at all."""
        if self.stderr == 0:
            return 0.5 + 0.5 * float(np.sign(self.logarithm))
        return float(special.stdtr(self.freedom, self.logarithm / self.stderr))


class Comparison:
    """Paired comparisons of all sizes in a table.

    All are of logarithms of losses: one size's error is so many per cent above another's on a fold where both gain
    little and on one where both gain much. Differences are paired by replicate (same fold, seed and order of
    minibatches). Their spread is that of the pair, steadied by the residual spread of all sizes after size and
    replicate are taken out, as in Smyth 2004, *Linear models and empirical Bayes methods*; the noise of the scored
    windows, which more seeds do not lower, is added from blocks in time.

    Parameters
    ----------
    table : LossTable
        Losses by size and replicate.
    folds : int
        Number of folds.

    Attributes
    ----------
    freedom : float
        Degrees of freedom of the noise of a training; below 1 where nothing is known of it.
    """

    def __init__(self, table: LossTable, folds: int) -> None:
        self.table = table
        self.folds = folds
        self._logs = np.log(table.losses)
        self._blocks = {key: blocks / self._on_fold(*key) for key, blocks in table.blocks.items()}
        self._variance, self.freedom = _residual_variance(self._logs)

    def effects(self, cells: list[Cell]) -> FloatArray:
        """Mean logarithms of losses, allowing for missing replicates; shape (cells,).

        Of the level that the sizes share all folds count alike; of what sets a size apart all its replicates do.
        """
        found: FloatArray = self._effects[[self.table.cells.index(cell) for cell in cells]]
        return found

    @cached_property
    def _effects(self) -> FloatArray:
        logs = self._logs
        rows, used = _row_effects(logs), np.isfinite(logs).any(axis=0)
        common = np.nanmean(logs[:, used] - rows[:, None], axis=0)
        fold = np.flatnonzero(used) % self.folds
        level = np.mean([common[fold == one].mean() for one in np.unique(fold)])
        found: FloatArray = rows + level
        return found

    def gains(self, cell: Cell) -> FloatArray:
        """Mean gain of a size over the best baseline on each fold that it was trained on, shape (folds,)."""
        trained = fold_of(np.flatnonzero(np.isfinite(self.table.row(cell))), self.folds)
        return np.array([1 - self._on_fold(cell, fold) for fold in np.unique(trained)])

    def _on_fold(self, cell: Cell, fold: int) -> float:
        """Mean loss of a size on a fold."""
        losses = self.table.row(cell)
        there = fold_of(np.arange(len(losses)), self.folds) == fold
        return float(np.nanmean(losses[there]))

    def paired_excess(self, cell: Cell, other: Cell) -> float | None:
        """Excess of a size's error over another's on the replicates that both have; None if there is none."""
        pair = self._paired_logs(cell, other)
        return float(np.expm1(pair.mean())) if len(pair) else None

    @cached_property
    def best(self) -> Cell:
        """The best of all sizes; see `best_of`."""
        return self.best_of(self.table.cells)

    def best_of(self, cells: list[Cell]) -> Cell:
        """Return the size with the lowest mean loss, allowing for missing replicates; the smaller in a tie."""
        adjusted = np.round(self.effects(cells), 6)
        return cells[int(np.argmin(adjusted))]

    def difference(self, cell: Cell, other: Cell) -> Difference | None:
        """Compare two sizes; None if they share no replicate or nothing is known of the spread."""
        paired = self._paired(cell, other)
        if paired is None:
            return None
        mean, variance, freedom = paired
        spread = np.sqrt(variance + self._window_variance(cell, other))
        return Difference(logarithm=mean, stderr=float(spread), freedom=freedom)

    def _paired(self, cell: Cell, other: Cell) -> tuple[float, float, float] | None:
        """Mean difference, its variance that comes from seeds and folds, and the degrees of freedom of that.

        None if the two share no replicate or nothing is known of the spread.
        """
        pair = self._paired_logs(cell, other)
        own = max(0, len(pair) - 1)
        lent = float(np.clip(self.freedom - own, 0, _PRIOR_WEIGHT))  # what the other sizes know beyond the pair
        freedom = lent + own
        if len(pair) == 0 or freedom < 1:
            return None
        prior = lent * 2 * self._variance
        variance = (prior + float(((pair - pair.mean()) ** 2).sum())) / freedom
        return float(pair.mean()), variance / len(pair), freedom

    def _paired_logs(self, cell: Cell, other: Cell) -> FloatArray:
        """Logarithms of the ratios of two sizes' losses on the replicates that both have."""
        one, two = (self._logs[self.table.cells.index(each)] for each in (cell, other))
        ratios: FloatArray = (one - two)[np.isfinite(one) & np.isfinite(two)]
        return ratios

    def p_values(self, cells: list[Cell]) -> dict[Cell, float]:
        """P-values of some sizes in their model confidence set; 1 where nothing is known of the spread."""
        if self.freedom < 1:
            return dict.fromkeys(cells, 1.0)
        variances, freedom = self.seed_noise(cells)
        covariance = np.diag(variances) + self.window_covariance(cells)
        found = confidence_p_values(self.effects(cells), covariance, freedom)
        return dict(zip(cells, found.tolist(), strict=True))

    def seed_noise(self, cells: list[Cell]) -> tuple[FloatArray, float]:
        """Variance of each size's mean from seeds and folds, and the fewest degrees of freedom of a pair.

        The variances whose sums come closest to those of the pairs: some sizes are trained far less evenly than
        others, and would otherwise lend them their spread.
        """
        pooled = np.array([self._variance / self.table.count(cell) for cell in cells])
        if len(cells) < 2:
            return pooled, self.freedom
        pairs, freedoms = pooled[:, None] + pooled, [self.freedom]
        for (i, one), (j, other) in combinations(enumerate(cells), 2):
            if (paired := self._paired(one, other)) is not None:
                _, pairs[i, j], freedom = paired
                pairs[j, i] = pairs[i, j]
                freedoms.append(freedom)
        np.fill_diagonal(pairs, 0.0)
        sums = pairs.sum(axis=1)
        if len(cells) == 2:
            return sums / 2, min(freedoms)
        found = (sums - sums.sum() / 2 / (len(cells) - 1)) / (len(cells) - 2)
        return np.maximum(found, _LEAST_SHARE * found.mean()), min(freedoms)

    def window_covariance(self, cells: list[Cell]) -> FloatArray:
        """Covariance of the means that comes from which windows happen to be scored, folds being apart.

        What the sizes on most folds share is taken out, because it tells none of them apart.
        """
        folds = {cell: [fold for fold in range(self.folds) if (cell, fold) in self._blocks] for cell in cells}
        most = max(map(len, folds.values()))
        covariance = np.zeros((len(cells), len(cells)))
        for fold in range(self.folds):
            rows = [row for row, cell in enumerate(cells) if fold in folds[cell]]
            usual = [cells[row] for row in rows if len(folds[cells[row]]) == most]
            if not usual or self._blocks[usual[0], fold].size < 2:
                continue
            shared = np.mean([self._blocks[cell, fold] for cell in usual], axis=0)
            apart = np.array([self._blocks[cells[row], fold] - shared for row in rows])
            times = np.array([len(folds[cells[row]]) for row in rows])
            spread = np.cov(apart).reshape(len(rows), len(rows)) / len(shared) / np.outer(times, times)
            covariance[np.ix_(rows, rows)] += spread
        return covariance

    def _window_variance(self, cell: Cell, other: Cell) -> float:
        """Variance of the mean difference that comes from which windows happen to be scored."""
        variances = []
        for fold in range(self.folds):
            one, two = self._blocks.get((cell, fold)), self._blocks.get((other, fold))
            if one is None or two is None or len(one) < 2:
                continue
            variances.append(float(np.var(one - two, ddof=1)) / len(one))
        return sum(variances) / len(variances) ** 2 if variances else 0.0


def clearly_worse(comparison: Comparison, cell: Cell, other: Cell, margin: float, confidence: float) -> bool:
    """Say whether a size's excess over another is above a margin with a given one-sided confidence."""
    difference = comparison.difference(cell, other)
    return difference is not None and difference.lower(confidence) > margin


def _row_effects(logs: FloatArray) -> FloatArray:
    """Size effects of the additive model log loss = size + replicate, where some are missing."""
    columns = np.zeros(logs.shape[1])
    known = np.isfinite(logs)
    counts = np.maximum(known.sum(axis=0), 1)
    rows = np.zeros(logs.shape[0])
    for _ in range(50):
        rows = np.nanmean(logs - columns, axis=1)
        columns = np.where(known, logs - rows[:, None], 0.0).sum(axis=0) / counts
        columns -= columns[known.any(axis=0)].mean()
    effects: FloatArray = rows
    return effects


def _residual_variance(logs: FloatArray) -> tuple[float, float]:
    """Residual variance of the additive model and its degrees of freedom."""
    known = np.isfinite(logs)
    used = known.any(axis=0)
    freedom = float(known.sum() - logs.shape[0] - used.sum() + 1)
    if logs.shape[0] < 2 or freedom < 1:
        return 0.0, 0.0
    rows = _row_effects(logs)
    columns = np.nanmean(logs[:, used] - rows[:, None], axis=0)
    residual = logs[:, used] - rows[:, None] - columns
    return float(np.nansum(residual**2) / freedom), freedom
