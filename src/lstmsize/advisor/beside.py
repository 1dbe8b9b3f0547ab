"""What begins beside the first half: trainings that the second one will likely ask for, on cores that are idle."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from lstmsize.advisor.first_half import FirstHalf, Outlook, first_half, fit, pass_gate
from lstmsize.advisor.plan import early_plan, make_plan, prospect_of
from lstmsize.advisor.yardsticks import correctable_forecasts, yardsticks_of
from lstmsize.config import Request
from lstmsize.errors import DataError
from lstmsize.events import Progress
from lstmsize.executors import ProcessExecutor
from lstmsize.trials import Job, Trainer, TrialResult
from lstmsize.yardstick import Yardstick


def first_half_with_trainings(
    executor: ProcessExecutor[Job, TrialResult],
    trainer: Trainer,
    outlook: Outlook,
    request: Request,
    deadline: float | None,
    progress: Progress,
) -> FirstHalf:
    """Walk the first half of the journey, and meanwhile begin what the second one will likely ask for.

    While the baselines are fitted networks are measured by the last value; then, while the gate is computed, by
    the best baseline, as if the gate would open.

    Parameters
    ----------
    executor, trainer : ProcessExecutor, Trainer
        Where networks are trained, and what workers hold, who are told what the baselines forecast on the folds.
    outlook, request : Outlook, Request
        What is known, and what is asked.
    deadline : float or None
        Time on `time.monotonic` after which nothing more is begun; None for a run that is to begin nothing.
    progress : Progress
        Who is told.

    Returns
    -------
    FirstHalf
        See `first_half`.
    """
    if deadline is None or outlook.recursion is not None:
        return first_half(outlook, request, progress)
    guess = early_plan(outlook, request)
    executor.begin(prospect_of(guess, outlook, request, _last_values(outlook, request)).jobs, deadline)
    fitted = fit(outlook, request, progress)
    with suppress(DataError):  # told if the gate opens
        plan = make_plan(fitted, request)
        if bases := correctable_forecasts(fitted):  # workers are forked anew with them
            executor.work = replace(trainer, bases=bases)
        executor.begin(prospect_of(plan, fitted, request, yardsticks_of(fitted, request)).jobs, deadline)
    return pass_gate(fitted, request, progress)


def _last_values(outlook: Outlook, request: Request) -> dict[int, Yardstick]:
    values = outlook.series.target
    return {
        number: Yardstick.of(values, values[fold.train_stop - 1 : fold.score_stop - 1], fold, request.metric, 0.0)
        for number, fold in enumerate(outlook.splits.folds)
    }
