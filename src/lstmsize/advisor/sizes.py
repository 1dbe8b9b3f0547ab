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
    comparison, chosen = second.comparison, second.selected
    if comparison is None or chosen is None or second.approach is None:
        raise ValueError("nothing was compared")
    bound = comparison.worst_excess(cell, () if second.sized is None else second.sized.dropped)
    difference = None if cell == chosen.best else comparison.difference(cell, chosen.best)
    return EquivalentSize(
        units=cell.units,
        layers=cell.layers,
        parameters=cell.parameters(second.approach.form.channels),
        excess=0.0 if difference is None else difference.mean,
        excess_high=bound if bound is not None and np.isfinite(bound) else None,
        p_value=chosen.p_values[cell],
    )


def size_records(second: SecondHalf) -> list[SizeRecord]:
    """Return the records of all sizes that were tried, in order of size."""
    sized, approach = second.sized, second.approach
    if sized is None or approach is None:
        return []
    channels, folds = approach.form.channels, second.plan.settings.folds
    return [_size(sized, cell, cell.parameters(channels), folds) for cell in sizes_of(sized.outcomes)]


def _size(sized: Sized, cell: Cell, parameters: int, folds: int) -> SizeRecord:
    outcomes = sorted(
        (outcome for outcome in sized.outcomes if outcome.replicate.cell == cell),
        key=lambda outcome: outcome.replicate,
    )
    losses = [outcome.loss for outcome in outcomes if outcome.loss is not None]
    failures = [outcome.reason or outcome.state for outcome in outcomes if outcome.loss is None]
    dropped = sized.dropped.get(cell)
    state: CellState = "complete" if len(losses) >= folds else "unfinished"
    if failures or dropped:
        state = "failed" if failures else "dropped"
    return SizeRecord(
        units=cell.units,
        layers=cell.layers,
        parameters=parameters,
        state=state,
        reason=failures[0] if failures else dropped,
        mean=float(np.mean(losses)) if losses else None,
        stderr=float(np.std(losses, ddof=1) / np.sqrt(len(losses))) if len(losses) > 1 else None,
        replicates=[_replicate(outcome, sized.results[outcome.replicate], folds) for outcome in outcomes],
    )


def _replicate(outcome: Outcome, result: TrialResult, folds: int) -> ReplicateRecord:
    return ReplicateRecord(
        fold=outcome.replicate.fold(folds),
        seed=outcome.replicate.seed,
        loss=outcome.loss,
        steps=outcome.steps,
        state=outcome.state,
        reason=outcome.reason,
        train_loss=result.train_loss,
        validation_loss=result.validation_loss,
        curve=result.curve,
    )
