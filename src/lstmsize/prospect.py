"""What a run asks for, step by step, and what it will likely ask for next, told from the results that are in.

What is likely can begin where a core is idle; a wrong guess costs a training that nobody looks at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lstmsize.comparison import Comparison
from lstmsize.foresight import likely_losses, likely_outcomes
from lstmsize.forms import choose_form, plan_trials
from lstmsize.recipe import WEIGHT_DECAYS
from lstmsize.replicates import Outcome, Replicate, sizes_of, tabulate
from lstmsize.scoring import Scoring
from lstmsize.selection import select
from lstmsize.space import Cell, Space
from lstmsize.strategy import Settings, plan
from lstmsize.transforms import InputForm
from lstmsize.trials import HOLDOUT, Approach, Job, TrialResult

HOLDOUT_SEEDS = 5
"""Networks of the chosen size that are compared with the best baseline on the holdout."""

Losses = dict[str, dict[int, float]]
"""Of trials, by approach and replicate number."""


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """What a run will likely ask for next.

    Parameters
    ----------
    scoring : Scoring
        What results are measured by.
    forms : list of InputForm
        Candidates, plain ones first.
    space : Space
        The sizes that may be tried, of which trials take the smallest.
    settings : Settings
        Tolerances and limits.
    """

    scoring: Scoring
    forms: list[InputForm]
    space: Space
    settings: Settings
    _outcomes: dict[Job, tuple[TrialResult, Outcome]] = field(default_factory=dict)

    def jobs(self, results: Mapping[Job, TrialResult], coming: Collection[Job] = ()) -> list[Job]:
        """List what is likely to be asked for next while the approach is not chosen yet.

        Parameters
        ----------
        results : mapping of Job to TrialResult
            What is in.
        coming : collection of Job
            What is under way, and will likely end as others did.

        Returns
        -------
        list of Job
            Trials of input forms, then of weight decays; replicates of sizes; where the search would end, networks
            of the chosen size on the holdout, if the scoring knows of it. Some of these may be in `results`.
        """
        losses: Losses = {}
        for job, result in results.items():
            if job.trial:
                add_trial(losses, job, self._outcome(job, result).loss)
        under_way = [(str(job.approach), job.replicate.number) for job in coming if job.trial]
        approaches = [Approach(form=form) for form in self.forms]
        for _ in ("input form", "weight decay"):
            names = {str(approach) for approach in approaches}
            likely = likely_losses(losses, [trial for trial in under_way if trial[0] in names])
            if more := trials(approaches, likely, self.space.smallest, self.settings.folds):
                return more
            chosen = choose(approaches, likely)
            approaches = with_decays(chosen)
        return self.sizes(chosen, results, coming)

    def sizes(
        self, approach: Approach, results: Mapping[Job, TrialResult], coming: Collection[Job] = ()
    ) -> list[Job]:
        """List what is likely to be asked for next once the approach is chosen; see `jobs`."""

        def of_search(job: Job) -> bool:
            return job.approach == approach and not job.trial and job.fold != HOLDOUT

        finished = [self._outcome(job, result) for job, result in results.items() if of_search(job)]
        under_way = [job.replicate for job in coming if of_search(job)]
        outcomes = likely_outcomes(finished, under_way, self.settings.folds)
        step = plan(outcomes, self.space, self.settings)
        if step.ended is None:
            return [Job.of(approach, replicate, self.settings.folds) for replicate in step.replicates]
        table = tabulate(outcomes, self.settings.folds, sizes_of(outcomes))
        if not table.cells or HOLDOUT not in self.scoring.yardsticks:
            return []
        comparison = Comparison(table, self.settings.folds)
        return on_holdout(approach, select(comparison, self.settings.tolerance, step.dropped).cell)

    def _outcome(self, job: Job, result: TrialResult) -> Outcome:
        known = self._outcomes.get(job)
        if known is None or known[0] is not result:
            known = self._outcomes[job] = result, self.scoring.outcome(job, result)
        return known[1]


def trials(approaches: Sequence[Approach], losses: Losses, cell: Cell, folds: int) -> list[Job]:
    """List the trials that the choice between approaches still needs; see `plan_trials`."""
    by_name = {str(approach): approach for approach in approaches}
    return [
        Job.of(by_name[name], Replicate(cell, number), folds, trial=True)
        for name, number in plan_trials(losses, list(by_name), folds)
    ]


def add_trial(losses: Losses, job: Job, loss: float | None) -> None:
    """Note the loss of a trial; infinity where it failed."""
    losses.setdefault(str(job.approach), {})[job.replicate.number] = np.inf if loss is None else loss


def choose(approaches: Sequence[Approach], losses: Losses) -> Approach:
    """Return the approach that trials speak for; see `choose_form`."""
    by_name = {str(approach): approach for approach in approaches}
    return by_name[choose_form(losses, list(by_name))]


def with_decays(approach: Approach) -> list[Approach]:
    """Return an approach with each of the weight decays."""
    return [replace(approach, weight_decay=decay) for decay in WEIGHT_DECAYS]


def on_holdout(approach: Approach, cell: Cell) -> list[Job]:
    """List the trainings of a size whose networks are compared with the best baseline on the holdout."""
    return [
        Job(approach=approach, replicate=Replicate(cell, number), fold=HOLDOUT) for number in range(HOLDOUT_SEEDS)
    ]
