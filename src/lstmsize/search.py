"""The search: strategy decides, executor trains, ledger remembers; decisions fall at barriers only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import numpy as np

from lstmsize.comparison import Comparison
from lstmsize.events import Barrier, Progress, ReplicateDone
from lstmsize.executors import Lost, ProcessExecutor
from lstmsize.foresight import likely_outcomes
from lstmsize.ledger import Ledger
from lstmsize.metrics import aggregate, losses
from lstmsize.replicates import Outcome, Replicate, sizes_of, tabulate
from lstmsize.resampling import block_length, block_means
from lstmsize.selection import select
from lstmsize.space import Cell, Space
from lstmsize.strategy import Plan, Settings, plan
from lstmsize.trials import HOLDOUT, Approach, Job, Trainer, TrialResult
from lstmsize.yardstick import Yardstick

_DIGITS = 6
"""Losses are rounded to so many significant digits before anything is ranked."""

HOLDOUT_SEEDS = 5
"""Networks of the chosen size that are compared with the best baseline on the holdout."""

_OUTSIDE = ("crashed", "memory")
"""Ends of a training that may lie in the machine; a resumed run tries such a one again."""


@dataclass(frozen=True, kw_only=True)
class Sized:
    """What a search over sizes found.

    Parameters
    ----------
    outcomes : list of Outcome
        All finished replicates of the chosen approach.
    results : dict of Replicate to TrialResult
        What the workers sent back for them.
    ended : str
        Why it stopped (see `lstmsize.strategy.Plan`), or ``budget``.
    dropped : dict of Cell to str
        Sizes that were given up early, and why.
    spent : float
        Fraction of the planned effort that was used.
    """

    outcomes: list[Outcome]
    results: dict[Replicate, TrialResult]
    ended: str
    dropped: dict[Cell, str]
    spent: float

    @property
    def some_failed(self) -> bool:
        """Whether a training of some size failed, so that the size is out."""
        return any(outcome.loss is None for outcome in self.outcomes)


@dataclass(kw_only=True)
class Search:
    """Trains what the strategy asks for and keeps the results.

    Parameters
    ----------
    trainer : Trainer
        What workers hold.
    executor : ProcessExecutor
        Where they run.
    ledger : Ledger
        What is remembered; a training found there is not repeated, unless what it failed of may have passed.
    yardsticks : dict of int to Yardstick
        The best baseline by fold number.
    seasons : tuple of int
        Periods in steps.
    progress : Progress
        Who is told.
    trainings : dict of Job to TrialResult
        Filled with what was trained or found in the ledger.
    """

    trainer: Trainer
    executor: ProcessExecutor[Job, TrialResult]
    ledger: Ledger
    yardsticks: dict[int, Yardstick]
    seasons: tuple[int, ...]
    progress: Progress
    trainings: dict[Job, TrialResult] = field(default_factory=dict)
    _barriers: int = 0

    @property
    def fold_count(self) -> int:
        """Number of folds, the holdout not counted."""
        return sum(number != HOLDOUT for number in self.trainer.folds)

    def train(
        self,
        jobs: Sequence[Job],
        deadline: float | None,
        grace: float | None = None,
        then: Callable[[dict[Job, TrialResult]], list[Job]] | None = None,
    ) -> dict[Job, TrialResult]:
        """Do some trainings, or take them from the ledger.

        Parameters
        ----------
        jobs : sequence of Job
            What to train.
        deadline : float or None
            Time on `time.monotonic` at which to stop.
        grace : float or None
            A later one, which holds while no training has finished.
        then : callable, optional
            Called with the results so far where a worker has nothing to do: what will likely be asked for next. It
            begins already; nothing is known of its result, nor recorded, before it is asked for.

        Returns
        -------
        dict of Job to TrialResult
            One result per job, in the order of the jobs; fewer if the deadline came first.

        Raises
        ------
        WorkerError
            If no worker can be started.
        StudyError
            If what the ledger holds cannot be read, or no more can be written to it.
        """
        found = self._recorded(jobs)
        missing = [job for job in jobs if job not in found]

        def ahead() -> list[Job]:
            likely = [] if then is None else then(found)
            return [job for job in likely if not self._recorded([job])]

        for job, result in self.executor.run(missing, deadline, None if found else grace, ahead):
            if isinstance(result, Lost):
                result = TrialResult(state="crashed", reason=result.reason)
            found[job] = result
            loss = self.loss(job, result)
            replicate = job.replicate
            self.ledger.record(
                job.key, replicate.cell, fold=job.fold, seed=replicate.seed, value=loss, result=result
            )
            self.progress(
                ReplicateDone(
                    size=str(replicate.cell),
                    state=result.state,
                    loss=loss,
                    done=len(found),
                    planned=len(jobs),
                )
            )
        self.trainings |= found
        return {job: found[job] for job in jobs if job in found}

    def _recorded(self, jobs: Sequence[Job]) -> dict[Job, TrialResult]:
        known = {job: self.ledger.get(job.key, TrialResult) for job in jobs}
        return {
            job: result for job, result in known.items() if result is not None and result.state not in _OUTSIDE
        }

    def loss(self, job: Job, result: TrialResult) -> float | None:
        """Return the error on the scored rows divided by the best baseline's; None for a failed training."""
        if not result.forecasts:
            return None
        yardstick, metric = self.yardsticks[job.fold], self.trainer.metric
        with np.errstate(over="ignore"):
            error = aggregate(losses(yardstick.actual, np.array(result.forecasts), metric), metric)
        relative = yardstick.relative(error)
        return float(f"{relative:.{_DIGITS}g}") if np.isfinite(relative) else None

    def sizes(
        self,
        approach: Approach,
        space: Space,
        settings: Settings,
        deadline: float | None,
        grace: float | None = None,
    ) -> Sized:
        """Search the space until the strategy has seen enough, or the time is up.

        Parameters
        ----------
        approach : Approach
            The same for all sizes.
        space : Space
            The sizes that may be tried.
        settings : Settings
            Tolerances and limits.
        deadline : float or None
            Time at which to stop.
        grace : float or None
            A later one, which holds while no training has finished.

        Returns
        -------
        Sized
            All finished replicates and why it stopped.

        Raises
        ------
        WorkerError, StudyError
            See `train`.
        """
        results: dict[Replicate, TrialResult] = {}
        outcomes: list[Outcome] = []
        while True:
            step = plan(outcomes, space, settings)
            self._size_barrier(outcomes, results.values(), step, settings, deadline)
            if step.ended is not None:
                return Sized(
                    outcomes=outcomes, results=results, ended=step.ended, dropped=step.dropped, spent=step.spent
                )
            jobs = [self.job(approach, replicate) for replicate in step.replicates]
            begun = partial(self._after, list(outcomes), step.replicates, approach, space, settings)
            done = self.train(jobs, deadline, None if outcomes else grace, begun)
            for job, result in done.items():
                results[job.replicate] = result
                outcomes.append(self._outcome(job, result))
            outcomes.sort(key=lambda outcome: outcome.replicate)
            if len(done) < len(jobs):
                last = plan(outcomes, space, settings)
                return Sized(
                    outcomes=outcomes, results=results, ended="budget", dropped=last.dropped, spent=last.spent
                )

    def likely(self, approach: Approach, space: Space, settings: Settings, outcomes: list[Outcome]) -> list[Job]:
        """Return what a search is likely to ask for next.

        Parameters
        ----------
        approach, space, settings : Approach, Space, Settings
            See `sizes`.
        outcomes : list of Outcome
            Finished replicates, and what will likely come of those under way; none at the beginning.

        Returns
        -------
        list of Job
            Replicates of sizes; where the search would end, networks of the chosen size on the holdout.
        """
        step = plan(outcomes, space, settings)
        if step.ended is None:
            return [self.job(approach, replicate) for replicate in step.replicates]
        table = tabulate(outcomes, settings.folds, sizes_of(outcomes))
        if not table.cells:
            return []
        chosen = select(Comparison(table, settings.folds), settings.tolerance, step.dropped)
        return self._on_holdout(approach, chosen.cell)

    def _after(
        self,
        before: list[Outcome],
        replicates: list[Replicate],
        approach: Approach,
        space: Space,
        settings: Settings,
        found: dict[Job, TrialResult],
    ) -> list[Job]:
        """What is likely to be asked for after some replicates, of which a few are still under way."""
        outcomes = before + [self._outcome(job, result) for job, result in found.items()]
        done = {outcome.replicate for outcome in outcomes}
        coming = [replicate for replicate in replicates if replicate not in done]
        return self.likely(approach, space, settings, likely_outcomes(outcomes, coming, settings.folds))

    def holdout(self, approach: Approach, cell: Cell, deadline: float | None) -> list[TrialResult]:
        """Train the chosen size on the development part with several seeds and forecast the holdout.

        Parameters
        ----------
        approach : Approach
            The chosen one.
        cell : Cell
            The chosen size.
        deadline : float or None
            Time at which to stop.

        Returns
        -------
        list of TrialResult
            Also those that failed; fewer than asked if the time was up.

        Raises
        ------
        WorkerError, StudyError
            See `train`.
        """
        return list(self.train(self._on_holdout(approach, cell), deadline).values())

    def compared_on_holdout(self) -> int:
        """Return how many sizes or approaches the ledger has on the holdout, from earlier runs too."""
        keys = self.ledger.keys()
        return len({key.rsplit("/", 1)[0] for key in keys if "/holdout/" in key})

    def job(self, approach: Approach, replicate: Replicate, *, trial: bool = False) -> Job:
        """Return the training of a replicate on its fold, or a cheap trial."""
        return Job(approach=approach, replicate=replicate, fold=replicate.fold(self.fold_count), trial=trial)

    def _on_holdout(self, approach: Approach, cell: Cell) -> list[Job]:
        return [
            Job(approach=approach, replicate=Replicate(cell, number), fold=HOLDOUT)
            for number in range(HOLDOUT_SEEDS)
        ]

    def _outcome(self, job: Job, result: TrialResult) -> Outcome:
        loss = self.loss(job, result)
        blocks = None
        if loss is not None:
            yardstick = self.yardsticks[job.fold]
            each = losses(yardstick.actual, np.array(result.forecasts), self.trainer.metric)
            means = block_means(each, block_length(len(each), yardstick.in_rows(self.seasons)))
            # In units of the error: the slope of a root turns the spread of mean squares into that of errors.
            slope = 2 * np.sqrt(float(np.mean(each))) if self.trainer.metric == "rmse" else 1.0
            scale = slope * yardstick.error
            blocks = means / scale if scale > 0 else means
        return Outcome(
            replicate=job.replicate,
            state=result.state,
            loss=loss,
            steps=result.steps,
            steps_run=result.steps_run,
            blocks=blocks,
            reason=result.reason or ("the error is infinite" if loss is None else None),
        )

    def tell_trials(self, losses: dict[str, dict[int, float]], cell: Cell) -> None:
        """Tell of a barrier between trials of approaches, whose losses stand by approach and number."""
        self._barriers += 1
        means = {name: float(np.mean(list(found.values()))) for name, found in losses.items()}
        known = [name for name, mean in means.items() if np.isfinite(mean)]
        best = min(known, key=lambda name: means[name], default=None)
        self.progress(
            Barrier(
                number=self._barriers,
                cells=1,
                replicates=sum(map(len, losses.values())),
                best=None if best is None else f"{cell}, {best}",
                loss=None if best is None else means[best],
                effort=0.0,
                seconds_left=None,
            )
        )

    def _size_barrier(
        self,
        outcomes: list[Outcome],
        results: Iterable[TrialResult],
        step: Plan,
        settings: Settings,
        deadline: float | None,
    ) -> None:
        if not outcomes:
            return
        self._barriers += 1
        cells = sizes_of(outcomes)
        table = tabulate(outcomes, settings.folds, cells)
        best = Comparison(table, settings.folds).best if table.cells else None
        left = None
        if 0 < step.spent < 1:
            # At the pace of all trainings, also of those that an earlier run has left in the study.
            spent = sum(result.seconds for result in results) / self.executor.jobs
            left = spent * (1 - step.spent) / step.spent
        if deadline is not None:
            left = max(0.0, min(np.inf if left is None else left, deadline - monotonic()))
        self.progress(
            Barrier(
                number=self._barriers,
                cells=len(cells),
                replicates=len(outcomes),
                best=None if best is None else str(best),
                loss=None if best is None else table.mean(best),
                effort=min(1.0, step.spent),
                seconds_left=0.0 if step.ended else left,
            )
        )
