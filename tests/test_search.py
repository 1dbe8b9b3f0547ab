"""The search with a trainer that trains nothing: barriers, ledger, budget, failures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import monotonic

import numpy as np
import pytest

from lstmsize.events import Barrier, Event, ReplicateDone
from lstmsize.executors import Lost
from lstmsize.ledger import Ledger
from lstmsize.recipe import Recipe
from lstmsize.search import BudgetEnded, Search
from lstmsize.space import Cell, Space
from lstmsize.splits import cut
from lstmsize.strategy import Settings
from lstmsize.transforms import InputForm
from lstmsize.trials import HOLDOUT, Approach, Job, Trainer, TrialResult
from lstmsize.yardstick import Yardstick

ROWS = 400
SPACE = Space(units=(32, 64), multiple=32, layers=(1, 1))
LEVEL, CHANGE = Approach(form=InputForm(kind="level")), Approach(form=InputForm(kind="difference"))
SPLITS = cut(ROWS)
VALUES = np.random.default_rng(0).normal(size=ROWS)
FOLDS = {**dict(enumerate(SPLITS.folds)), HOLDOUT: SPLITS.final}


class Rehearsal:
    """Stands in for the executor: errors by cell, and tasks that it never finishes."""

    def __init__(
        self,
        error: dict[int, float],
        lost: tuple[int, ...] = (),
        most: int | None = None,
        decayed: float = 1.0,
    ) -> None:
        self.error, self.lost, self.most, self.decayed = error, lost, most, decayed
        self.done: list[Job] = []

    def run(self, jobs: Sequence[Job], deadline: float | None) -> Iterator[tuple[Job, TrialResult | Lost]]:
        del deadline
        for job in jobs:
            if self.most is not None and len(self.done) >= self.most:
                return
            self.done.append(job)
            units = job.replicate.cell.units
            if units in self.lost:
                yield job, Lost(reason="the worker process died")
                continue
            fold = FOLDS[job.fold]
            actual = VALUES[fold.train_stop : fold.score_stop]
            size = (
                self.error[units]
                * (1 + 0.001 * job.replicate.number)
                * (2 if job.approach.form == CHANGE.form else 1)
            )
            size *= self.decayed if job.approach.weight_decay else 1.0
            forecasts = (actual + size * np.sign(np.arange(len(actual)) % 2 - 0.5)).tolist()
            yield job, TrialResult(state="converged", steps=100, steps_run=200, forecasts=forecasts, seconds=1.0)


def rehearse(executor: Rehearsal, ledger: Ledger | None = None) -> tuple[Search, list[Event]]:
    heard: list[Event] = []
    yardsticks = {
        number: Yardstick.of(VALUES, np.zeros(ROWS)[: fold.score_stop], fold, "rmse")
        for number, fold in FOLDS.items()
    }
    search = Search(
        trainer=Trainer(values=VALUES, folds=FOLDS, bases={}, window=8, metric="rmse", seed=0, recipe=Recipe()),
        executor=executor,  # type: ignore[arg-type]
        ledger=ledger or Ledger(None, {}, SPACE),
        yardsticks=yardsticks,
        seasons=(),
        progress=heard.append,
    )
    return search, heard


def settings() -> Settings:
    return Settings(
        folds=3, tolerance=0.02, min_gain=0.02, effort=1e15, channels=1, window=8, batch=32, most_replicates=4
    )


def test_losses_are_relative_to_the_best_baseline():
    search, _ = rehearse(Rehearsal({32: 0.5, 64: 0.5}))
    sized = search.sizes(LEVEL, SPACE, settings(), None)
    for outcome in sized.outcomes:
        fold = FOLDS[outcome.replicate.fold(3)]
        reference = np.sqrt(np.mean(VALUES[fold.train_stop : fold.score_stop] ** 2))
        expected = 0.5 * (1 + 0.001 * outcome.replicate.number) / reference
        assert outcome.loss == pytest.approx(expected, rel=1e-5)


def test_a_search_tells_of_every_training_and_every_barrier():
    search, heard = rehearse(Rehearsal({32: 0.5, 64: 0.5}))
    sized = search.sizes(LEVEL, SPACE, settings(), None)
    assert sized.ended == "settled"
    assert sum(isinstance(event, ReplicateDone) for event in heard) == len(sized.outcomes)
    barriers = [event for event in heard if isinstance(event, Barrier)]
    assert [event.number for event in barriers] == list(range(1, len(barriers) + 1))
    assert barriers[-1].best == "32×1"


def test_what_is_in_the_ledger_is_not_trained_again(tmp_path):
    path = str(tmp_path / "study.db")
    first = Rehearsal({32: 0.5, 64: 0.4}, most=3)
    search, _ = rehearse(first, Ledger(path, {}, SPACE))
    assert search.sizes(LEVEL, SPACE, settings(), None).ended == "budget"
    second, whole = Rehearsal({32: 0.5, 64: 0.4}), Rehearsal({32: 0.5, 64: 0.4})
    resumed = rehearse(second, Ledger(path, {}, SPACE))[0].sizes(LEVEL, SPACE, settings(), None)
    fresh = rehearse(whole)[0].sizes(LEVEL, SPACE, settings(), None)
    assert not set(first.done) & set(second.done)
    assert len(first.done) + len(second.done) == len(whole.done)
    assert [(o.replicate, o.loss) for o in resumed.outcomes] == [(o.replicate, o.loss) for o in fresh.outcomes]


def test_a_worker_that_dies_is_recorded_and_the_search_goes_on():
    search, _ = rehearse(Rehearsal({64: 0.5}, lost=(32,)))
    sized = search.sizes(LEVEL, SPACE, settings(), None)
    failed = [o for o in sized.outcomes if o.loss is None]
    assert {(o.replicate.cell, o.state, o.reason) for o in failed} == {
        (Cell(32, 1), "crashed", "the worker process died")
    }
    assert sized.ended == "settled"


def test_the_form_with_the_lowest_loss_is_chosen_by_trials_that_are_no_replicates():
    executor = Rehearsal({32: 0.5})
    search, _ = rehearse(executor)
    approach, losses = search.choose_approach([CHANGE.form, LEVEL.form], Cell(32, 1), None)
    assert approach.form == LEVEL.form
    assert sorted(losses["level"]) == [0, 1, 2]
    assert all(job.trial for job in executor.done)


@pytest.mark.parametrize(("factor", "weight_decay"), [(0.9, 1.0), (1.0, 1.0), (1.1, 0.0)])
def test_a_weight_decay_is_tried_on_the_best_form_and_taken_where_it_does_not_hurt(factor, weight_decay):
    executor = Rehearsal({32: 0.5}, decayed=factor)
    approach, losses = rehearse(executor)[0].choose_approach([CHANGE.form, LEVEL.form], Cell(32, 1), None)
    assert approach == Approach(form=LEVEL.form, weight_decay=weight_decay)
    assert sorted(losses) == ["difference", "level", "level, weight decay 1"]
    assert sorted(losses["level, weight decay 1"]) == [0, 1, 2]


def test_without_time_for_any_form_the_budget_has_ended():
    search, _ = rehearse(Rehearsal({32: 0.5}, most=0))
    with pytest.raises(BudgetEnded):
        search.choose_approach([CHANGE.form, LEVEL.form], Cell(32, 1), monotonic())


def test_the_holdout_gives_what_was_finished_in_time():
    search, _ = rehearse(Rehearsal({32: 0.5}, most=2))
    assert len(search.holdout(LEVEL, Cell(32, 1), 5, None)) == 2


def test_an_infinite_error_is_a_failure_and_not_asked_for_again():
    search, _ = rehearse(Rehearsal({32: 1e200, 64: 0.5}))
    sized = search.sizes(LEVEL, SPACE, settings(), None)
    assert {o.reason for o in sized.outcomes if o.loss is None} == {"the error is infinite"}
    assert sized.ended == "settled"
