"""What a run asks for next, told from results."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lstmsize.prospect import Prospect
from lstmsize.replicates import Replicate
from lstmsize.scoring import Scoring
from lstmsize.space import Cell
from lstmsize.trials import HOLDOUT, Approach, Job, TrialResult
from lstmsize.yardstick import Yardstick
from rehearsal import CHANGE, FOLDS, LEVEL, ROWS, SETTINGS, SPACE, VALUES, Rehearsal

SMALL = Cell(32, 1)
DECAYED = replace(LEVEL, weight_decay=1.0)


def prospect(*, holdout: bool = True) -> Prospect:
    yardsticks = {
        number: Yardstick.of(VALUES, np.zeros(ROWS)[: fold.score_stop], fold, "rmse", 0.001)
        for number, fold in FOLDS.items()
        if holdout or number != HOLDOUT
    }
    scoring = Scoring(yardsticks=yardsticks, metric="rmse", seasons=())
    return Prospect(scoring=scoring, forms=[CHANGE.form, LEVEL.form], space=SPACE, settings=SETTINGS)


def trial(approach: Approach, number: int) -> Job:
    return Job.of(approach, Replicate(SMALL, number), 3, trial=True)


def results(*jobs: Job) -> dict[Job, TrialResult]:
    """As `Rehearsal` trains: changes err twice as much as levels, with a decay a tenth more."""
    trained = Rehearsal({32: 0.5, 64: 0.4}, decayed=1.1).trained
    return {job: result for job in jobs if isinstance(result := trained(job), TrialResult)}


FIRST = [trial(CHANGE, 0), trial(LEVEL, 0)]
TRIALS = [*FIRST, trial(LEVEL, 1), trial(LEVEL, 2), *(trial(DECAYED, number) for number in range(3))]


def test_trials_of_all_forms_come_first_and_then_of_those_that_keep_up() -> None:
    assert prospect().jobs({}) == FIRST
    assert prospect().jobs(results(FIRST[0])) == [FIRST[1]]
    assert prospect().jobs(results(*FIRST)) == [trial(LEVEL, 1), trial(LEVEL, 2)]


def test_a_trial_under_way_ends_as_the_best_there() -> None:
    found = prospect().jobs(results(FIRST[1]), coming=[FIRST[0]])
    assert found == [trial(form, number) for number in (1, 2) for form in (CHANGE, LEVEL)]


def test_weight_decays_are_tried_on_the_form_that_was_chosen() -> None:
    assert prospect().jobs(results(*TRIALS[:4])) == TRIALS[4:5]
    assert prospect().jobs(results(*TRIALS[:5])) == TRIALS[5:]


def test_then_sizes_are_compared_as_the_strategy_says() -> None:
    first = prospect().jobs(results(*TRIALS))
    assert {job.approach for job in first} == {LEVEL}
    assert {job.replicate.cell for job in first} == {SMALL, Cell(64, 1)}
    assert {job.replicate.number for job in first} == {0, 1}
    following = prospect().jobs(results(*TRIALS, *first[1:]), coming=first[:1])
    assert {job.replicate.number for job in following} == {2}


def test_where_the_search_would_end_the_holdout_comes_if_it_is_known() -> None:
    known, asked = results(*TRIALS), prospect().jobs(results(*TRIALS))
    while not any(job.fold == HOLDOUT for job in asked):
        assert asked
        known |= results(*asked)
        asked = prospect().jobs(known)
    assert [job.replicate for job in asked] == [Replicate(Cell(64, 1), number) for number in range(5)]
    assert prospect(holdout=False).jobs(known) == []


def test_where_all_sizes_failed_nothing_is_left_to_begin() -> None:
    failed = TrialResult(state="diverged", reason="the loss was nan")
    known = results(*TRIALS)
    assert prospect().jobs(known | dict.fromkeys(prospect().jobs(known), failed)) == []
