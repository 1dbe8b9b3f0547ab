"""Sizes as they stand in the record, from the parts of a run."""

from __future__ import annotations

from types import SimpleNamespace

from lstmsize.advisor.sizes import size_records
from lstmsize.comparison import Comparison
from lstmsize.replicates import Outcome, Replicate, sizes_of, tabulate
from lstmsize.results import SizeRecord
from lstmsize.space import Cell
from lstmsize.trials import TrialResult

SMALL, WIDE = Cell(32, 1), Cell(128, 1)
LEARNT = {SMALL: [0.80, 0.90, 1.00], Cell(64, 1): [0.81, 0.92, 1.01]}


def recorded(losses: dict[Cell, list[float]], dropped: dict[Cell, str] | None = None) -> dict[str, SizeRecord]:
    outcomes = [
        Outcome(replicate=Replicate(cell, number), state="converged", loss=loss)
        for cell, each in losses.items()
        for number, loss in enumerate(each)
    ]
    second = SimpleNamespace(
        sized=SimpleNamespace(
            outcomes=outcomes,
            results={outcome.replicate: TrialResult(state="converged") for outcome in outcomes},
            dropped=dropped or {},
        ),
        approach=SimpleNamespace(form=SimpleNamespace(channels=1)),
        plan=SimpleNamespace(settings=SimpleNamespace(folds=3)),
        comparison=Comparison(tabulate(outcomes, 3, sizes_of(outcomes)), 3),
        selected=SimpleNamespace(cell=SMALL),
    )
    return {f"{size.units}x{size.layers}": size for size in size_records(second)}  # type: ignore[arg-type]


def test_a_size_on_every_fold_is_complete():
    size = recorded(LEARNT)["32x1"]
    assert (size.state, size.reason, size.parameters) == ("complete", None, 4513)
    assert [(r.fold, r.seed, r.loss) for r in size.replicates] == [(2, 0, 0.80), (1, 1, 0.90), (0, 2, 1.00)]


def test_one_that_was_looked_at_once_is_compared_on_that_fold():
    size = recorded(LEARNT | {WIDE: [0.84]})["128x1"]
    assert (size.state, size.reason) == ("unfinished", "5.0% worse than 32×1 on the latest fold")
    better = recorded(LEARNT | {WIDE: [0.79, 0.89]})["128x1"]
    assert better.reason == "1.2% better than 32×1 on the latest folds"


def test_one_that_was_given_up_says_why():
    size = recorded(LEARNT | {WIDE: [0.84]}, dropped={WIDE: "5.0% worse than 64×1"})["128x1"]
    assert (size.state, size.reason) == ("dropped", "5.0% worse than 64×1")
