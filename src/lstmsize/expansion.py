"""Expansion of the search: which sizes it begins with, and which it opens next."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from lstmsize.comparison import Comparison
from lstmsize.space import Cell, Space

_EVEN = 0.5
"""How sure a step up is after a size that failed: it may be worth it, but not more than the effort."""

_FAR_WIDTH, _FAR_DEPTH = 4, 2
"""How many times wider than the smallest, or how many layers deeper, the far size is at most."""

_HARM = 0.85
"""Confidence with which both first steps must have raised the error for a search to look at no far size."""


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
    """Return the smallest size, the next wider and the next deeper one.

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
    return {cell for cell in (smallest, space.wider(smallest), space.deeper(smallest)) if cell is not None}


def far_cell(comparison: Comparison, space: Space, tolerance: float) -> Cell:
    """Return the far size that a search looks at after the first ones: where the surer step that pays leads.

    Where neither a width nor a layer more pays by itself both together may, and the far size has both. There is
    none where both were tried, each has credibly raised the error, and the smallest size gains more than the
    tolerance over the baseline.

    Parameters
    ----------
    comparison : Comparison
        The sizes that were trained, those of `first_cells` among them unless they failed.
    space : Space
        The sizes that may be tried.
    tolerance : float
        Excess error that counts as as good; a step pays if it lowers the error by half of it.

    Returns
    -------
    Cell
        One of `first_cells` where there is no other.
    """
    first, begun = space.smallest, first_cells(space)
    wider, deeper = space.wider(first), space.deeper(first)
    if _all_harm(comparison, first, (wider, deeper), tolerance):
        return first
    wide = Cell(max(width for width in space.widths if width <= _FAR_WIDTH * first.units), first.layers)
    deep = Cell(first.units, min(space.layers[1], first.layers + _FAR_DEPTH))
    both = Cell((wider or first).units, deep.layers)
    ways = (
        (_pays(comparison, first, wider, tolerance), wide),
        (_pays(comparison, first, deeper, tolerance), deep),
    )
    paying = sorted(((way, far) for way, far in ways if way), key=lambda found: -found[0].sureness)
    candidates = [*(far for _, far in paying), both, wide]
    return next((far for far in candidates if far not in begun), first)


def worth_opening(
    comparison: Comparison,
    space: Space,
    opened: Collection[Cell],
    tolerance: float,
    *,
    around: Collection[Cell],
    forced: bool,
) -> dict[Cell, Way]:
    """Find neighbours of some sizes in the directions that pay, and the size between two that differ.

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
    around : collection of Cell
        Sizes whose neighbours may be opened: the best, and the one that would be recommended.
    forced : bool
        Go on although not even the best size comes near the baseline.

    Returns
    -------
    dict of Cell to Way
        With each size the surest last step in its direction.
    """
    # Allowing for missing replicates: a far size may have been on the latest fold only, which may be a hard one.
    if comparison.effects([comparison.best])[0] > np.log1p(tolerance) and not forced:
        return {}  # not even the best of the sizes that it begins with comes near the baseline
    further: dict[Cell, Way] = {}
    for base in around:
        for cell, way in _onwards(comparison, space, base, opened, tolerance):
            if cell is not None and cell in space and cell not in opened:
                further[cell] = max(way, further.get(cell, way), key=lambda one: one.sureness)
    return further


def _onwards(
    comparison: Comparison, space: Space, base: Cell, opened: Collection[Cell], tolerance: float
) -> Iterator[tuple[Cell | None, Way]]:
    """Yield neighbours of a size in the directions that pay; None where the space has none."""
    first, cells = space.smallest, comparison.table.cells
    narrower = [cell for cell in cells if cell.layers == base.layers and cell.units < base.units]
    shallower = [cell for cell in cells if cell.units == base.units and cell.layers < base.layers]
    if not narrower and base.units > first.units and base.layers > first.layers:
        # A far size: a narrower one of its depth comes before a wider one, unless that failed.
        if far := _pays(comparison, first, base, tolerance):
            narrow = Cell(first.units, base.layers)
            yield (space.wider(base) if narrow in opened else narrow), far
    else:
        # Where it has no neighbour below it, the first step in that direction speaks for it.
        widening = (narrower[-1], base) if narrower else (first, space.wider(first))
        if wide := _pays(comparison, *widening, tolerance):
            yield space.wider(base), wide
            yield (space.between(narrower[-1], base) if narrower else None), wide
    deepening = (shallower[-1], base) if shallower else (first, space.deeper(first))
    if deep := _pays(comparison, *deepening, tolerance):
        yield space.deeper(base), deep
        yield (space.between(shallower[-1], base) if shallower else None), deep
        if base.layers > first.layers:  # a deep one has a rival of fewer layers and twice the width
            yield space.wider(Cell(base.units, first.layers)), deep


def _all_harm(comparison: Comparison, first: Cell, steps: Collection[Cell | None], tolerance: float) -> bool:
    """Say whether each step up has credibly raised the error of a size that gains more than the tolerance."""
    if not {first, *steps} <= {*comparison.table.cells}:
        return False
    if comparison.effects([first])[0] >= np.log1p(-tolerance):
        return False
    differences = [comparison.difference(larger, first) for larger in steps if larger is not None]
    return all(difference is not None and difference.sureness > _HARM for difference in differences)


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
