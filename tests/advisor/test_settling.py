"""What would settle an inconclusive answer, from the parts of a run."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lstmsize.advisor.plan import Plan
from lstmsize.advisor.second_half import SecondHalf
from lstmsize.advisor.settling import budget_needed, cut_short, settled_by
from lstmsize.advisor.wording import _settling, transform_reason
from lstmsize.comparison import Comparison
from lstmsize.config import Request
from lstmsize.replicates import LossTable, Replicate
from lstmsize.resampling import Gain
from lstmsize.results import SettledBy
from lstmsize.search import Sized
from lstmsize.space import Cell, Space
from lstmsize.strategy import Settings
from lstmsize.transforms import InputForm
from lstmsize.trials import Approach, Job, TrialResult
from lstmsize.verdict import rows_needed

FIRST = SimpleNamespace(seconds={"baselines": 2.0, "gate": 1.0})
SMALL = Cell(32, 1)
LEVEL = Approach(form=InputForm(kind="level"))
SETTINGS = Settings(folds=3, tolerance=0.02, min_gain=0.02, effort=1.0, channels=1, window=8, batch=32)
# The effort is a hundred seconds of one worker at a hundred steps a second.
SETTINGS = replace(SETTINGS, effort=10_000 * SETTINGS.step_work(SMALL))
PLAN = Plan(
    window=8,
    window_reason="",
    forms=[LEVEL.form] * 3,
    space=Space(units=(32, 64), multiple=32, layers=(1, 1)),
    settings=SETTINGS,
)


def trained(count: int, *, trial: bool = False) -> dict[Job, TrialResult]:
    return {
        Job(approach=LEVEL, replicate=Replicate(SMALL, n), fold=0, trial=trial): TrialResult(
            state="converged", steps_run=100, seconds=1.0
        )
        for n in range(count)
    }


def run(
    ended: str = "budget", spent: float = 0.25, final: int = 0, *, trials_cut: bool = False, selected: bool = True
) -> SecondHalf:
    """Trials that took 4 s and a search of 10 s, two workers, one second per training."""
    return SecondHalf(
        plan=PLAN,
        approach=LEVEL,
        trials_cut=trials_cut,
        sized=Sized(outcomes=[], results={}, ended=ended, dropped={}, spent=spent),
        selected=SimpleNamespace(cell=SMALL) if selected else None,  # type: ignore[arg-type]
        final=[TrialResult(state="converged")] * final,
        seconds={"form": 4.0, "search": 10.0},
        trainings=trained(6, trial=True) | trained(4),
        jobs=2,
    )


def needed(second: SecondHalf, budget: float | None) -> float | None:
    return budget_needed(FIRST, second, Request(budget=budget))  # type: ignore[arg-type]


def test_a_run_without_a_budget_is_never_cut_short():
    assert needed(run(), None) is None


def test_a_search_is_extended_to_the_whole_effort_at_the_pace_of_the_trainings():
    # 3 s, 4 s and 100 s of two workers make 57 s, of which the search may take .7.
    assert needed(run(), 20.0) == 82


def test_where_no_size_was_compared_the_trials_tell_the_pace():
    assert needed(replace(run(spent=0.0, selected=False), trainings=trained(2, trial=True)), 20.0) == 82


def test_where_nothing_was_trained_a_few_steps_tell_the_pace():
    # Twelve trials of 1,000 steps and 10,000 steps of search, a hundredth of a second each, make 60 s and 50 s of
    # two workers; with the first half's 3 s the search may take .7.
    nothing = SecondHalf(plan=PLAN, jobs=2)
    assert cut_short(nothing, Request(budget=0.2))
    assert needed(replace(nothing, step_seconds=0.01), 0.2) == 170
    assert needed(nothing, 0.2) is None  # the worker that was to time them died


def test_trials_that_were_cut_are_extended_to_all_of_them():
    # Four candidates on three folds, two at a time, make 6 s; with the first half's 3 s they may take .4.
    second = run(ended="settled", final=5, trials_cut=True)
    assert cut_short(second, Request(budget=5.0))
    assert needed(second, 5.0) == 28


def test_it_is_at_least_doubled_and_what_larger_sizes_may_take_is_added_once_they_pay():
    assert needed(run(), 60.0) == 120
    assert needed(run(spent=1.0), 60.0) == 300  # 207 s / .7


def test_a_search_that_came_to_its_end_is_not_extended():
    # 3 s, 4 s and 10 s make 17 s, of which the search may take .7; the doubled budget is less.
    assert needed(run(ended="settled", spent=0.1, final=2), 10.0) == 25


@pytest.mark.parametrize(
    ("ended", "gain", "failed", "steps", "reason"),
    [
        ("settled", 0.0, 0, 100, None),
        ("unaffordable", 0.1, 0, 100, None),
        ("settled", 0.1, 0, 0, "what is lacking are networks that learn something beyond the simple models"),
        (
            "unaffordable",
            0.0,
            0,
            100,
            "what is lacking is a larger size than the planned effort reaches, and more rows do not show it",
        ),
        ("settled", 0.041, 0, 100, "the gain is too uncertain for a number of rows that would settle it"),
        (
            "settled",
            0.5,
            0,
            100,
            "the folds and the holdout differ too much for a number of rows that would settle it",
        ),
        ("settled", 0.0, 1, 100, "what is lacking are trainings that do not fail"),
    ],
)
def test_where_no_rows_are_advised_the_answer_says_why(
    ended: str, gain: float, failed: int, steps: int, reason: str | None
):
    # Folds without a gain, and a holdout that may have one or not.
    settling = settled(np.ones((1, 3)), gain, Request(), ended=ended, failed=failed, steps=steps)
    assert (settling.rows is None, settling.reason) == (reason is not None, reason)


def settled(
    folds: np.ndarray, gain: float, request: Request, *, ended: str, failed: int = 0, steps: int = 100
) -> SettledBy:
    """What would settle the answer of a run with these losses on the folds and this gain on the holdout."""
    second = replace(
        run(ended=ended),
        final=[TrialResult(state="converged", steps=steps)] * 5,
        failed=failed,
        selected=SimpleNamespace(
            cell=SMALL,
            comparison=Comparison(LossTable(cells=[SMALL], losses=folds, blocks={}), 3),  # type: ignore[arg-type]
        ),
        gain=Gain(gain=gain, low=gain - 0.1, high=gain + 0.1, p_value=0.5),
        used=1,
        yardstick=SimpleNamespace(actual=np.zeros(80)),  # type: ignore[arg-type]
    )
    first = SimpleNamespace(splits=SimpleNamespace(rows=400), seconds=FIRST.seconds)
    return settled_by(first, second, request)  # type: ignore[arg-type]


def test_rounding_is_no_gain_that_larger_sizes_might_add_to():
    settling = settled(np.ones((1, 3)), 1e-16, Request(min_gain=0), ended="unaffordable")
    assert settling.reason is not None
    assert settling.reason.startswith("what is lacking is a larger size")


def test_failed_trainings_are_no_matter_of_the_budget():
    assert needed(run(ended="failed"), 20.0) is None


def test_a_search_that_ended_but_not_the_holdout_was_cut_short():
    assert cut_short(run(ended="settled", final=3), Request(budget=20.0))
    assert not cut_short(run(ended="settled", final=5), Request(budget=20.0))


@pytest.mark.parametrize(
    ("settling", "clause"),
    [
        (None, ""),
        (SettledBy(rows=None, budget=None), ""),
        (SettledBy(rows=None, budget=None, reason="trainings failed"), "; trainings failed"),
        (SettledBy(rows=41234, budget=None), "; about 42,000 rows in all would be needed to settle it"),
        (SettledBy(rows=None, budget=480.0), "; with --budget 8m the run would come to its own end"),
        (
            SettledBy(rows=987, budget=68.0),
            "; with --budget 68s the run would come to its own end"
            "; about 990 rows in all would be needed to settle it",
        ),
    ],
)
def test_the_clause_names_what_is_lacking(settling: SettledBy | None, clause: str):
    assert _settling(settling) == clause


@pytest.mark.parametrize(
    ("losses", "cut", "told"),
    [
        ({"level": {0: 0.9}}, True, "the only one that was tried before the budget ended"),
        (
            {"level": {0: 0.9}, "difference": {0: 1.0}},
            True,
            "the best of 2 input forms and weight decays in short trials of 32×1, which the budget ended early: "
            "0.900 of the best baseline's on the folds",
        ),
        (
            {"level": {0: 0.9, 1: 0.8}, "level, weight decay 1": {0: 1.0}},
            False,
            "the best of 2 input forms and weight decays in short trials of 32×1: "
            "0.850 of the best baseline's on the folds",
        ),
        (
            {"level": {0: 0.889, 1: 0.889}, "correction": {0: 0.886, 1: 0.886}, "difference": {0: 0.8}},
            False,
            "in a near tie the first of 3 input forms and weight decays in short trials of 32×1: "
            "0.889 of the best baseline's on the folds",
        ),
    ],
)
def test_the_reason_for_a_form_says_how_it_was_chosen(losses: dict, cut: bool, told: str):
    assert transform_reason(replace(run(trials_cut=cut), approach=LEVEL, trial_losses=losses)) == told


def test_the_holdout_takes_its_rounds_of_networks_of_the_chosen_size():
    slow = {
        Job(approach=LEVEL, replicate=Replicate(SMALL, number), fold=0): TrialResult(
            state="converged", steps_run=100, seconds=100.0
        )
        for number in range(3)
    }
    second = replace(run(ended="settled", final=2), trainings=slow)
    assert needed(second, 10.0) == 320  # 17 s, and five networks of 100 s by two workers


def test_networks_that_failed_are_not_lacking_for_want_of_time():
    assert not cut_short(replace(run(ended="settled", final=3), failed=2), Request(budget=20.0))


def test_the_rows_that_are_advised_count_the_looks_at_the_holdout():
    table = LossTable(cells=[SMALL], losses=np.array([[1.0, 0.9, 0.95]]), blocks={})
    gain = Gain(gain=0.08, low=-0.02, high=0.18, p_value=0.1)
    second = replace(
        run(ended="settled"),
        final=[TrialResult(state="converged", steps=100)] * 5,
        selected=SimpleNamespace(cell=SMALL, comparison=Comparison(table, 3)),  # type: ignore[arg-type]
        gain=gain,
        used=4,
        yardstick=SimpleNamespace(actual=np.zeros(80)),  # type: ignore[arg-type]
    )
    first = SimpleNamespace(splits=SimpleNamespace(rows=400), seconds=FIRST.seconds)
    found = settled_by(first, second, Request())  # type: ignore[arg-type]
    assert found.rows == rows_needed(gain, 0.05, min_gain=0.02, scored=80, rows=400, used=4)
    assert found.rows != rows_needed(gain, 0.05, min_gain=0.02, scored=80, rows=400)


def test_a_form_is_the_best_of_those_with_as_many_trials():
    losses = {"level": {0: 0.85, 1: 0.85}, "correction": {0: 0.86, 1: 0.86}, "difference": {0: 0.8}}
    assert transform_reason(replace(run(), trial_losses=losses)).startswith("the best of 3")
