"""The choice of the approach, input form and then weight decay, by paired trials of one small network."""

from __future__ import annotations

from dataclasses import dataclass, field

from lstmsize.prospect import Losses, add_trial, choose, trials, with_decays
from lstmsize.search import Search
from lstmsize.space import Cell
from lstmsize.transforms import InputForm
from lstmsize.trials import Approach


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
    losses : dict
        Filled with the losses of the trials by approach and replicate number.
    cut_short : bool
        Set where the time was up before all trials were in.
    """

    search: Search
    cell: Cell
    deadline: float | None
    grace: float | None = None
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
        chosen = self._best_of([Approach(form=form) for form in forms])
        return self._best_of(with_decays(chosen))

    def _best_of(self, approaches: list[Approach]) -> Approach:
        """Try approaches until one can be chosen."""
        scoring = self.search.scoring
        ahead = None if self.search.prospect is None else self.search.prospect.jobs
        while jobs := trials(approaches, self.losses, self.cell, scoring.fold_count):
            done = self.search.train(jobs, self.deadline, None if self.losses else self.grace, ahead)
            for job, result in done.items():
                add_trial(self.losses, job, scoring.loss(job, result))
            self.search.tell_trials(self.losses, self.cell)
            if len(done) < len(jobs):
                self.cut_short = True
                break
        if not self.losses:
            raise BudgetEnded
        return choose(approaches, self.losses)
