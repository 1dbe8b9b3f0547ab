"""The choice of input form and weight decay with a trainer that trains nothing."""

from __future__ import annotations

import pytest

from lstmsize.approaches import ApproachTrials, BudgetEnded
from lstmsize.executors import Lost
from lstmsize.search import Search
from lstmsize.space import Cell
from lstmsize.trials import Approach, Job, TrialResult
from rehearsal import CHANGE, LEVEL, Rehearsal, rehearse

SMALL = Cell(32, 1)


def chosen(search: Search) -> tuple[Approach, dict[str, dict[int, float]]]:
    """Choose between changes and levels."""
    trials = ApproachTrials(search=search, cell=SMALL, deadline=None)
    return trials.choose([CHANGE.form, LEVEL.form]), trials.losses


def test_the_form_with_the_lowest_loss_is_chosen_by_trials_that_are_no_replicates():
    executor = Rehearsal({32: 0.5})
    search, _ = rehearse(executor)
    approach, losses = chosen(search)
    assert approach.form == LEVEL.form
    assert sorted(losses["level"]) == [0, 1, 2]
    assert all(job.trial for job in executor.done)


@pytest.mark.parametrize(("factor", "weight_decay"), [(0.9, 1.0), (1.0, 1.0), (1.1, 0.0)])
def test_a_weight_decay_is_tried_on_the_best_form_and_taken_where_it_does_not_hurt(factor, weight_decay):
    executor = Rehearsal({32: 0.5}, decayed=factor)
    approach, losses = chosen(rehearse(executor)[0])
    assert approach == Approach(form=LEVEL.form, weight_decay=weight_decay)
    assert sorted(losses) == ["difference", "level", "level, weight decay 1"]
    assert sorted(losses["level, weight decay 1"]) == [0, 1, 2]


def test_without_time_for_any_form_the_budget_has_ended():
    search, _ = rehearse(Rehearsal({32: 0.5}, most=0))
    with pytest.raises(BudgetEnded):
        chosen(search)


def test_trials_that_the_budget_ended_choose_from_what_is_in_and_say_so():
    trials = ApproachTrials(search=rehearse(Rehearsal({32: 0.5}, most=3))[0], cell=SMALL, deadline=None)
    trials.choose([CHANGE.form, LEVEL.form])
    assert trials.cut_short


def test_a_form_whose_trials_fail_is_not_chosen():
    class Failing(Rehearsal):
        def trained(self, job: Job) -> TrialResult | Lost:
            return TrialResult(state="diverged") if job.approach.form == CHANGE.form else super().trained(job)

    search, _ = rehearse(Failing({32: 2.0}))
    trials = ApproachTrials(search=search, cell=SMALL, deadline=None)
    assert trials.choose([CHANGE.form, LEVEL.form]).form == LEVEL.form
