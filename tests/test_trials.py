from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lstmsize import trials
from lstmsize.recipe import Recipe
from lstmsize.replicates import Replicate
from lstmsize.space import Cell
from lstmsize.splits import Fold
from lstmsize.transforms import InputForm
from lstmsize.trials import Approach, Job, StepTimer, Trainer

torch.set_num_threads(1)

VALUES = np.sin(np.arange(700) / 3) + 0.1 * np.random.default_rng(0).normal(size=700)
FOLD = Fold(head_stop=560, train_stop=640, score_stop=700)
TRAINER = Trainer(
    values=VALUES,
    folds={0: FOLD},
    bases={},
    window=12,
    metric="rmse",
    seed=0,
    recipe=Recipe(most_steps=50),
)
JOB = Job(approach=Approach(form=InputForm(kind="level")), replicate=Replicate(Cell(8, 1), 0), fold=0)


def test_a_long_series_is_learnt_from_its_latest_rows(monkeypatch):
    whole = TRAINER(JOB)
    short = replace(TRAINER, values=VALUES[340:], folds={0: FOLD.without(340)})(JOB)
    monkeypatch.setattr(trials, "MOST_LEARNT", 300)
    assert TRAINER(JOB).forecasts == short.forecasts
    assert whole.forecasts != short.forecasts


def test_a_weight_decay_is_another_approach_with_a_name_and_a_key_of_its_own():
    decayed = replace(JOB, approach=replace(JOB.approach, weight_decay=1.0))
    assert (str(JOB.approach), str(decayed.approach)) == ("level", "level, weight decay 1")
    assert (JOB.key, decayed.key) == ("level/8x1/fold0/0", "level_decay1/8x1/fold0/0")
    assert TRAINER(decayed).forecasts != TRAINER(JOB).forecasts


def test_the_time_of_a_step_is_unknown_where_there_is_not_enough_memory():
    timer = StepTimer(channels=1, window=4, steps=1)
    found = timer(Cell(8, 1))
    assert found is not None
    assert found > 0
    assert timer(Cell(2_000_000, 1)) is None


def test_a_failure_is_a_result_with_its_reason():
    failed = replace(TRAINER, window=5000)(JOB)
    assert failed.state == "crashed"
    assert failed.reason is not None
    assert failed.forecasts == []


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("can't allocate memory: 8 bytes"), RuntimeError("CUDA out of memory. Tried to")],
)
def test_a_lack_of_memory_is_told_from_other_failures(error, monkeypatch):
    def failing(self, job):
        raise error

    monkeypatch.setattr(Trainer, "_train", failing)
    assert TRAINER(JOB).state == "memory"


def test_a_divergence_is_told_as_it_came_and_its_steps_count():
    failed = replace(TRAINER, recipe=Recipe(most_steps=50, learning_rate=float("inf")))(JOB)
    assert failed.state == "diverged"
    assert failed.reason == f"the loss was nan at step {failed.steps_run}"
