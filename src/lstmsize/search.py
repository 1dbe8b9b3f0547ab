"""The search: strategy decides, executor trains, ledger remembers; decisions fall at barriers only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import numpy as np

from lstmsize.comparison import Comparison
from lstmsize.events import Barrier, Progress, ReplicateDone
from lstmsize.executors import Ahead, Lost, ProcessExecutor
from lstmsize.ledger import Ledger
from lstmsize.prospect import Prospect, on_holdout
from lstmsize.replicates import Outcome, Replicate, sizes_of, tabulate
from lstmsize.scoring import Scoring
from lstmsize.space import Cell, Space
from lstmsize.strategy import Plan, Settings, plan
from lstmsize.trials import Approach, Job, Trainer, TrialResult

_OUTSIDE = ("crashed", "memory")
"""Ends of a training that may lie in the machine."""


def repeatable(result: TrialResult) -> bool:
    """Say whether a training would end so again; if not, one that ended before it was asked for is tried again."""
    return result.state not in _OUTSIDE


def training_executor(trainer: Trainer, jobs: int) -> ProcessExecutor[Job, TrialResult]:
    """Return where trainings run: processes, or threads of one on a CUDA device."""
    return ProcessExecutor(trainer, jobs, in_threads=trainer.device == "cuda", worth_keeping=repeatable)


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
    scoring : Scoring
        What results are measured by.
    executor : ProcessExecutor
        Where trainings run.
    ledger : Ledger
        What is remembered; a training found there is not repeated, unless what it failed of may have passed.
    prospect : Prospect or None
        Tells what begins ahead where a worker is idle.
    progress : Progress
        Who is told.
    trainings : dict of Job to TrialResult
        Filled with what was trained or found in the ledger.
    """

    scoring: Scoring
    executor: ProcessExecutor[Job, TrialResult]
    ledger: Ledger
    progress: Progress
    prospect: Prospect | None = None
    trainings: dict[Job, TrialResult] = field(default_factory=dict)
    _barriers: int = 0

    def train(
        self,
        jobs: Sequence[Job],
        deadline: float | None,
        grace: float | None = None,
        ahead: Ahead[Job, TrialResult] | None = None,
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
        ahead : callable, optional
            Tells what is likely to be asked for next from all results so far and what is under way. It begins
            where a worker is idle; nothing of it is recorded before it is asked for.

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

        likely = None if ahead is None else partial(self._likely, ahead, jobs, found)
        for job, result in self.executor.run(missing, deadline, None if found else grace, likely):
            if isinstance(result, Lost):
                result = TrialResult(state="crashed", reason=result.reason)
            found[job] = result
            loss = self.scoring.loss(job, result)
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

    def _likely(
        self,
        ahead: Ahead[Job, TrialResult],
        jobs: Sequence[Job],
        found: dict[Job, TrialResult],
        kept: Mapping[Job, TrialResult],
        under_way: Sequence[Job],
    ) -> list[Job]:
        """What is likely to be asked for after some trainings and is not recorded."""
        asked = [job for job in jobs if job not in found and job not in under_way]
        following = ahead({**self.trainings, **found, **kept}, [*asked, *under_way])
        return [job for job in following if not self._recorded([job])]

    def _recorded(self, jobs: Sequence[Job]) -> dict[Job, TrialResult]:
        known = {job: self.ledger.get(job.key, TrialResult) for job in jobs}
        return {job: result for job, result in known.items() if result is not None and repeatable(result)}

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
        ahead = None if self.prospect is None else partial(self.prospect.sizes, approach)
        while True:
            step = plan(outcomes, space, settings)
            self._size_barrier(outcomes, results.values(), step, settings, deadline)
            if step.ended is not None:
                return Sized(
                    outcomes=outcomes, results=results, ended=step.ended, dropped=step.dropped, spent=step.spent
                )
            jobs = [Job.of(approach, replicate, settings.folds) for replicate in step.replicates]
            done = self.train(jobs, deadline, None if outcomes else grace, ahead)
            for job, result in done.items():
                results[job.replicate] = result
                outcomes.append(self.scoring.outcome(job, result))
            outcomes.sort(key=lambda outcome: outcome.replicate)
            if len(done) < len(jobs):
                last = plan(outcomes, space, settings)
                return Sized(
                    outcomes=outcomes, results=results, ended="budget", dropped=last.dropped, spent=last.spent
                )

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
        return list(self.train(on_holdout(approach, cell), deadline).values())

    def compared_on_holdout(self) -> int:
        """Return how many sizes or approaches the ledger has on the holdout, from earlier runs too."""
        keys = self.ledger.keys()
        return len({key.rsplit("/", 1)[0] for key in keys if "/holdout/" in key})

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
