"""The choice of the approach, input form and weight decay, by paired trials of one small network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from lstmsize.forms import choose_form, close_forms, plan_trials
from lstmsize.recipe import WEIGHT_DECAYS
from lstmsize.replicates import Replicate
from lstmsize.search import Search
from lstmsize.space import Cell
from lstmsize.transforms import InputForm
from lstmsize.trials import Approach, Job


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
    losses : dict
        Filled with the losses of the trials by approach and replicate number.
    whole_losses : dict
        Likewise with those of whole trainings, of approaches that the trials could not tell apart.
    cut_short : bool
        Set where the time was up before all of these were in.
    """

    search: Search
    cell: Cell
    deadline: float | None
    losses: dict[str, dict[int, float]] = field(default_factory=dict)
    whole_losses: dict[str, dict[int, float]] = field(default_factory=dict)
    cut_short: bool = False

    def choose(self, forms: list[InputForm]) -> Approach:
        """Decide on the input form and the weight decay, by whole trainings where trials leave several forms.

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
        plain = _by_name([Approach(form=form) for form in forms])
        self._try(plain)
        if not self.losses:
            raise BudgetEnded
        close = [plain[name] for name in close_forms(self.losses, list(plain))]
        decayed = [_by_name([replace(form, weight_decay=decay) for decay in WEIGHT_DECAYS]) for form in close]
        self._try(*decayed)
        return self._decide([group[choose_form(self.losses, list(group))] for group in decayed])

    def _try(self, *groups: dict[str, Approach]) -> None:
        """Make trials until the choice within each group can be made, or the time is up."""
        folds = self.search.fold_count
        while jobs := [
            self.search.job(group[name], Replicate(self.cell, number), trial=True)
            for group in groups
            for name, number in plan_trials(self.losses, list(group), folds)
        ]:
            if not self._train(jobs, self.losses):
                break

    def _decide(self, contending: list[Approach]) -> Approach:
        """Decide between what the trials have left, by whole trainings; the search takes over the best one's."""
        approaches, losses = _by_name(contending), self.losses
        if len(approaches) > 1:
            jobs = [
                self.search.job(approach, Replicate(self.cell, number))
                for approach in contending
                for number in range(self.search.fold_count)
            ]
            if self._train(jobs, self.whole_losses):
                losses = self.whole_losses
        return approaches[choose_form(losses, list(approaches))]

    def _train(self, jobs: list[Job], losses: dict[str, dict[int, float]]) -> bool:
        """Train and fill in the losses; say whether there was time for all."""
        done = self.search.train(jobs, self.deadline)
        for job, result in done.items():
            loss = self.search.loss(job, result)
            found = losses.setdefault(str(job.approach), {})
            found[job.replicate.number] = np.inf if loss is None else loss
        self.search.tell_trials(losses, self.cell)
        self.cut_short |= len(done) < len(jobs)
        return len(done) == len(jobs)


def _by_name(approaches: list[Approach]) -> dict[str, Approach]:
    return {str(approach): approach for approach in approaches}
