"""The choice of the approach, input form and then weight decay, by paired trials of one small network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from lstmsize.foresight import likely_losses
from lstmsize.forms import choose_form, plan_trials
from lstmsize.recipe import WEIGHT_DECAYS
from lstmsize.replicates import Replicate
from lstmsize.search import Search
from lstmsize.space import Cell
from lstmsize.transforms import InputForm
from lstmsize.trials import Approach, Job, TrialResult

Losses = dict[str, dict[int, float]]


class BudgetEnded(Exception):  # noqa: N818 - not an error: the run goes on with what there is
    """The time is up before a single trial is in."""


@dataclass(kw_only=True)
class ApproachTrials:
    """Trials of one small network, by which the approach is chosen.

    Parameters
    ----------
    search : Search
        What trains.
    cell : Cell
        The size that is tried.
    deadline : float or None
        Time on `time.monotonic` at which to stop.
    grace : float or None
        A later one, which holds while no trial has finished.
    then : callable or None
        What is likely to be trained first with an approach once it is chosen.
    losses : dict
        Filled with the losses of the trials by approach and replicate number.
    cut_short : bool
        Set where the time was up before all trials were in.
    """

    search: Search
    cell: Cell
    deadline: float | None
    grace: float | None = None
    then: Callable[[Approach], list[Job]] | None = None
    losses: Losses = field(default_factory=dict)
    cut_short: bool = False

    def choose(self, forms: list[InputForm]) -> Approach:
        """Decide on the input form, and then on the weight decay.

        Parameters
        ----------
        forms : list of InputForm
            Candidates, plain ones first.

        Returns
        -------
        Approach
            The same for all sizes.

        Raises
        ------
        BudgetEnded
            If not a single trial was finished in time.
        WorkerError, StudyError
            See `Search.train`.
        """
        chosen = self._best_of([Approach(form=form) for form in forms], self._first_of_decays)
        return self._best_of(_with_decays(chosen), self.then)

    def _best_of(self, approaches: list[Approach], then: Callable[[Approach], list[Job]] | None) -> Approach:
        """Try approaches until one can be chosen."""
        while jobs := self._wanted(approaches, self.losses):
            begun = partial(self._likely, jobs, approaches, then)
            done = self.search.train(jobs, self.deadline, None if self.losses else self.grace, begun)
            self.losses = self._with(done)
            self.search.tell_trials(self.losses, self.cell)
            if len(done) < len(jobs):
                self.cut_short = True
                break
        if not self.losses:
            raise BudgetEnded
        return _chosen(approaches, self.losses)

    def _first_of_decays(self, chosen: Approach) -> list[Job]:
        return self._wanted(_with_decays(chosen), self.losses)

    def _wanted(self, approaches: list[Approach], losses: Losses) -> list[Job]:
        by_name = {str(approach): approach for approach in approaches}
        return [
            self.search.job(by_name[name], Replicate(self.cell, number), trial=True)
            for name, number in plan_trials(losses, list(by_name), self.search.fold_count)
        ]

    def _with(self, done: dict[Job, TrialResult]) -> Losses:
        losses = {name: dict(found) for name, found in self.losses.items()}
        for job, result in done.items():
            loss = self.search.loss(job, result)
            losses.setdefault(str(job.approach), {})[job.replicate.number] = np.inf if loss is None else loss
        return losses

    def _likely(
        self,
        jobs: list[Job],
        approaches: list[Approach],
        then: Callable[[Approach], list[Job]] | None,
        done: dict[Job, TrialResult],
    ) -> list[Job]:
        """What is likely to be asked for after some trials, of which a few are still under way."""
        coming = [(str(job.approach), job.replicate.number) for job in jobs if job not in done]
        losses = likely_losses(self._with(done), coming)
        if more := self._wanted(approaches, losses):
            return more
        return [] if then is None else then(_chosen(approaches, losses))


def _with_decays(approach: Approach) -> list[Approach]:
    return [replace(approach, weight_decay=decay) for decay in WEIGHT_DECAYS]


def _chosen(approaches: list[Approach], losses: Losses) -> Approach:
    by_name = {str(approach): approach for approach in approaches}
    return by_name[choose_form(losses, list(by_name))]
