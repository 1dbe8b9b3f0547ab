"""Selection: the smallest size shown to be as good as any other, not the one with the lowest loss."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lstmsize.comparison import CONFIDENCE, DROP_RISK, Comparison
from lstmsize.pooling import excess_bounds
from lstmsize.results import Basis
from lstmsize.space import Cell

EQUIVALENCE = (
    f"model confidence set at {CONFIDENCE:.0%} (Hansen, Lunde and Nason 2011, range statistic), "
    "noise from seeds, folds and blocks in time; bounds of the excess over the best other size are one-sided "
    f"{CONFIDENCE:.0%} ones after partial pooling of all sizes (Gelman, Hill and Yajima 2012), of which "
    f"{DROP_RISK:.0%} is spent on sizes that were dropped as credibly worse and are in neither"
)
"""How the set of equivalent sizes and the bounds of their errors are formed, for the record."""


@dataclass(frozen=True, kw_only=True)
class Selected:
    """What came of the comparison.

    Parameters
    ----------
    cell : Cell
        The size to recommend.
    basis : str
        ``non-inferior``: shown to be within the tolerance of every other size; ``observed-best``: no size was,
        and the one with the lowest mean loss stands in.
    bounds : dict of Cell to float or None
        Upper bounds of the sizes' excess errors over the best other one (see `excess_bounds`).
    best : Cell
        The lowest mean loss.
    comparison : Comparison
        What it came of.
    cells : list of Cell
        Those of which one was chosen, in order of size.
    """

    cell: Cell
    basis: Basis
    bounds: dict[Cell, float | None]
    best: Cell
    comparison: Comparison
    cells: list[Cell]

    @cached_property
    def p_values(self) -> dict[Cell, float]:
        """With which each size belongs to the best ones, see `confidence_p_values`; no search asks for them."""
        return self.comparison.p_values(self.cells)

    @property
    def excess_at_most(self) -> float | None:
        """Upper bound of the chosen size's excess error over any other; None where none is known."""
        return self.excess_bound(self.cell)

    def excess_bound(self, cell: Cell) -> float | None:
        """The same of any size; None also for one that was given up."""
        bound = self.bounds.get(cell)
        return bound if bound is not None and np.isfinite(bound) else None

    @property
    def equivalent(self) -> list[Cell]:
        """The model confidence set: sizes that cannot be told apart from the best, in order of size."""
        return [cell for cell, p_value in self.p_values.items() if p_value > 1 - CONFIDENCE]


def select(
    comparison: Comparison,
    tolerance: float,
    dropped: Collection[Cell] = (),
    *,
    cut_short: bool = False,
    failed: bool = False,
) -> Selected:
    """Choose the smallest size whose excess over every other size is at most the tolerance.

    Parameters
    ----------
    comparison : Comparison
        All sizes that did not fail, in order of size.
    tolerance : float
        Excess error that is still as good, a fraction.
    dropped : collection of Cell
        Sizes that were given up as worse; they are neither chosen nor held against the others.
    cut_short : bool
        Whether a budget ended the search before all sizes that were to be compared were.
    failed : bool
        Whether a size is out because a training failed. One that is left alone, by a budget or by failures, is not
        shown to be as good.

    Returns
    -------
    Selected
        A size that lacks a fold is never shown to be as good, but the others are held against it. If no size is
        shown to be within the tolerance the best observed one stands in; it lacks a fold only where a budget
        ended the search, or all that had every fold were given up: ignorance must not make the network smaller.
    """
    alive = [cell for cell in comparison.table.cells if cell not in dropped]
    whole = [cell for cell in alive if comparison.table.count(cell) >= comparison.folds]
    bounds = excess_bounds(comparison, dropped)
    alone = not (cut_short or failed)
    qualified = [c for c in whole if (alone if (bound := bounds[c]) is None else bound <= tolerance)]
    cells = whole if whole and (qualified or not cut_short) else alive
    best = comparison.best_of(cells)
    return Selected(
        cell=qualified[0] if qualified else best,
        basis="non-inferior" if qualified else "observed-best",
        bounds=bounds,
        best=best,
        comparison=comparison,
        cells=cells,
    )
