"""A search with a trainer that trains nothing, for the tests of what steers it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lstmsize.events import Event
from lstmsize.executors import Ahead, Lost
from lstmsize.ledger import Ledger
from lstmsize.prospect import Prospect
from lstmsize.scoring import Scoring
from lstmsize.search import Search
from lstmsize.series import FloatArray
from lstmsize.space import Space
from lstmsize.splits import Fold, cut
from lstmsize.strategy import Settings
from lstmsize.transforms import InputForm
from lstmsize.trials import HOLDOUT, Approach, Job, TrialResult
from lstmsize.yardstick import Yardstick

ROWS = 400
SPACE = Space(units=(32, 64), multiple=32, layers=(1, 1))
LEVEL, CHANGE = Approach(form=InputForm(kind="level")), Approach(form=InputForm(kind="difference"))
SETTINGS = Settings(
    folds=3, tolerance=0.02, min_gain=0.02, effort=1e15, channels=1, window=8, batch=32, most_replicates=4
)
SPLITS = cut(ROWS)
VALUES = np.random.default_rng(0).normal(size=ROWS)
FOLDS = {**dict(enumerate(SPLITS.folds)), HOLDOUT: SPLITS.final}


def off_by(size: float, values: FloatArray, fold: Fold) -> list[float]:
    """Forecasts of the scored rows whose errors are all of one size, by turns too high and too low."""
    actual = values[fold.train_stop : fold.score_stop]
    return (actual + size * np.sign(np.arange(len(actual)) % 2 - 0.5)).tolist()


class Rehearsal:
    """Stands in for the executor: errors by cell, and tasks that it never finishes.

    It asks for what is likely to come next before the last task of each run.
    """

    jobs = 2

    def __init__(
        self,
        error: dict[int, float],
        lost: tuple[int, ...] = (),
        most: int | None = None,
        decayed: float = 1.0,
    ) -> None:
        self.error, self.lost, self.most, self.decayed = error, lost, most, decayed
        self.done: list[Job] = []
        self.runs: list[list[Job]] = []
        self.guesses: list[list[Job]] = []

    def run(
        self,
        jobs: Sequence[Job],
        deadline: float | None,
        grace: float | None = None,
        ahead: Ahead[Job, TrialResult] | None = None,
    ) -> Iterator[tuple[Job, TrialResult | Lost]]:
        del deadline, grace
        self.runs.append(list(jobs))
        for job in jobs:
            if job == jobs[-1]:
                self.guesses.append([] if ahead is None else list(ahead({}, [])))
            if self.most is not None and len(self.done) >= self.most:
                return
            self.done.append(job)
            yield job, self.trained(job)

    def trained(self, job: Job) -> TrialResult | Lost:
        units = job.replicate.cell.units
        if units in self.lost:
            return Lost(reason="the worker process died")
        size = self.error[units] * (1 + 0.001 * job.replicate.number)
        size *= 2 if job.approach.form == CHANGE.form else 1
        size *= self.decayed if job.approach.weight_decay else 1.0
        forecasts = off_by(size, VALUES, FOLDS[job.fold])
        return TrialResult(state="converged", steps=100, steps_run=200, forecasts=forecasts, seconds=1.0)


def rehearse(executor: Rehearsal, ledger: Ledger | None = None) -> tuple[Search, list[Event]]:
    heard: list[Event] = []
    yardsticks = {
        number: Yardstick.of(VALUES, np.zeros(ROWS)[: fold.score_stop], fold, "rmse", 0.001)
        for number, fold in FOLDS.items()
    }
    scoring = Scoring(yardsticks=yardsticks, metric="rmse", seasons=())
    search = Search(
        scoring=scoring,
        executor=executor,  # type: ignore[arg-type]
        ledger=ledger or Ledger(None, {}, SPACE),
        progress=heard.append,
        prospect=Prospect(scoring=scoring, forms=[CHANGE.form, LEVEL.form], space=SPACE, settings=SETTINGS),
    )
    return search, heard
