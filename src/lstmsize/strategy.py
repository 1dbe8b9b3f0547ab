"""Strategy: finished replicates in, next replicates out. Decisions depend on the set, never on the order."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lstmsize.comparison import CONFIDENCE, DROP_RISK, ROUND, Comparison, clearly_worse
from lstmsize.expansion import Way, far_cell, first_cells, worth_opening
from lstmsize.pooling import chance_of_reaching, hoped_bound
from lstmsize.replicates import LossTable, Outcome, Replicate, tabulate
from lstmsize.selection import Selected, select
from lstmsize.space import Cell, Space, size_order

FUTILE_CONFIDENCE = 0.95
"""Confidence with which no size may reach the smallest gain on the folds before the search is given up."""

STRETCH = 4.0
"""How many times the effort may be used where larger sizes credibly pay."""

PAY_CONFIDENCE = 0.9
"""Confidence with which the last step up must have lowered the error before more than the effort is used."""

_DEAR = 3.0
"""Sizes whose steps cost more than so many times the cheapest one's come to all folds after the cheaper ones, and
only where the search is not futile by then and no size is shown to be as good."""

_FIRST_LOOK, _BEYOND_CHANCE = 0.15, 3.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the strategy works by.

    Parameters
    ----------
    folds : int
        Rolling origins; a chosen size had a replicate on each, unless a budget ended the search before, or all
        that had were given up as worse.
    tolerance : float
        Excess error that counts as as good.
    min_gain : float
        Smallest gain over the best baseline that is worth a network.
    effort : float
        Work at most, in floating-point operations; `STRETCH` times that where larger sizes credibly pay.
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

    def step_work(self, cell: Cell) -> float:
        """Work of one training step of a size."""
        return cell.work(channels=self.channels, window=self.window, batch=self.batch)

    def work(self, outcome: Outcome) -> float:
        """Work that a finished replicate took."""
        return outcome.steps_run * self.step_work(outcome.replicate.cell)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to do next.

    Parameters
    ----------
    replicates : list of Replicate
        Trainings up to the next barrier, dear ones first, so that no worker waits long; empty at the end.
    ended : str or None
        Why the search is over: ``settled``, ``futile``, ``noise`` (what is left of effort and replicates would
        hardly show any size to be as good; the best one has them all), ``effort``, ``replicates``,
        ``unaffordable`` (nothing more of what was tried, but larger sizes that may be better are beyond the
        effort) or ``failed``.
    spent : float
        Fraction of the effort that is used; above 1 where it was stretched.
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
    opened = first_cells(space) | {outcome.replicate.cell for outcome in outcomes}
    while True:
        step = _consider(outcomes, opened, settings)
        if not step.comparison.table.cells:
            break
        if (far := far_cell(step.comparison, space, settings.tolerance)) not in opened:
            opened.add(far)
            continue
        # Around the observed best, which may be far, and around the size that would be named, too.
        around = [step.comparison.best, *([step.selected.cell] if step.selected else [])]
        worth = worth_opening(
            step.comparison, space, opened, settings.tolerance, around=around, forced=settings.forced
        )
        affordable = [
            cell
            for cell, way in worth.items()
            if step.spent + _cost(cell, outcomes, settings) <= (STRETCH if way.sureness > PAY_CONFIDENCE else 1.0)
        ]
        if not settings.forced and _futile(step, list(worth.values()), settings):
            ended = "unaffordable" if worth and not affordable else "futile"
            return Plan(replicates=[], ended=ended, spent=step.spent, dropped=step.dropped)
        if step.replicates or step.selected is None:
            break
        if looks := _second_looks(outcomes, step, list(worth.values()), settings):
            return Plan(replicates=looks, ended=None, spent=step.spent, dropped=step.dropped)
        if not affordable:
            return _more_or_end(outcomes, step, step.selected, settings, untried=bool(worth))
        opened.update(affordable)
    if not step.alive:
        return Plan(replicates=[], ended="failed", spent=step.spent, dropped=step.dropped)
    return Plan(replicates=step.replicates, ended=None, spent=step.spent, dropped=step.dropped)


@dataclass(frozen=True, kw_only=True)
class _Considered:
    """What the outcomes say about the opened sizes; `replicates` are the next that the folds need.

    `selected` is known once all cheap sizes are on all folds.
    """

    comparison: Comparison
    dropped: dict[Cell, str]
    alive: list[Cell]
    replicates: list[Replicate]
    selected: Selected | None
    spent: float


def _consider(outcomes: list[Outcome], opened: set[Cell], settings: Settings) -> _Considered:
    cells = sorted(opened, key=size_order)
    failed = {outcome.replicate.cell for outcome in outcomes if outcome.loss is None}
    comparison = Comparison(tabulate(outcomes, settings.folds, cells), settings.folds)
    dropped = _dropped(comparison, settings) if comparison.table.cells else {}
    alive = [cell for cell in cells if cell not in failed and cell not in dropped]
    # The first sizes leave a fold for the next round, so that the far size is not trained alone.
    wanted = settings.folds if outcomes else max(1, settings.folds - 1)
    lacking = [Replicate(cell, number) for cell in alive for number in range(comparison.table.count(cell), wanted)]
    # The direction of the far size hangs on the first sizes, so that they are all there, dear ones too.
    soon = [
        replicate
        for replicate in lacking
        if not outcomes or replicate.number == 0 or not _dear(replicate.cell, alive, settings)
    ]
    ready = not soon and bool(comparison.table.cells)
    selected = select(comparison, settings.tolerance, dropped) if ready else None
    if selected is not None and selected.basis != "non-inferior":
        soon = lacking
    return _Considered(
        comparison=comparison,
        dropped=dropped,
        alive=alive,
        replicates=_dear_first(soon),
        selected=selected,
        spent=sum(settings.work(outcome) for outcome in outcomes) / settings.effort,
    )


def _second_looks(
    outcomes: list[Outcome], step: _Considered, ways: list[Way], settings: Settings
) -> list[Replicate]:
    """Return second trainings of what a step up rests on where it was seen on one fold only and is not sure.

    One training that is lucky by a per cent would otherwise open several sizes, some of them far dearer.
    """
    if settings.folds == 1:
        return []
    unsure = {cell for way in ways if way.sureness <= PAY_CONFIDENCE for cell in (way.smaller, way.larger)}
    looks = [Replicate(cell, 1) for cell in unsure & {*step.alive} if step.comparison.table.count(cell) == 1]
    cost = sum(_cost(look.cell, outcomes, settings) for look in looks) / settings.folds
    return _dear_first(looks) if step.spent + cost <= 1 else []


def _more_or_end(
    outcomes: list[Outcome], step: _Considered, selected: Selected, settings: Settings, *, untried: bool
) -> Plan:
    """The folds need no opened size any more: end, or train those that the answer hangs on for another round."""
    table = step.comparison.table
    shown = selected.basis == "non-inferior"
    more = [
        Replicate(cell, number)
        for cell in (_contested(step, selected, settings) if shown else step.alive)
        for number in range(*_next_round(table, cell, settings))
    ]
    cost = sum(_cost(replicate.cell, outcomes, settings) for replicate in more) / settings.folds
    ended = None
    if not more:
        ended = "settled" if shown else "replicates"
    elif step.spent + cost > 1:
        ended = "settled" if shown else "effort"
    elif not shown and not _may_be_shown(step, selected, settings, int((1 - step.spent) / cost)):
        # The verdict still hangs on the size that did best so far, which may have been lucky.
        more = [Replicate(selected.cell, number) for number in range(*_next_round(table, selected.cell, settings))]
        ended = None if more else "noise"
    if untried and ended is not None:
        ended = "unaffordable"
    return Plan(replicates=[] if ended else _dear_first(more), ended=ended, spent=step.spent, dropped=step.dropped)


def _contested(step: _Considered, selected: Selected, settings: Settings) -> list[Cell]:
    """Sizes that might still make the answer smaller, with those that keep them from being shown to be as good.

    A smaller size whose observed excess is within the tolerance is not yet shown to be as good, but it may be.
    """
    comparison, contested = step.comparison, set()
    for cell in step.alive:
        count = comparison.table.count(cell)
        if size_order(cell) >= size_order(selected.cell) or count >= settings.most_replicates:
            continue
        found = {other: comparison.difference(cell, other) for other in step.alive if other != cell}
        excesses = {other: difference for other, difference in found.items() if difference is not None}
        if all(difference.mean <= settings.tolerance for difference in excesses.values()):
            # Pair by pair, because the question is which of the others keep it from being shown.
            rivals = {other for other, excess in excesses.items() if excess.upper(CONFIDENCE) > settings.tolerance}
            contested |= {cell, *rivals}
    return sorted(contested, key=size_order)


def _may_be_shown(step: _Considered, selected: Selected, settings: Settings, rounds: int) -> bool:
    """Say whether what is left of effort and replicates may well show some size, the nearest to it, to be as good.

    Curtailment under the current trend, with some luck (Lan, Simon and Halperin 1982, *Stochastically curtailed
    tests in long-term clinical trials*).
    """
    if step.comparison.freedom < 1:
        return True
    counts = {cell: step.comparison.table.count(cell) for cell in step.alive}
    growth = {
        cell: max(1.0, min(settings.most_replicates, count + ROUND * rounds) / count)
        for cell, count in counts.items()
    }
    nearest = min(growth, key=lambda cell: bound if (bound := selected.excess_bound(cell)) is not None else np.inf)
    return hoped_bound(step.comparison, nearest, growth) <= settings.tolerance


def _next_round(table: LossTable, cell: Cell, settings: Settings) -> tuple[int, int]:
    count = table.count(cell)
    return count, min(count + ROUND, settings.most_replicates)


def _cost(cell: Cell, outcomes: list[Outcome], settings: Settings) -> float:
    """Fraction of the effort that a replicate on each fold takes, at the mean steps of those that did not fail."""
    steps = float(np.mean([outcome.steps_run for outcome in outcomes if outcome.loss is not None]))
    return settings.folds * steps * settings.step_work(cell) / settings.effort


def _dear(cell: Cell, cells: list[Cell], settings: Settings) -> bool:
    """Say whether a step of a size costs far more than that of the cheapest of some."""
    return settings.step_work(cell) > _DEAR * min(map(settings.step_work, cells))


def _dear_first(replicates: list[Replicate]) -> list[Replicate]:
    return sorted(replicates, key=lambda replicate: (-replicate.cell.parameters(), replicate.number))


def _dropped(comparison: Comparison, settings: Settings) -> dict[Cell, str]:
    """Sizes that are credibly worse than the best: by more than the tolerance if smaller, at all if larger.

    The risk is shared out over all comparisons with the best and over all looks (Bonferroni).
    """
    table, best = comparison.table, comparison.best
    # Looks: before the last fold (of a dear size: after one replicate and perhaps a second), after it, then after
    # every round.
    looks = 3 + (settings.most_replicates - settings.folds + ROUND - 1) // ROUND
    confidence = 1 - DROP_RISK / max(1, len(table.cells) - 1) / looks
    dropped = {}
    for cell in table.cells:
        smaller = size_order(cell) < size_order(best)
        margin = settings.tolerance if smaller else 0.0
        rival = _far_below(table, cell, settings.folds) if table.count(cell) == 1 else None
        if rival is None and clearly_worse(comparison, cell, best, margin, confidence):
            rival = best
        if rival is not None:
            excess = comparison.paired_excess(cell, rival)
            dropped[cell] = f"worse than {rival}" if excess is None else f"{excess:.1%} worse than {rival}"
    return dropped


def _far_below(table: LossTable, cell: Cell, folds: int) -> Cell | None:
    """Return the best size on a single replicate that is so much worse that no more are worth it.

    By much, while worse than the baseline, and by more than the scored windows leave to chance: with a few rows
    they leave everything to it.
    """
    number = int(np.flatnonzero(np.isfinite(table.row(cell)))[0])
    loss, rivals = float(table.row(cell)[number]), table.losses[:, number]
    rival, least = table.cells[int(np.nanargmin(rivals))], float(np.nanmin(rivals))
    if loss <= max(1.0, (1 + _FIRST_LOOK) * least):
        return None
    fold = Replicate(cell, number).fold(folds)
    mine, theirs = table.blocks.get((cell, fold)), table.blocks.get((rival, fold))
    if mine is None or theirs is None or len(mine) < 2:
        return None
    chance = float(np.std(mine - theirs, ddof=1)) / np.sqrt(len(mine))
    return rival if loss - least > _BEYOND_CHANCE * chance else None


def _futile(step: _Considered, ways: list[Way], settings: Settings) -> bool:
    """Say whether no size will credibly show the smallest gain on the folds, however many seeds it gets.

    The folds are taken as they are, because it is on them that a recurrent verdict needs this gain.
    """
    begun = all(cell in step.comparison.table.cells for cell in step.alive)
    steps = [(way.smaller, way.larger) for way in ways]
    reaching = 1 - settings.min_gain
    return begun and chance_of_reaching(step.comparison, step.alive, steps, reaching) < 1 - FUTILE_CONFIDENCE
