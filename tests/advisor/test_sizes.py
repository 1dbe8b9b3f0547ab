"""Sizes as they stand in the record, from the parts of a run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lstmsize.advisor.sizes import equivalent_size, size_records
from lstmsize.comparison import Comparison
from lstmsize.replicates import Outcome, Replicate, sizes_of, tabulate
from lstmsize.results import SizeRecord
from lstmsize.selection import select
from lstmsize.space import Cell
from lstmsize.trials import TrialResult

SMALL, WIDE = Cell(32, 1), Cell(128, 1)
LEARNT = {SMALL: [0.80, 0.90, 1.00], Cell(64, 1): [0.81, 0.92, 1.01]}


def searched(losses: dict[Cell, list[float]], dropped: dict[Cell, str] | None = None) -> SimpleNamespace:
    outcomes = [
        Outcome(replicate=Replicate(cell, number), state="converged", loss=loss)
        for cell, each in losses.items()
        for number, loss in enumerate(each)
    ]
    comparison = Comparison(tabulate(outcomes, 3, sizes_of(outcomes)), 3)
    return SimpleNamespace(
        sized=SimpleNamespace(
            outcomes=outcomes,
            results={outcome.replicate: TrialResult(state="converged") for outcome in outcomes},
            dropped=dropped or {},
        ),
        approach=SimpleNamespace(form=SimpleNamespace(channels=1)),
        plan=SimpleNamespace(settings=SimpleNamespace(folds=3)),
        selected=select(comparison, 0.02),
    )


def recorded(losses: dict[Cell, list[float]], dropped: dict[Cell, str] | None = None) -> dict[str, SizeRecord]:
    second = searched(losses, dropped)
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


def test_after_one_training_each_the_excess_over_the_best_is_what_was_observed():
    second = searched({SMALL: [1.0], Cell(64, 1): [0.9], WIDE: [0.8]})
    found = [equivalent_size(second, cell) for cell in second.selected.equivalent]  # type: ignore[arg-type]
    assert [size.excess for size in found] == pytest.approx([0.25, 0.125, 0.0])
    assert {size.excess_high for size in found} == {None}


def test_the_excess_of_sizes_that_share_no_training_is_unknown():
    second = searched({SMALL: [1.0], WIDE: [float("nan"), 0.8]})
    assert equivalent_size(second, SMALL).excess is None  # type: ignore[arg-type]


def test_the_standard_error_is_that_of_the_mean_and_a_failure_comes_before_all_else():
    whole = recorded(LEARNT)["32x1"]
    assert (whole.mean, whole.stderr) == pytest.approx((0.9, 0.1 / 3**0.5))
    second = searched(LEARNT, dropped={SMALL: "worse"})
    bad = Outcome(replicate=Replicate(SMALL, 3), state="diverged", loss=None, reason="nan", steps_run=7)
    second.sized.outcomes.append(bad)
    second.sized.results[bad.replicate] = TrialResult(state="diverged")
    failed = size_records(second)[0]  # type: ignore[arg-type]
    assert (failed.state, failed.reason, failed.replicates[-1].steps) == ("failed", "nan", None)


def test_the_excess_is_that_over_the_observed_best_also_where_another_size_is_chosen():
    second = searched({SMALL: [0.805] * 3, Cell(64, 1): [0.8] * 3})
    assert (second.selected.cell, second.selected.best) == (SMALL, Cell(64, 1))
    excess = equivalent_size(second, Cell(64, 1)).excess  # type: ignore[arg-type]
    assert excess == pytest.approx(0.0)
