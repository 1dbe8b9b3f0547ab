"""What begins beside the first half."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from lstmsize.advisor.beside import first_half_with_trainings
from lstmsize.advisor.first_half import FirstHalf, first_half, look_at
from lstmsize.advisor.plan import trainer_of
from lstmsize.config import Request
from lstmsize.errors import DataError
from lstmsize.events import silent
from lstmsize.series import FloatArray, Series
from lstmsize.trials import HOLDOUT, Job, Trainer, TrialResult

REQUEST = Request(window=8)


class Idle:
    """An executor that is asked to begin, and tells what it would."""

    work: Trainer

    def __init__(self) -> None:
        self.begun: list[Sequence[Job]] = []

    def begin(self, ahead: Any, deadline: float) -> None:
        del deadline
        first = ahead({}, [])
        failed = TrialResult(state="diverged", reason="the loss was nan")
        self.begun.append(first)
        # Whatever comes of it there is an answer, and it knows nothing of the holdout.
        assert not any(job.fold == HOLDOUT for job in [*first, *ahead(dict.fromkeys(first, failed), [])])


def walked(values: FloatArray, executor: Idle, deadline: float | None = 9e9) -> FirstHalf:
    series = Series(values=values[:, None], names=("value",))
    outlook = look_at(series, REQUEST)
    trainer = trainer_of(outlook, REQUEST, "cpu")
    found = first_half_with_trainings(executor, trainer, outlook, REQUEST, deadline, silent)  # type: ignore[arg-type]
    plain = first_half(outlook, REQUEST, silent)
    assert (found.gate, found.baselines, found.seasons) == (plain.gate, plain.baselines, plain.seasons)
    return found


def waves() -> FloatArray:
    noise: FloatArray = np.random.default_rng(0).normal(size=300)
    return np.sin(np.arange(300) * np.pi / 6) + 0.1 * noise


def test_trials_begin_before_the_baselines_and_corrections_with_what_they_forecast() -> None:
    executor = Idle()
    walked(waves(), executor)
    early, later = executor.begun
    assert [job for job in later if not job.approach.form.needs_base] == list(early)
    assert any(job.approach.form.needs_base for job in later)
    assert set(executor.work.bases) == {0, 1, 2}


@pytest.mark.parametrize(("values", "deadline"), [(np.arange(50.0), 9e9), (waves(), None)])
def test_nothing_begins_where_an_exact_rule_gives_every_row_or_a_study_is_there(
    values: FloatArray, deadline: float | None
) -> None:
    executor = Idle()
    walked(values, executor, deadline)
    assert executor.begun == []


def test_what_is_wrong_with_the_plan_is_told_only_if_the_gate_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise DataError("too few rows")

    monkeypatch.setattr(sys.modules["lstmsize.advisor.beside"], "make_plan", refused)
    executor = Idle()
    walked(waves(), executor)
    assert len(executor.begun) == 1


def test_a_block_that_stands_still_can_be_measured_by_the_last_value() -> None:
    executor = Idle()
    walked(np.concatenate([waves()[:150], np.full(150, 2.0)]), executor)
    assert len(executor.begun) == 2
