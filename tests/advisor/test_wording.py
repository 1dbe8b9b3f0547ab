"""The sentences of the answer."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lstmsize.advisor.wording import baseline_summary, choice_summary, transform_reason
from lstmsize.comparison import Comparison
from lstmsize.replicates import LossTable
from lstmsize.resampling import Gain
from lstmsize.space import Cell
from lstmsize.verdict import Judgement


def first(low: float) -> SimpleNamespace:
    return SimpleNamespace(
        best="linear_autoregression",
        recursion=None,
        skill=Gain(gain=0.013, low=low, high=0.12, p_value=0.01),
        board=SimpleNamespace(simplest="mean"),
        gate=SimpleNamespace(reason="no probe gains anything"),
    )


def second(**known: object) -> SimpleNamespace:
    plan = SimpleNamespace(space=SimpleNamespace(smallest=Cell(32, 1)), settings=SimpleNamespace(folds=3))
    unknown = {
        "judgement": None,
        "failed": 0,
        "sized": None,
        "selected": None,
        "approach": None,
        "trial_losses": {},
    }
    return SimpleNamespace(**(unknown | {"plan": plan} | known))


@pytest.mark.parametrize(
    ("low", "told"),
    [
        (-0.01, "nothing is shown to beat the mean: there is no structure to learn"),
        (
            0.005,
            "nothing is shown to beat the mean by what is worth having: there is hardly any structure to learn",
        ),
    ],
)
def test_a_simple_model_that_surely_gains_too_little_is_not_called_nothing(low: float, told: str) -> None:
    assert baseline_summary(first(low), "unpredictable") == f"One step ahead, {told}."
    judged = Judgement(verdict="unpredictable", lean=None, reason="why")
    summary = choice_summary(first(low), second(judgement=judged), "unpredictable", None, None, None)
    assert summary.startswith(f"One step ahead, {told.split(':')[0]}, an LSTM does not either")


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({}, "the run ended"),
        ({"sized": SimpleNamespace(ended="budget")}, "the run ended"),
        ({"sized": SimpleNamespace(ended="failed")}, "trainings failed"),
        ({"sized": SimpleNamespace(ended="settled"), "failed": 5}, "trainings failed"),
    ],
)
def test_a_run_in_which_all_trainings_failed_did_not_end_early(known: dict[str, object], why: str) -> None:
    summary = choice_summary(first(0.05), second(**known), "inconclusive", "baseline", None, None)
    compared = "before a network could be compared with linear autoregression on the holdout;"
    assert f"the question is open: {why} {compared}" in summary


def test_what_was_seen_before_the_holdout_is_told() -> None:
    def told(**known: object) -> str:
        return choice_summary(first(0.05), second(**known), "inconclusive", "baseline", None, None)

    assert "the holdout (short trials of 32×1 had 15.0% less error);" in told(
        approach="level", trial_losses={"level": {0: 0.8, 1: 0.9}, "difference": {0: 0.9}}
    )
    assert "(short trials of 32×1 had 20.0% more error);" in told(
        approach="level", trial_losses={"level": {0: 1.2}}
    )
    assert "the holdout;" in told(approach="level", trial_losses={"level": {0: float("inf")}})
    table = LossTable(cells=[Cell(64, 1)], losses=np.array([[0.6, 0.7]]), blocks={})
    selected = SimpleNamespace(cell=Cell(64, 1), comparison=Comparison(table, 3))
    assert "the holdout (64×1 had 35.0% less error on 2 of 3 folds);" in told(selected=selected)


def test_the_form_of_trainings_that_all_failed_is_no_best_one() -> None:
    tried = {"level": {0: float("inf")}, "difference": {0: float("inf")}}
    found = second(trial_losses=tried, trials_cut=False, approach="level")
    assert transform_reason(found) == "the first of the input forms; all their trainings failed"


def test_the_lean_and_the_verdict_are_told_in_words() -> None:
    def told(verdict: str, lean: str | None) -> str:
        judged = Judgement(verdict=verdict, lean=lean, reason="why")  # type: ignore[arg-type]
        return choice_summary(first(0.05), second(judgement=judged), verdict, lean, None, None)  # type: ignore[arg-type]

    unsettled = "One step ahead, the evidence does not settle it: why; "
    assert told("inconclusive", "recurrent") == unsettled + "it leans to a recurrent network."
    safer = "until it is settled, linear autoregression is the safer choice."
    assert told("inconclusive", "baseline") == unsettled + safer
    enough = "linear autoregression is enough, an LSTM does not beat it by what is worth having: why."
    assert told("baseline", None) == f"One step ahead, {enough}"
