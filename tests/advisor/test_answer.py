"""The record of the answer, from the parts of a run."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from lstmsize.advisor.answer import _choice, _holdout, verdict_of
from lstmsize.advisor.plan import RECIPE
from lstmsize.advisor.second_half import SecondHalf
from lstmsize.config import Request
from lstmsize.replicates import Replicate
from lstmsize.resampling import Gain
from lstmsize.space import Cell
from lstmsize.splits import cut
from lstmsize.transforms import InputForm
from lstmsize.trials import Approach, TrialResult
from lstmsize.verdict import Judgement
from lstmsize.yardstick import Yardstick

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


def test_the_rate_is_that_of_the_width_and_the_steps_the_median_of_the_holdouts():
    second = SimpleNamespace(
        selected=SimpleNamespace(cell=Cell(128, 1), basis="non-inferior", excess_at_most=0.01),
        approach=Approach(form=InputForm(kind="level")),
        sized=SimpleNamespace(results={}),
        plan=SimpleNamespace(window=8),
        judgement=Judgement(verdict="recurrent", lean=None, reason=""),
        final=[TrialResult(state="converged", steps=steps, forecasts=[0.0]) for steps in (100, 300, 700)],
    )
    second.recommends = partial(SecondHalf.recommends, second)
    choice = _choice(second, Request())
    assert choice is not None
    assert (choice.units, choice.basis, choice.parameters) == (128, "non-inferior", Cell(128, 1).parameters(1))
    assert choice.training.learning_rate == RECIPE.hidden_rate(128) != RECIPE.learning_rate
    assert choice.training.steps == 300


def test_the_error_on_the_holdout_is_that_of_the_mean_of_all_losses():
    splits = cut(400)
    second = SimpleNamespace(
        gain=Gain(gain=0.5, low=0.4, high=0.6, p_value=0.001),
        yardstick=Yardstick.of(np.zeros(400), np.ones(400), splits.final, "rmse", 0.0),
        used=2,
        final=[TrialResult(state="converged", forecasts=[error] * 80) for error in (0.1, 0.7)],
    )
    held = _holdout(SimpleNamespace(splits=splits, seasons=(8,)), second, Request())
    assert held is not None
    assert (held.first, held.n, held.used, held.block) == (320, 80, 2, 9)
    assert (held.error_baseline, held.error_network) == pytest.approx((1.0, 0.5))
    assert held.seeds == pytest.approx([0.1, 0.7])
    assert held.forecast_network == pytest.approx([0.4] * 80)


def test_where_nothing_was_compared_the_answer_leans_to_what_is_simple():
    first, second = SimpleNamespace(simple_verdict=lambda _: "unpredictable"), SimpleNamespace(judgement=None)
    assert verdict_of(first, second, Request()) == ("inconclusive", "unpredictable")
