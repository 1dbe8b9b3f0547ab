"""Strategy: finished replicates in, next replicates out. Decisions depend on the set, never on the order."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from lstmsize.replicates import LossTable, Outcome, Replicate, tabulate
from lstmsize.selection import Comparison, clearly_worse, select
from lstmsize.space import Cell, Space, size_order

DROP_CONFIDENCE = 0.99
"""Confidence with which a size must be worse before it gets no further replicates."""

FUTILE_CONFIDENCE = 0.95
"""Confidence with which no tried size may reach the smallest gain before the search is given up."""

_FAR = 4
_FIRST_LOOK = 0.15
_FORM_MARGIN, _MOST_FORMS, _FORM_TIE = 0.1, 4, 0.005


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the strategy works by.

    Parameters
    ----------
    folds : int
        Rolling origins; each size gets at least one replicate on each.
    tolerance : float
        Excess error that counts as as good.
    min_gain : float
        Smallest gain over the best baseline that is worth a network.
    effort : float
        Work at most, in floating-point operations.
    channels, window, batch : int
        What one step of training costs is computed from these.
    most_replicates : int
        Replicates per size at most.
    forced : bool
        Search on although no size may reach the smallest gain.
    """

    folds: int
    tolerance: float
    min_gain: float
    effort: float
    channels: int
    window: int
    batch: int
    most_replicates: int = 12
    forced: bool = False

    def work(self, outcome: Outcome) -> float:
        """Work that a finished replicate took."""
        step = outcome.replicate.cell.work(channels=self.channels, window=self.window, batch=self.batch)
        return outcome.steps_run * step


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to do next.

    Parameters
    ----------
    replicates : list of Replicate
        Trainings up to the next barrier, cheap ones last so that long ones start first; empty at the end.
    ended : str or None
        Why the search is over: ``settled``, ``futile``, ``effort``, ``replicates`` or ``failed``.
    spent : float
        Fraction of the effort that is used.
    dropped : dict of Cell to str
        Sizes that get no more replicates, and why.
    """

    replicates: list[Replicate]
    ended: str | None
    spent: float
    dropped: dict[Cell, str] = field(default_factory=dict)


def plan(outcomes: list[Outcome], space: Space, settings: Settings) -> Plan:
    """Decide on the next replicates from the set of finished ones.

    Parameters
    ----------
    outcomes : list of Outcome
        All finished replicates, in any order.
    space : Space
        The sizes that may be tried.
    settings : Settings
        Tolerances and limits.

    Returns
    -------
    Plan
        The next replicates, or why there are none.
    """
    spent = sum(settings.work(outcome) for outcome in outcomes) / settings.effort
    opened = _first_cells(space)
    finished = {outcome.replicate for outcome in outcomes}
    # Opening follows from the outcomes alone, so it is replayed from the start: no state to save or resume.
    while True:
        cells = sorted(opened, key=size_order)
        failed = {o.replicate.cell: o.reason or o.state for o in outcomes if o.loss is None}
        comparison = Comparison(tabulate(outcomes, settings.folds, cells), settings.folds)
        dropped = _dropped(comparison, settings) if comparison.table.cells else {}
        alive = [cell for cell in cells if cell not in failed and cell not in dropped]
        wanted = _round(alive, comparison.table, settings, finished)
        if wanted and any(_count(comparison.table, cell) < settings.folds for cell in alive):
            return _bounded(wanted, spent, dropped)
        further = _worth_opening(comparison, space, opened, settings) if comparison.table.cells else []
        if not further:
            break
        opened.update(further)
    if not alive:
        return Plan(replicates=[], ended="failed", spent=spent, dropped=dropped)
    ended = _ending(comparison, alive, settings)
    if ended is not None or not wanted:
        return Plan(replicates=[], ended=ended or "replicates", spent=spent, dropped=dropped)
    return _bounded(wanted, spent, dropped)


def _count(table: LossTable, cell: Cell) -> int:
    """Finished replicates of a size, 0 if it has none."""
    return table.count(cell) if cell in table.cells else 0


def _first_cells(space: Space) -> set[Cell]:
    """The smallest size, the next wider and the next deeper one, and one that is far wider."""
    smallest = space.smallest
    far = max(width for width in space.widths if width <= _FAR * smallest.units)
    first = {smallest, space.wider(smallest), space.deeper(smallest), Cell(far, smallest.layers)}
    return {cell for cell in first if cell is not None}


def _round(alive: list[Cell], table: LossTable, settings: Settings, finished: set[Replicate]) -> list[Replicate]:
    """The next replicate of every size that is behind or needed, dear sizes first."""
    counts = {cell: _count(table, cell) for cell in alive}
    target = min(settings.most_replicates, max(settings.folds, min(counts.values(), default=0) + 2))
    wanted = [
        Replicate(cell, number)
        for cell in alive
        for number in range(_next_look(counts[cell], target, settings))
        if Replicate(cell, number) not in finished
    ]
    return sorted(wanted, key=lambda replicate: (-replicate.cell.parameters(), replicate.number))


def _next_look(count: int, target: int, settings: Settings) -> int:
    """How many replicates a size shall have at the next barrier: one, then one per fold, then two more."""
    if count == 0:
        return 1
    return settings.folds if count < settings.folds else target


def _dropped(comparison: Comparison, settings: Settings) -> dict[Cell, str]:
    """Sizes that are credibly worse than the best: by more than the tolerance if smaller, at all if larger."""
    table, best = comparison.table, comparison.best
    looks = settings.most_replicates
    confidence = 1 - (1 - DROP_CONFIDENCE) / max(1, len(table.cells) - 1) * min(1.0, 4 / looks)
    dropped = {}
    for cell in table.cells:
        smaller = size_order(cell) < size_order(best)
        margin = settings.tolerance if smaller else 0.0
        alone = table.count(cell) == 1 and _far_off(table, cell)
        if alone or clearly_worse(comparison, cell, best, margin, confidence):
            excess = table.mean(cell) / table.mean(best) - 1
            dropped[cell] = f"{excess:.1%} worse than {best}"
    return dropped


def _far_off(table: LossTable, cell: Cell) -> bool:
    """Say whether a single replicate is so much worse than the others on it that no more are worth it."""
    row = table.row(cell)
    number = int(np.flatnonzero(np.isfinite(row))[0])
    return float(row[number]) > (1 + _FIRST_LOOK) * float(np.nanmin(table.losses[:, number])) and bool(
        row[number] > 1
    )


def _worth_opening(comparison: Comparison, space: Space, opened: set[Cell], settings: Settings) -> list[Cell]:
    """Neighbours of the best size in the directions that pay, and the width between two that differ."""
    best = comparison.best
    further: list[Cell | None] = []
    narrower = [c for c in comparison.table.cells if c.layers == best.layers and c.units < best.units]
    shallower = [c for c in comparison.table.cells if c.units == best.units and c.layers < best.layers]
    if not narrower or _pays(comparison, best, narrower[-1], settings):
        further.append(space.wider(best))
    if not shallower or _pays(comparison, best, shallower[-1], settings):
        further.append(space.deeper(best))
    if best.layers > space.layers[0]:  # a deep best is compared with one layer of twice the width
        further.append(space.wider(Cell(best.units, space.layers[0])))
    if narrower and _pays(comparison, best, narrower[-1], settings):
        further.append(space.between(narrower[-1], best))
    return [cell for cell in further if cell is not None and cell in space and cell not in opened]


def _pays(comparison: Comparison, best: Cell, smaller: Cell, settings: Settings) -> bool:
    """Say whether going from one size to the best lowers the error by half the tolerance or more."""
    difference = comparison.difference(smaller, best)
    return difference is None or difference.mean > settings.tolerance / 2


def _ending(comparison: Comparison, alive: list[Cell], settings: Settings) -> str | None:
    if not settings.forced and all(_futile(comparison.table, cell, settings) for cell in alive):
        return "futile"
    if len(comparison.table.cells) == 1:
        return "settled"
    chosen = select(comparison, settings.tolerance)
    return "settled" if chosen.basis == "non-inferior" else None


def _futile(table: LossTable, cell: Cell, settings: Settings) -> bool:
    """Say whether a size credibly misses the smallest gain over the best baseline."""
    losses = table.row(cell)
    losses = losses[np.isfinite(losses)]
    if len(losses) < settings.folds:
        return False
    spread = float(losses.std(ddof=1)) / np.sqrt(len(losses))
    bound = losses.mean() - float(stats.t.ppf(FUTILE_CONFIDENCE, len(losses) - 1)) * spread
    return bool(bound > 1 - settings.min_gain)


def _bounded(wanted: list[Replicate], spent: float, dropped: dict[Cell, str]) -> Plan:
    if spent >= 1:
        return Plan(replicates=[], ended="effort", spent=spent, dropped=dropped)
    return Plan(replicates=wanted, ended=None, spent=spent, dropped=dropped)


def plan_form_trials(losses: dict[str, dict[int, float]], names: list[str], folds: int) -> list[tuple[str, int]]:
    """Decide which input forms are tried next on which replicate numbers, with the smallest size.

    Parameters
    ----------
    losses : dict
        By form and replicate number: finished losses, infinity where a trial failed.
    names : list of str
        All forms, plain ones first.
    folds : int
        Number of folds; each serious form is tried on all of them.

    Returns
    -------
    list of (str, int)
        Trials to do; empty when the choice can be made.
    """
    first = [(name, 0) for name in names if 0 not in losses.get(name, {})]
    if first or len(names) == 1:
        return first
    least = min(losses[name][0] for name in names)
    ranked = sorted(names, key=lambda name: losses[name][0])
    serious = [name for name in ranked if losses[name][0] <= least * (1 + _FORM_MARGIN)][:_MOST_FORMS]
    return [(name, n) for n in range(1, folds) for name in serious if n not in losses[name]]


def choose_form(losses: dict[str, dict[int, float]], names: list[str]) -> str:
    """Choose the form with the lowest mean loss among those tried most often; a plainer one in a near tie.

    Parameters
    ----------
    losses : dict
        By form and replicate number.
    names : list of str
        All forms, plain ones first.

    Returns
    -------
    str
        The first form within half a percent of the lowest mean.
    """
    most = max(len(losses.get(name, {})) for name in names)
    means = {
        name: float(np.mean(list(losses[name].values()))) for name in names if len(losses.get(name, {})) == most
    }
    least = min(means.values())
    return next(name for name in names if means.get(name, np.inf) <= least * (1 + _FORM_TIE))
