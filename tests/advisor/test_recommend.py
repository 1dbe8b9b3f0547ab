"""The whole journey with networks that are not trained but made to have a known error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lstmsize import advisor
from lstmsize.advisor import environment
from lstmsize.advisor.first_half import FirstHalf, first_half, look_at
from lstmsize.config import Request
from lstmsize.events import silent
from lstmsize.executors import Ahead, Lost
from lstmsize.recipe import Recipe
from lstmsize.results import Recommendation
from lstmsize.series import FloatArray, Series
from lstmsize.space import Cell
from lstmsize.trials import HOLDOUT, Job, Trainer, TrialResult
from rehearsal import Rehearsal, off_by

REQUEST = Request(units=(32, 64), layers=(1, 1))


def parity(rows: int = 1000) -> FloatArray:
    """Each bit is the parity of the four before it, flipped in one of ten rows: no linear model forecasts it."""
    generator = np.random.default_rng(0)
    bits = [int(bit) for bit in generator.integers(0, 2, 4)]
    for row in range(4, rows):
        flipped = int(generator.random() < 0.1)
        bits.append(bits[row - 1] ^ bits[row - 2] ^ bits[row - 3] ^ bits[row - 4] ^ flipped)
    return np.array(bits, dtype=float)


VALUES = parity()
GOOD, BAD = {32: 0.25, 64: 0.25}, {32: 0.6, 64: 0.6}


class Made(Rehearsal):
    """Stands in for the executor of any run and its trainings.

    Parameters
    ----------
    folds, holdout : dict of int to float
        RMSE of the networks by their units, on the folds and on the holdout.
    steps : int
        Steps on the holdout.
    failing : int
        Networks on the holdout that fail, from the last.
    broken : Cell or None
        The size of which the second training fails.
    most : int or None
        Trainings after which the time is up.
    """

    def __init__(
        self,
        folds: dict[int, float] = GOOD,
        holdout: dict[int, float] = GOOD,
        *,
        steps: int = 300,
        failing: int = 0,
        broken: Cell | None = None,
        most: int | None = None,
    ) -> None:
        super().__init__(folds, most=most)
        self.holdout, self.steps, self.failing, self.broken = holdout, steps, failing, broken
        self.deadlines: dict[str, float | None] = {}

    def __call__(
        self, work: Trainer, jobs: int, *, in_threads: bool, worth_keeping: Callable[[TrialResult], bool]
    ) -> Made:
        self.begun: list[tuple[Trainer, Sequence[Job]]] = []
        self.work, self.jobs, self.in_threads, self.worth_keeping = work, jobs, in_threads, worth_keeping
        return self

    def begin(self, ahead: Ahead[Job, TrialResult], deadline: float | None) -> None:
        self.begun.append((self.work, ahead({}, [])))
        self.deadlines["beside the first half"] = deadline

    def close(self) -> None:
        pass

    def __getitem__(self, _: Any) -> Made:
        return self

    def __enter__(self) -> Made:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(
        self,
        jobs: Sequence[Job],
        deadline: float | None,
        grace: float | None = None,
        ahead: Ahead[Job, TrialResult] | None = None,
    ) -> Iterator[tuple[Job, TrialResult | Lost]]:
        for job in jobs:
            stage = "trials" if job.trial else "holdout" if job.fold == HOLDOUT else "search"
            self.deadlines[stage] = deadline
            if grace is not None:
                self.deadlines[f"first of the {stage}"] = grace
        return super().run(jobs, deadline, grace, ahead)

    def trained(self, job: Job) -> TrialResult:
        replicate, on_holdout = job.replicate, job.fold == HOLDOUT
        if on_holdout and replicate.number >= 5 - self.failing:
            return TrialResult(state="diverged", reason="the loss was nan")
        if not on_holdout and not job.trial and replicate.cell == self.broken and replicate.number == 1:
            return TrialResult(state="memory", reason="out of memory")
        size = (self.holdout if on_holdout else self.error)[replicate.cell.units] * (1 + 0.002 * replicate.number)
        # One form does best, so that the trials are no tie of many.
        size *= 1.0 if job.approach.form.kind == "level" and not job.approach.weight_decay else 1.2
        return TrialResult(
            state="converged",
            steps=self.steps if on_holdout else 200,
            steps_run=500,
            forecasts=off_by(size, VALUES, self.work.folds[job.fold]),
            curve=[(0, 1.0), (200, 0.5)],
            seconds=1.0,
        )


@pytest.fixture(scope="module")
def known() -> FirstHalf:
    return first_half(look_at(Series(values=VALUES[:, None], names=("bit",)), REQUEST), REQUEST, silent)


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch, known: FirstHalf) -> Any:
    @contextmanager
    def nothing_ahead(*_: str) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(wanted=False)

    def answer(
        made: Made, request: Request = REQUEST, jobs: int = 1, device: str = "cpu", study: str | None = None
    ) -> Recommendation:
        # The package has a function of the name of this module.
        for module in (sys.modules["lstmsize.search"], sys.modules["lstmsize.advisor.second_half"]):
            monkeypatch.setattr(module, "ProcessExecutor", made)
        monkeypatch.setattr(advisor, "require_device", lambda _: None)
        monkeypatch.setattr(advisor, "LoadAhead", nothing_ahead)
        beside = sys.modules["lstmsize.advisor.beside"]
        monkeypatch.setattr(beside, "fit", lambda *_: known)
        monkeypatch.setattr(beside, "pass_gate", lambda *_: known)
        return advisor.recommend(known.series, request, jobs=jobs, device=device, study=study)

    return answer


def told(record: Recommendation) -> list[str]:
    return [str(finding.code) for finding in record.findings]


def test_a_network_that_gains_everywhere_is_recommended_with_its_evidence(answered: Any) -> None:
    record = answered(Made())
    assert (record.verdict, record.lean, record.settled_by) == ("recurrent", None, None)
    choice, held = record.recommendation, record.holdout
    assert (choice.units, choice.layers, choice.basis) == (32, 1, "non-inferior")
    assert choice.excess_at_most <= REQUEST.tolerance
    assert choice.training.steps == 300
    assert choice.training.learning_rate == Recipe().hidden_rate(32)
    assert (held.first, held.n, held.used) == (800, 200, 1)
    seeds = [0.25 * (1 + 0.002 * number) for number in range(5)]
    assert held.seeds == pytest.approx(seeds)
    assert held.error_network == pytest.approx(np.sqrt(np.mean(np.square(seeds))))
    assert held.gain == pytest.approx(1 - held.error_network / held.error_baseline)
    assert held.gain_low < held.gain < held.gain_high
    assert held.actual == pytest.approx(VALUES[800:])
    assert (record.transform.kind, record.transform.weight_decay) == ("level", 0.0)
    assert all(replicate.loss < 1 for size in record.sizes for replicate in size.replicates)


def test_input_forms_are_tried_from_the_start_and_corrections_once_there_is_what_to_correct(answered: Any) -> None:
    made = Made()
    answered(made)
    tried = [job for jobs in made.runs for job in jobs if job.trial]
    (early, before), (later, beside) = made.begun
    assert before == [job for job in tried[:4] if not job.approach.form.needs_base]
    assert beside == tried[:4]
    assert (set(early.bases), set(later.bases), set(made.work.bases)) == (set(), {0, 1, 2}, {0, 1, 2, HOLDOUT})


def test_a_run_with_a_study_that_is_there_begins_nothing_early(answered: Any, tmp_path: Path) -> None:
    made, study = Made(), str(tmp_path / "study.db")
    answered(made, study=study)
    assert len(made.begun) == 2
    answered(again := Made(), study=study)
    assert again.begun == []


def test_networks_of_a_cuda_device_are_trained_in_threads_of_one_process(answered: Any) -> None:
    made = Made()
    assert answered(made, jobs=3, device="cuda").verdict == "recurrent"
    assert (made.work.device, made.jobs, made.in_threads) == ("cuda", 3, True)


@pytest.mark.parametrize(
    ("state", "kept"), [("converged", True), ("diverged", True), ("memory", False), ("crashed", False)]
)
def test_a_training_that_failed_before_it_was_asked_for_is_tried_again_if_the_machine_may_have_been_the_cause(
    answered: Any, state: Any, kept: bool
) -> None:
    answered(made := Made())
    assert made.worth_keeping(TrialResult(state=state)) is kept


def test_a_network_that_loses_everywhere_is_not_recommended(answered: Any) -> None:
    record = answered(Made(BAD, BAD))
    assert record.verdict in ("baseline", "unpredictable")
    assert (record.lean, record.recommendation) == (None, None)
    assert record.holdout.gain < 0


def test_a_wider_network_is_recommended_where_it_is_better(answered: Any) -> None:
    record = answered(Made(folds={32: 0.25, 64: 0.2}, holdout={32: 0.25, 64: 0.2}))
    assert (record.verdict, record.recommendation.units) == ("recurrent", 64)
    assert record.recommendation.training.learning_rate == Recipe().hidden_rate(64)
    assert {size.units: size.state for size in record.sizes} == {32: "dropped", 64: "complete"}
    assert "L002" in told(record)


def test_networks_missing_on_the_holdout_leave_nothing_definite(answered: Any) -> None:
    record = answered(Made(failing=2))
    assert (record.verdict, record.lean) == ("inconclusive", "recurrent")
    assert "L008" in told(record)
    assert record.settled_by.reason == "what is lacking are trainings that do not fail"
    assert len(record.holdout.seeds) == 3


def test_networks_that_took_no_step_on_the_holdout_are_not_recommended(answered: Any) -> None:
    record = answered(Made(steps=0))
    assert (record.verdict, record.recommendation) == ("inconclusive", None)
    assert record.lean != "recurrent"
    assert "none of it is the networks' own" in record.summary


def test_a_gain_on_the_folds_alone_is_inconclusive_and_put_in_doubt(answered: Any) -> None:
    record = answered(Made(holdout=BAD))
    assert record.verdict == "inconclusive"
    assert record.lean != "recurrent"
    assert "L005" in told(record)
    assert record.recommendation is None


def test_a_budget_that_ends_after_the_trials_leaves_the_question_open(answered: Any) -> None:
    whole = Made()
    answered(whole)
    trials = sum(job.trial for job in whole.done)
    record = answered(Made(most=trials), Request(units=(32, 64), layers=(1, 1), budget=3600.0))
    assert (record.verdict, record.holdout, record.recommendation) == ("inconclusive", None, None)
    assert "L006" in told(record)
    assert record.settled_by.budget >= 7200


def test_times_that_were_measured_with_more_workers_than_cores_are_shared_out_among_the_workers(
    answered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Made()
    answered(whole)
    trials, named = sum(job.trial for job in whole.done), []
    for cores in (1, 4):
        monkeypatch.setattr(environment, "available_cores", lambda cores=cores: cores)
        record = answered(Made(most=trials - 1), Request(units=(32, 64), layers=(1, 1), budget=1.0), jobs=4)
        named.append(record.settled_by.budget)
    assert named[0] == named[1] is not None


def test_forms_search_and_holdout_have_four_three_and_three_tenths_of_the_budget(answered: Any) -> None:
    made = Made()
    answered(made, Request(units=(32, 64), layers=(1, 1), budget=3600.0))
    trials, search, holdout = (made.deadlines[stage] for stage in ("trials", "search", "holdout"))
    assert (search - trials, holdout - search) == pytest.approx((1080, 1080))
    assert made.deadlines["first of the trials"] == made.deadlines["first of the search"] == holdout


def test_a_budget_that_ends_before_the_wider_size_is_compared_names_no_definite_answer(answered: Any) -> None:
    whole = Made(BAD, BAD)
    answered(whole)
    trials = sum(job.trial for job in whole.done)
    cut = Made(BAD, BAD, most=trials + 2)
    record = answered(cut, Request(units=(32, 64), layers=(1, 1), budget=3600.0))
    assert record.verdict == "inconclusive"
    assert "L006" in told(record)


def test_a_size_that_failed_is_out_and_the_other_one_is_not_shown_to_be_as_good(answered: Any) -> None:
    record = answered(Made(broken=Cell(64, 1)))
    assert (record.verdict, record.recommendation.units, record.recommendation.basis) == (
        "recurrent",
        32,
        "observed-best",
    )
    assert {size.units: size.state for size in record.sizes} == {32: "complete", 64: "failed"}
    assert {"L003", "L008"} <= set(told(record))


def test_where_all_other_sizes_failed_nothing_says_that_no_network_gains(answered: Any) -> None:
    record = answered(Made(BAD, BAD, broken=Cell(64, 1)))
    assert (record.verdict, record.recommendation) == ("inconclusive", None)
    assert record.settled_by.reason == "what is lacking are trainings that do not fail"


def test_a_forced_search_shows_a_size_whatever_the_verdict(answered: Any) -> None:
    request = Request(units=(32, 64), layers=(1, 1), force_search=True)
    record = answered(Made(BAD, BAD), request)
    assert record.verdict in ("baseline", "unpredictable")
    assert record.recommendation.basis == "forced"


def test_what_follows_the_first_sizes_is_foreseen_up_to_the_holdout(answered: Any) -> None:
    made = Made()
    assert answered(made).verdict == "recurrent"
    sizes = [index for index, jobs in enumerate(made.runs) if not jobs[0].trial]
    assert len(sizes) > 2
    assert {job.fold for job in made.runs[-1]} == {HOLDOUT}
    for before, after in pairwise(sizes):
        assert set(made.runs[after]) <= {*made.guesses[before], *made.runs[before]}
