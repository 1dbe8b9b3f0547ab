"""Guesses of how trainings under way will end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmsize.foresight import likely_losses, likely_outcomes
from lstmsize.replicates import Outcome, Replicate
from lstmsize.space import Cell, Space
from lstmsize.strategy import Settings, plan

SMALL, LARGE, DEEP = Cell(32, 1), Cell(64, 1), Cell(32, 2)
SETTINGS = Settings(folds=3, tolerance=0.02, min_gain=0.02, effort=1e15, channels=1, window=8, batch=32)


def outcome(cell: Cell, number: int, loss: float | None, steps: int = 500) -> Outcome:
    state = "diverged" if loss is None else "converged"
    return Outcome(replicate=Replicate(cell, number), state=state, loss=loss, steps=steps, steps_run=2 * steps)


def test_a_loss_to_come_is_in_the_proportion_of_those_that_are_known():
    losses = {"level": {0: 0.8, 1: 0.4, 2: 0.2}, "difference": {0: 0.4}}
    likely = likely_losses(losses, [("difference", 1), ("difference", 2)])
    assert likely["level"] == losses["level"]
    assert likely["difference"] == pytest.approx({0: 0.4, 1: 0.2, 2: 0.1})


def test_of_whom_nothing_is_known_may_be_as_good_as_the_best():
    likely = likely_losses({"level": {0: 0.8}, "difference": {0: 0.4}}, [("correction", 0)])
    assert likely["correction"] == {0: 0.4}


def test_where_no_other_is_known_there_the_own_mean_is_guessed():
    assert likely_losses({"level": {0: 0.8, 1: 0.4}}, [("level", 2)])["level"][2] == pytest.approx(0.6)


def test_failed_trials_and_exact_ones_tell_nothing_of_the_others():
    likely = likely_losses({"level": {0: 0.5}, "difference": {0: np.inf, 1: 0.0}}, [("level", 1)])
    assert likely["level"] == {0: 0.5, 1: 0.5}


def test_an_outcome_to_come_is_one_of_its_size():
    known = [outcome(SMALL, 0, 0.8, 400), outcome(SMALL, 1, 0.4, 600), outcome(LARGE, 0, 0.4, 700)]
    *same, guess = likely_outcomes(known, [Replicate(LARGE, 1)], 3)
    assert same == known
    assert (guess.replicate, guess.loss, guess.steps, guess.steps_run) == (Replicate(LARGE, 1), 0.2, 700, 1400)


def test_the_first_of_a_size_does_as_the_best_there_and_one_of_a_failed_size_is_not_guessed():
    known = [outcome(SMALL, 0, 0.8, 400), outcome(LARGE, 0, 0.4, 700), outcome(SMALL, 1, 0.3)]
    *same, guess = likely_outcomes(known, [Replicate(DEEP, 0)], 3)
    assert same == known
    assert (guess.replicate, guess.loss, guess.steps, guess.steps_run) == (Replicate(DEEP, 0), 0.4, 700, 1400)
    assert likely_outcomes(known, [Replicate(DEEP, 2)], 3) == known
    failed = [*known, outcome(DEEP, 0, None)]
    assert likely_outcomes(failed, [Replicate(DEEP, 1)], 3) == failed
    assert likely_outcomes([outcome(SMALL, 0, None)], [Replicate(DEEP, 0)], 3) == [outcome(SMALL, 0, None)]


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([SMALL, LARGE, DEEP]), st.integers(0, 4)),
        st.none() | st.floats(1e-6, 1e6),
        max_size=12,
    ),
    st.sets(st.tuples(st.sampled_from([SMALL, LARGE, DEEP]), st.integers(0, 6)), max_size=6),
)
def test_a_plan_can_be_made_of_whatever_is_guessed(found, coming):
    known = [outcome(cell, number, loss) for (cell, number), loss in found.items()]
    under_way = [Replicate(cell, number) for cell, number in coming if (cell, number) not in found]
    likely = likely_outcomes(known, under_way, 3)
    space = Space(units=(32, 64), multiple=32, layers=(1, 2))
    step = plan(likely, space, SETTINGS)
    assert step.ended is not None or step.replicates
