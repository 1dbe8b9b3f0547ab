"""The sizes of a search as they stand in the record."""

from __future__ import annotations

import numpy as np

from lstmsize.advisor.second_half import SecondHalf
from lstmsize.replicates import Replicate
from lstmsize.results import CellState, EquivalentSize, ReplicateRecord, SizeRecord
from lstmsize.space import Cell, size_order


def equivalent_size(second: SecondHalf, cell: Cell) -> EquivalentSize:
    """Return the record of a size that cannot be told apart from the best."""
    comparison, chosen = second.comparison, second.selected
    if comparison is None or chosen is None or second.form is None:
        raise ValueError("nothing was compared")
    bound = comparison.worst_excess(cell, () if second.sized is None else second.sized.dropped)
    difference = None if cell == chosen.best else comparison.difference(cell, chosen.best)
    return EquivalentSize(
        units=cell.units,
        layers=cell.layers,
        parameters=cell.parameters(second.form.channels),
        excess=0.0 if difference is None else difference.mean,
        excess_high=bound if bound is not None and np.isfinite(bound) else None,
    )


def size_records(second: SecondHalf) -> list[SizeRecord]:
    """Return the records of all sizes that were tried, in order of size."""
    if second.sized is None or second.form is None:
        return []
    cells = sorted({outcome.replicate.cell for outcome in second.sized.outcomes}, key=size_order)
    return [_size(second, cell) for cell in cells]


def _size(second: SecondHalf, cell: Cell) -> SizeRecord:
    if second.sized is None or second.form is None:
        raise ValueError("nothing was searched")
    outcomes = {o.replicate: o for o in second.sized.outcomes if o.replicate.cell == cell}
    losses = [o.loss for o in outcomes.values() if o.loss is not None]
    failures = [o.reason or o.state for o in outcomes.values() if o.loss is None]
    dropped = second.sized.dropped.get(cell)
    state: CellState = "complete" if len(losses) >= second.plan.settings.folds else "unfinished"
    if failures or dropped:
        state = "failed" if failures else "dropped"
    return SizeRecord(
        units=cell.units,
        layers=cell.layers,
        parameters=cell.parameters(second.form.channels),
        state=state,
        reason=failures[0] if failures else dropped,
        mean=float(np.mean(losses)) if losses else None,
        stderr=float(np.std(losses, ddof=1) / np.sqrt(len(losses))) if len(losses) > 1 else None,
        replicates=[_replicate(second, replicate) for replicate in sorted(outcomes)],
    )


def _replicate(second: SecondHalf, replicate: Replicate) -> ReplicateRecord:
    if second.sized is None:
        raise ValueError("nothing was searched")
    outcome = next(o for o in second.sized.outcomes if o.replicate == replicate)
    result = second.sized.results[replicate]
    return ReplicateRecord(
        fold=replicate.fold(second.plan.settings.folds),
        seed=replicate.seed,
        loss=outcome.loss,
        steps=outcome.steps,
        state=outcome.state,
        reason=outcome.reason,
        train_loss=result.train_loss,
        validation_loss=result.validation_loss,
        curve=result.curve,
    )
