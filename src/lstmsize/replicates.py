"""Replicates: one training of one size on one fold with one seed, planned and finished."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmsize.results import ReplicateState
from lstmsize.series import FloatArray
from lstmsize.space import Cell, size_order


def fold_of(number: ArrayLike, folds: int) -> NDArray[np.int64]:
    """Return the fold of each replicate number: the latest first, then the earlier ones, and round again."""
    return folds - 1 - np.asarray(number) % folds


@dataclass(frozen=True, order=True)
class Replicate:
    """One training: which size, and which number in the order that all sizes follow."""

    cell: Cell
    number: int

    def fold(self, folds: int) -> int:
        """Return the fold it is trained on."""
        return int(fold_of(self.number, folds))

    @property
    def seed(self) -> int:
        """Seed of weights and minibatches, the same for all sizes; added to the run's seed."""
        return self.number


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One finished training.

    Parameters
    ----------
    replicate : Replicate
        Which one.
    state : str
        How it ended.
    loss : float or None
        Error on the scored block divided by the best baseline's; None where it failed.
    steps, steps_run : int
        Steps of the network that was scored, and all steps spent on it.
    blocks : ndarray, shape (blocks,)
        What consecutive blocks in time contribute to the loss; its spread is that of the loss.
    reason : str or None
        Why it failed.
    """

    replicate: Replicate
    state: ReplicateState
    loss: float | None
    steps: int = 0
    steps_run: int = 0
    blocks: FloatArray | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class LossTable:
    """The losses of all sizes that did not fail.

    Parameters
    ----------
    cells : list of Cell
        In order of size.
    losses : ndarray, shape (cells, replicates)
        NaN where a replicate is missing.
    blocks : dict
        By (cell, fold): block losses averaged over seeds.
    """

    cells: list[Cell]
    losses: FloatArray
    blocks: dict[tuple[Cell, int], FloatArray]

    def row(self, cell: Cell) -> FloatArray:
        """The losses of one size by replicate number."""
        losses: FloatArray = self.losses[self.cells.index(cell)]
        return losses

    def mean(self, cell: Cell) -> float:
        """Mean loss of one size."""
        return float(np.nanmean(self.row(cell)))

    def count(self, cell: Cell) -> int:
        """Finished replicates of one size, 0 if it has none."""
        return int(np.isfinite(self.row(cell)).sum()) if cell in self.cells else 0


def sizes_of(outcomes: list[Outcome]) -> list[Cell]:
    """Return the sizes that were tried, in order of size."""
    return sorted({outcome.replicate.cell for outcome in outcomes}, key=size_order)


def tabulate(outcomes: list[Outcome], folds: int, order: list[Cell]) -> LossTable:
    """Put finished replicates into a table.

    Parameters
    ----------
    outcomes : list of Outcome
        In any order.
    folds : int
        Number of folds.
    order : list of Cell
        The cells wanted, in order of size; one with a failed replicate is left out.

    Returns
    -------
    LossTable
        One row per cell that has a loss.
    """
    failed = {outcome.replicate.cell for outcome in outcomes if outcome.loss is None}
    by_key = {outcome.replicate: outcome for outcome in outcomes if outcome.loss is not None}
    present = {replicate.cell for replicate in by_key} - failed
    cells = [cell for cell in order if cell in present]
    width = 1 + max((replicate.number for replicate in by_key), default=-1)
    losses = np.full((len(cells), width), np.nan)
    gathered: dict[tuple[Cell, int], list[FloatArray]] = {}
    for replicate, outcome in sorted(by_key.items()):
        if replicate.cell not in cells:
            continue
        losses[cells.index(replicate.cell), replicate.number] = outcome.loss
        if outcome.blocks is not None:
            gathered.setdefault((replicate.cell, replicate.fold(folds)), []).append(outcome.blocks)
    blocks: dict[tuple[Cell, int], NDArray[np.float64]] = {
        key: np.mean(members, axis=0) for key, members in gathered.items()
    }
    return LossTable(cells=cells, losses=losses, blocks=blocks)
