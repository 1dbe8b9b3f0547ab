"""The search with a trainer that trains nothing: barriers, ledger, budget, failures."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from time import monotonic

import numpy as np
import pytest

from lstmsize.approaches import ApproachTrials
from lstmsize.config import Metric
from lstmsize.events import Barrier, ReplicateDone
from lstmsize.ledger import Ledger
from lstmsize.replicates import Replicate
from lstmsize.scoring import Scoring
from lstmsize.search import Search
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.trials import HOLDOUT, Job, TrialResult
from lstmsize.yardstick import Yardstick
from rehearsal import CHANGE, FOLDS, LEVEL, SETTINGS, SPACE, VALUES, Rehearsal, rehearse


def test_losses_are_relative_to_the_best_baseline():
    search, _ = rehearse(Rehearsal({32: 0.5, 64: 0.5}))
    sized = search.sizes(LEVEL, SPACE, SETTINGS, None)
    for outcome in sized.outcomes:
        fold = FOLDS[outcome.replicate.fold(3)]
        reference = np.sqrt(np.mean(VALUES[fold.train_stop : fold.score_stop] ** 2))
        expected = 0.5 * (1 + 0.001 * outcome.replicate.number) / reference
        assert outcome.loss == pytest.approx(expected, rel=1e-5)


def test_a_search_tells_of_every_training_and_every_barrier():
    search, heard = rehearse(Rehearsal({32: 0.5, 64: 0.5}))
    sized = search.sizes(LEVEL, SPACE, SETTINGS, None)
    assert sized.ended == "settled"
    assert sum(isinstance(event, ReplicateDone) for event in heard) == len(sized.outcomes)
    barriers = [event for event in heard if isinstance(event, Barrier)]
    assert [event.number for event in barriers] == list(range(1, len(barriers) + 1))
    assert barriers[-1].best == "32×1"


def test_of_trials_that_all_failed_none_is_called_the_best():
    search, heard = rehearse(Rehearsal({}))
    search.tell_trials({"level": {0: np.inf}, "difference": {0: np.inf}}, Cell(32, 1))
    search.tell_trials({"level": {0: np.inf}, "difference": {0: 0.9}}, Cell(32, 1))
    told = [(event.best, event.loss) for event in heard if isinstance(event, Barrier)]
    assert told == [(None, None), ("32×1, difference", 0.9)]


def test_no_more_time_is_told_than_the_budget_leaves():
    search, heard = rehearse(Rehearsal({32: 0.5, 64: 0.5}))
    search.sizes(LEVEL, SPACE, SETTINGS, monotonic())
    left = [event.seconds_left for event in heard if isinstance(event, Barrier)]
    assert set(left) == {0.0}


def test_the_time_left_is_told_at_the_pace_of_the_trainings_also_where_a_study_holds_them(tmp_path):
    path, told = str(tmp_path / "study.db"), []
    for _ in range(2):
        search, heard = rehearse(Rehearsal({32: 0.5, 64: 0.4}), Ledger(path, {}, SPACE))
        sized = search.sizes(LEVEL, SPACE, SETTINGS, None)
        barriers = [event for event in heard if isinstance(event, Barrier)]
        told.append([event.seconds_left for event in barriers])
        # Each training takes a second, and there are two workers.
        first, spent = barriers[0], barriers[0].effort
        assert first.seconds_left == pytest.approx(first.replicates / 2 * (1 - spent) / spent)
    assert told[0] == told[1]
    assert 0 < sized.spent < 1


def walked(executor: Rehearsal, ledger: Ledger | None = None) -> Search:
    """Choose the approach, search, and go on to the holdout."""
    search, _ = rehearse(executor, ledger)
    approach = ApproachTrials(search=search, cell=Cell(32, 1), deadline=None).choose([CHANGE.form, LEVEL.form])
    search.sizes(approach, SPACE, SETTINGS, None)
    search.holdout(approach, Cell(64, 1), None)
    return search


def test_what_comes_next_is_foreseen_before_a_round_has_ended():
    executor = Rehearsal({32: 0.5, 64: 0.4})
    walked(executor)
    kinds = [(jobs[0].trial, jobs[0].fold == HOLDOUT) for jobs in executor.runs]
    assert kinds[0] == (True, False)
    assert kinds[-1] == (False, True)
    assert kinds.count((False, False)) > 1
    for guess, following in pairwise(zip(executor.guesses, executor.runs, strict=True)):
        assert set(following[1]) <= {*guess[0], *guess[1]}
    assert executor.guesses[-1] == [], "nothing comes after the holdout"


def test_sizes_are_foreseen_of_the_approach_that_was_chosen_though_trials_were_cut_short():
    executor = Rehearsal({32: 0.5, 64: 0.4})
    rehearse(executor)[0].sizes(CHANGE, SPACE, SETTINGS, None)
    guesses = {job for guess in executor.guesses for job in guess}
    assert guesses
    assert not any(job.trial for job in guesses)
    assert {job.approach for job in guesses} == {CHANGE}


def test_what_the_ledger_holds_is_not_begun_ahead(tmp_path):
    path = str(tmp_path / "study.db")
    known, other = (Job.of(LEVEL, Replicate(Cell(units, 1), 9), 3) for units in (32, 64))
    rehearse(Rehearsal({32: 0.5}), Ledger(path, {}, SPACE))[0].train([known], None)
    executor = Rehearsal({32: 0.5, 64: 0.4})
    search, _ = rehearse(executor, Ledger(path, {}, SPACE))
    search.train([Job.of(LEVEL, Replicate(Cell(32, 1), 0), 3)], None, ahead=lambda *_: [known, other])
    assert executor.guesses == [[other]]


def test_a_holdout_forecast_ahead_counts_only_once_it_is_asked_for():
    search, _ = rehearse(Rehearsal({32: 0.5, 64: 0.4}))
    search.sizes(LEVEL, SPACE, SETTINGS, None)
    assert search.compared_on_holdout() == 0
    assert not any(job.fold == HOLDOUT for job in search.trainings)


def test_what_is_in_the_ledger_is_not_trained_again(tmp_path):
    path = str(tmp_path / "study.db")
    first = Rehearsal({32: 0.5, 64: 0.4}, most=3)
    search, _ = rehearse(first, Ledger(path, {}, SPACE))
    assert search.sizes(LEVEL, SPACE, SETTINGS, None).ended == "budget"
    second, whole = Rehearsal({32: 0.5, 64: 0.4}), Rehearsal({32: 0.5, 64: 0.4})
    resumed = rehearse(second, Ledger(path, {}, SPACE))[0].sizes(LEVEL, SPACE, SETTINGS, None)
    fresh = rehearse(whole)[0].sizes(LEVEL, SPACE, SETTINGS, None)
    assert not set(first.done) & set(second.done)
    assert len(first.done) + len(second.done) == len(whole.done)
    assert [(o.replicate, o.loss) for o in resumed.outcomes] == [(o.replicate, o.loss) for o in fresh.outcomes]


def test_a_worker_that_dies_is_recorded_and_the_search_goes_on():
    search, _ = rehearse(Rehearsal({64: 0.5}, lost=(32,)))
    sized = search.sizes(LEVEL, SPACE, SETTINGS, None)
    failed = [o for o in sized.outcomes if o.loss is None]
    assert {(o.replicate.cell, o.state, o.reason) for o in failed} == {
        (Cell(32, 1), "crashed", "the worker process died")
    }
    assert sized.ended == "settled"


def test_a_training_whose_worker_was_lost_is_tried_again_by_a_resumed_run(tmp_path):
    path = str(tmp_path / "study.db")
    search, _ = rehearse(Rehearsal({64: 0.5}, lost=(32,)), Ledger(path, {}, SPACE))
    search.sizes(LEVEL, SPACE, SETTINGS, None)
    sizes = {32: 0.5, 64: 0.5}
    resumed = rehearse(Rehearsal(sizes), Ledger(path, {}, SPACE))[0].sizes(LEVEL, SPACE, SETTINGS, None)
    fresh = rehearse(Rehearsal(sizes))[0].sizes(LEVEL, SPACE, SETTINGS, None)
    assert [(o.replicate, o.loss) for o in resumed.outcomes] == [(o.replicate, o.loss) for o in fresh.outcomes]
    nothing = Rehearsal(sizes)
    rehearse(nothing, Ledger(path, {}, SPACE))[0].sizes(LEVEL, SPACE, SETTINGS, None)
    assert not nothing.done, "what then succeeded is trained once more"


def test_the_holdout_gives_what_was_finished_in_time():
    executor = Rehearsal({32: 0.5}, most=2)
    search, _ = rehearse(executor)
    assert len(search.holdout(LEVEL, Cell(32, 1), None)) == 2
    assert {job.fold for job in executor.done} == {HOLDOUT}


def test_sizes_and_approaches_compared_on_one_holdout_are_counted_also_those_of_earlier_runs(tmp_path):
    path = str(tmp_path / "study.db")
    search, _ = rehearse(Rehearsal({32: 0.5, 64: 0.5}), Ledger(path, {}, SPACE))
    search.sizes(LEVEL, SPACE, SETTINGS, None)
    assert search.compared_on_holdout() == 0
    search.holdout(LEVEL, Cell(32, 1), None)
    assert search.compared_on_holdout() == 1
    later, _ = rehearse(Rehearsal({32: 0.5, 64: 0.5}), Ledger(path, {}, SPACE))
    later.holdout(LEVEL, Cell(32, 1), None)
    assert later.compared_on_holdout() == 1
    later.holdout(LEVEL, Cell(64, 1), None)
    later.holdout(replace(LEVEL, weight_decay=1.0), Cell(64, 1), None)
    assert later.compared_on_holdout() == 3


def measured_by(forecast: FloatArray, metric: Metric) -> Scoring:
    yardsticks = {
        number: Yardstick.of(VALUES, forecast[: fold.score_stop], fold, metric, 0.001)
        for number, fold in FOLDS.items()
    }
    return Scoring(yardsticks=yardsticks, metric=metric, seasons=())


def test_a_baseline_without_an_error_leaves_numbers_to_compare_sizes_by():
    search, _ = rehearse(Rehearsal({32: 0.5, 64: 0.4}))
    search.scoring = measured_by(VALUES, "mae")
    sized = search.sizes(LEVEL, SPACE, replace(SETTINGS, forced=True), None)
    assert all(np.isfinite(outcome.blocks).all() for outcome in sized.outcomes if outcome.blocks is not None)
    assert {outcome.replicate.cell for outcome in sized.outcomes} == {Cell(32, 1), Cell(64, 1)}


def test_an_infinite_error_is_a_failure_and_not_asked_for_again():
    search, _ = rehearse(Rehearsal({32: 1e200, 64: 0.5}))
    sized = search.sizes(LEVEL, SPACE, SETTINGS, None)
    assert {o.reason for o in sized.outcomes if o.loss is None} == {"the error is infinite"}
    assert sized.ended == "settled"


@pytest.mark.parametrize(("metric", "share"), [("rmse", 0.5), ("mae", 1.0)])
def test_blocks_in_time_are_in_units_of_the_loss(metric: Metric, share: float):
    search, _ = rehearse(Rehearsal({32: 0.5, 64: 0.5}))
    search.scoring = measured_by(np.full(len(VALUES), 3.0), metric)
    for outcome in search.sizes(LEVEL, SPACE, SETTINGS, None).outcomes:
        # The errors are constant; a loss that is a root moves half as far as the squares under it.
        np.testing.assert_allclose(outcome.blocks, share * outcome.loss, rtol=1e-5)
        assert outcome.loss == float(f"{outcome.loss:.6g}")


@pytest.mark.parametrize(("state", "again"), [("memory", True), ("crashed", True), ("diverged", False)])
def test_only_what_another_machine_may_do_better_is_tried_again(state: str, again: bool):
    ledger, executor = Ledger(None, {}, SPACE), Rehearsal({32: 0.5, 64: 0.5})
    search, _ = rehearse(executor, ledger)
    job = Job.of(LEVEL, Replicate(Cell(32, 1), 0), 3)
    ledger.record(job.key, Cell(32, 1), fold=job.fold, seed=0, value=None, result=TrialResult(state=state))
    search.train([job], None)
    assert bool(executor.done) is again


def test_what_was_trained_before_the_budget_ended_counts():
    search, _ = rehearse(Rehearsal({32: 0.5, 64: 0.5}, most=3))
    sized = search.sizes(LEVEL, SPACE, SETTINGS, None)
    assert sized.ended == "budget"
    assert len(sized.outcomes) == 3
    assert sized.spent == pytest.approx(sum(map(SETTINGS.work, sized.outcomes)) / SETTINGS.effort)
