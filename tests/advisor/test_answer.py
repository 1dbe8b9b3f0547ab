"""The record of the answer, from the parts of a run."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from lstmsize.advisor.answer import _choice
from lstmsize.advisor.second_half import SecondHalf
from lstmsize.config import Request
from lstmsize.replicates import Replicate
from lstmsize.space import Cell
from lstmsize.transforms import InputForm
from lstmsize.trials import Approach, TrialResult

SMALL, LARGE = Cell(32, 1), Cell(64, 1)


def test_where_the_budget_left_nothing_on_the_holdout_the_folds_tell_how_long_to_train():
    results = {
        Replicate(cell, number): TrialResult(state="converged", steps=steps, forecasts=[0.0])
        for cell, number, steps in ((SMALL, 0, 300), (SMALL, 1, 500), (SMALL, 2, 400), (LARGE, 0, 900))
    }
    second = SimpleNamespace(
        selected=SimpleNamespace(cell=SMALL, basis="observed-best", excess_at_most=None),
        approach=Approach(form=InputForm(kind="level")),
        sized=SimpleNamespace(results=results),
        plan=SimpleNamespace(window=8),
        judgement=None,
        final=[],
    )
    second.recommends = partial(SecondHalf.recommends, second)
    assert _choice(second, Request()) is None
    choice = _choice(second, Request(force_search=True))
    assert choice is not None
    assert (choice.units, choice.basis) == (32, "forced")
    assert (choice.training.steps, choice.training.steps_last_step) == (400, 1200)
