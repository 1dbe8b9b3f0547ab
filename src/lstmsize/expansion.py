"""Expansion of the search: which sizes it begins with, and which it opens next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from lstmsize.comparison import Comparison
from lstmsize.space import Cell, Space

_EVEN = 0.5
"""How sure a step up is after a size that failed: it may be worth it, but not more than the effort."""

_FAR = 4
"""How many times wider than the smallest the far size of the beginning is, at most."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """The step in size that speaks for going on in its direction.

    Parameters
    ----------
    smaller, larger : Cell
        From where to where.
    sureness : float
        One-sided confidence that it has lowered the error.
    """

    smaller: Cell
    larger: Cell
    sureness: float


def first_cells(space: Space) -> set[Cell]:
    """Return the smallest size, the next wider and the next deeper one, and one that is far wider.

    Parameters
    ----------
    space : Space
        The sizes that may be tried.

    Returns
    -------
    set of Cell
        Fewer where the space is small.
    """
    smallest = space.smallest
    far = max(width for width in space.widths if width <= _FAR * smallest.units)
    first = {smallest, space.wider(smallest), space.deeper(smallest), Cell(far, smallest.layers)}
    return {cell for cell in first if cell is not None}


def worth_opening(
    comparison: Comparison, space: Space, opened: Collection[Cell], tolerance: float, *, forced: bool
) -> dict[Cell, Way]:
    """Find neighbours of the best size in the directions that pay, and the width between two that differ.

    Parameters
    ----------
    comparison : Comparison
        The sizes that were trained.
    space : Space
        The sizes that may be tried.
    opened : collection of Cell
        Sizes that are open already.
    tolerance : float
        Excess error that counts as as good; a step must lower the error by half of it.
    forced : bool
        Go on although not even the best size comes near the baseline.

    Returns
    -------
    dict of Cell to Way
        With each size the last step in its direction.
    """
    best, first = comparison.best, space.smallest
    cells = comparison.table.cells
    # Allowing for missing replicates: a far size may have been on the latest fold only, which may be a hard one.
    if comparison.effects([best])[0] > np.log1p(tolerance) and not forced:
        return {}  # not even the best of the first sizes, a far one among them, comes near the baseline
    narrower = [cell for cell in cells if cell.layers == best.layers and cell.units < best.units]
    shallower = [cell for cell in cells if cell.units == best.units and cell.layers < best.layers]
    # Where the best has no neighbour below it, the first step in that direction speaks for it.
    widening = (narrower[-1], best) if narrower else (first, space.wider(first))
    deepening = (shallower[-1], best) if shallower else (first, space.deeper(first))
    further: dict[Cell | None, Way] = {}
    if wide := _pays(comparison, *widening, tolerance):
        further[space.wider(best)] = wide
        further[space.between(narrower[-1], best) if narrower else None] = wide
    if deep := _pays(comparison, *deepening, tolerance):
        further[space.deeper(best)] = deep
        if best.layers > first.layers:  # a deep best has a rival of fewer layers and twice the width
            rival = space.wider(Cell(best.units, first.layers))
            further[rival] = max(deep, further.get(rival, deep), key=lambda way: way.sureness)
    return {
        cell: way for cell, way in further.items() if cell is not None and cell in space and cell not in opened
    }


def _pays(comparison: Comparison, smaller: Cell, larger: Cell | None, tolerance: float) -> Way | None:
    """Return a step up in size if it lowers the error by at least half the tolerance."""
    cells = comparison.table.cells
    if larger is None:
        return None
    if smaller not in cells:  # it failed: the way goes up, but not beyond the effort
        return Way(smaller=smaller, larger=larger, sureness=_EVEN)
    difference = comparison.difference(smaller, larger) if larger in cells else None
    if difference is None or difference.mean <= tolerance / 2:
        return None
    return Way(smaller=smaller, larger=larger, sureness=difference.sureness)
