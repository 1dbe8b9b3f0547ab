"""The sizes of a search as they stand in the record."""

from __future__ import annotations

import numpy as np

from lstmsize.advisor.second_half import SecondHalf
from lstmsize.replicates import Outcome, sizes_of
from lstmsize.results import CellState, EquivalentSize, ReplicateRecord, SizeRecord
from lstmsize.search import Sized
from lstmsize.space import Cell
from lstmsize.trials import TrialResult


def equivalent_size(second: SecondHalf, cell: Cell) -> EquivalentSize:
    """Return the record of a size that cannot be told apart from the best."""
    chosen = second.selected
    if chosen is None or second.approach is None:
        raise ValueError("nothing was compared")
    return EquivalentSize(
        units=cell.units,
        layers=cell.layers,
        parameters=cell.parameters(second.approach.form.channels),
        excess=chosen.comparison.paired_excess(cell, chosen.best),
        excess_high=chosen.excess_bound(cell),
        p_value=chosen.p_values[cell],
    )


def size_records(second: SecondHalf) -> list[SizeRecord]:
    """Return the records of all sizes that were tried, in order of size."""
    sized, approach = second.sized, second.approach
    if sized is None or approach is None:
        return []
    channels, folds = approach.form.channels, second.plan.settings.folds
    return [
        _size(sized, cell, cell.parameters(channels), folds, _beside_the_chosen(second, cell))
        for cell in sizes_of(sized.outcomes)
    ]


def _beside_the_chosen(second: SecondHalf, cell: Cell) -> str | None:
    """How a size did where it was tried; its mean alone says little if that was not on all folds."""
    selected = second.selected
    if selected is None or cell not in selected.comparison.table.cells or cell == selected.cell:
        return None
    comparison = selected.comparison
    excess = comparison.paired_excess(cell, selected.cell)
    if excess is None:
        return None
    where = "the latest fold" if comparison.table.count(cell) == 1 else "the latest folds"
    return f"{abs(excess):.1%} {'worse' if excess >= 0 else 'better'} than {selected.cell} on {where}"


def _size(sized: Sized, cell: Cell, parameters: int, folds: int, tried: str | None) -> SizeRecord:
    outcomes = sorted(
        (outcome for outcome in sized.outcomes if outcome.replicate.cell == cell),
        key=lambda outcome: outcome.replicate,
    )
    losses = [outcome.loss for outcome in outcomes if outcome.loss is not None]
    failures = [outcome.reason or outcome.state for outcome in outcomes if outcome.loss is None]
    dropped = sized.dropped.get(cell)
    state: CellState = "complete"
    reason: str | None = None
    if failures or dropped:
        state, reason = ("failed", failures[0]) if failures else ("dropped", dropped)
    elif len(losses) < folds:
        state, reason = "unfinished", tried
    return SizeRecord(
        units=cell.units,
        layers=cell.layers,
        parameters=parameters,
        state=state,
        reason=reason,
        mean=float(np.mean(losses)) if losses else None,
        stderr=float(np.std(losses, ddof=1) / np.sqrt(len(losses))) if len(losses) > 1 else None,
        replicates=[_replicate(outcome, sized.results[outcome.replicate], folds) for outcome in outcomes],
    )


def _replicate(outcome: Outcome, result: TrialResult, folds: int) -> ReplicateRecord:
    return ReplicateRecord(
        fold=outcome.replicate.fold(folds),
        seed=outcome.replicate.seed,
        loss=outcome.loss,
        steps=None if outcome.loss is None else outcome.steps,
        state=outcome.state,
        reason=outcome.reason,
        train_loss=result.train_loss,
        validation_loss=result.validation_loss,
        curve=result.curve,
    )
