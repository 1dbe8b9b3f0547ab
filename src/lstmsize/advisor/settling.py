"""What would settle an inconclusive answer: more rows, or more time."""

from __future__ import annotations

import math

from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.second_half import SEARCH_SHARE, TRIALS_SHARE, SecondHalf, mean_fold_gain
from lstmsize.config import Request
from lstmsize.prospect import HOLDOUT_SEEDS
from lstmsize.recipe import TRIAL_STEPS
from lstmsize.results import SettledBy
from lstmsize.strategy import STRETCH
from lstmsize.verdict import rows_needed


def settled_by(first: FirstHalf, second: SecondHalf, request: Request) -> SettledBy:
    """Compute the rows and the budget with which a definite verdict is to be expected.

    Parameters
    ----------
    first : FirstHalf
        What the baselines showed.
    second : SecondHalf
        What the networks showed.
    request : Request
        What was asked.

    Returns
    -------
    SettledBy
        Rows where the comparison on the holdout was made but is too noisy, seconds where the budget ended the run.
    """
    rows, reason = _rows(first, second, request)
    budget = budget_needed(first, second, request)
    return SettledBy(rows=rows, budget=budget, reason=reason if budget is None else None)


def search_cut_short(second: SecondHalf) -> bool:
    """Say whether the budget ended the trials of forms or the search over sizes."""
    return second.sized is None or second.trials_cut or second.sized.ended == "budget"


def cut_short(second: SecondHalf, request: Request) -> bool:
    """Say whether the budget ended the run before everything planned was done."""
    if request.budget is None or (second.sized is not None and second.sized.ended == "failed"):
        return False
    return search_cut_short(second) or len(second.final) + second.failed < HOLDOUT_SEEDS


def budget_needed(first: FirstHalf, second: SecondHalf, request: Request) -> float | None:
    """Return the seconds in which the run would have come to its own end, two digits rounded up.

    What was cut short is extended to all that was planned, at the pace of the finished trainings, or of a few
    steps where there is none. None if nothing was cut short, or if the pace is unknown.
    """
    pace = _pace(second)
    if request.budget is None or pace is None or not cut_short(second, request):
        return None
    trials = sum(first.seconds.values()) + _trials(second, pace)
    search = trials + _search(second, pace)
    whole = search + _holdout(second)
    return float(rounded_up(max(2 * request.budget, trials / TRIALS_SHARE, search / SEARCH_SHARE, whole)))


def rounded_up(value: float) -> int:
    """Round to a whole number of two digits, up; that is all that such an estimate holds."""
    unit = int(10 ** max(0, len(str(math.ceil(value))) - 2))
    return math.ceil(value / unit) * unit


def _pace(second: SecondHalf) -> float | None:
    """Seconds that a unit of work takes one worker."""
    settings = second.plan.settings
    if second.step_seconds is not None:
        return second.step_seconds / settings.step_work(second.plan.space.smallest)
    work = sum(
        result.steps_run * settings.step_work(job.replicate.cell) for job, result in second.trainings.items()
    )
    return sum(result.seconds for result in second.trainings.values()) / work if work > 0 else None


def _trials(second: SecondHalf, pace: float) -> float:
    """Seconds of all trials of forms."""
    if second.approach is not None and not second.trials_cut:
        return second.seconds["form"]
    seconds = [result.seconds for job, result in second.trainings.items() if job.trial]
    longest = TRIAL_STEPS * pace * second.plan.settings.step_work(second.plan.space.smallest)
    return second.plan.most_trials * (sum(seconds) / len(seconds) if seconds else longest) / second.jobs


def _search(second: SecondHalf, pace: float) -> float:
    """Seconds of a whole search over sizes; what it may take if larger ones pay is added only once they do."""
    if second.sized is not None and second.sized.ended != "budget":
        return second.seconds["search"]
    stretch = STRETCH if second.sized is not None and second.sized.spent >= 1 else 1.0
    return stretch * second.plan.settings.effort * pace / second.jobs


def _holdout(second: SecondHalf) -> float:
    """Seconds of all networks on the holdout, which take about as long as those of the same size on the folds."""
    if second.selected is None:
        return 0.0
    seconds = [
        result.seconds
        for job, result in second.trainings.items()
        if job.replicate.cell == second.selected.cell and not job.trial
    ]
    return math.ceil(HOLDOUT_SEEDS / second.jobs) * sum(seconds) / len(seconds)


def _rows(first: FirstHalf, second: SecondHalf, request: Request) -> tuple[int | None, str | None]:
    """Rows with which a definite verdict is to be expected, or why no number of them is named."""
    sized, folds = second.sized, mean_fold_gain(second)
    if second.failed or second.alone or (sized is not None and sized.ended == "failed"):
        return None, "what is lacking are trainings that do not fail"
    if (
        second.gain is None
        or folds is None
        or second.yardstick is None
        or sized is None
        or search_cut_short(second)
    ):
        return None, None
    if not second.learnt and second.gain.gain >= request.least_gain:
        return None, "what is lacking are networks that learn something beyond the simple models"
    if sized.ended == "unaffordable" and max(second.gain.gain, folds) < request.least_gain:
        return (
            None,
            "what is lacking is a larger size than the planned effort reaches, and more rows do not show it",
        )
    rows = rows_needed(
        second.gain,
        folds,
        min_gain=request.least_gain,
        scored=len(second.yardstick.actual),
        rows=first.splits.rows,
        used=second.used,
    )
    if rows is None:
        apart = (folds >= request.least_gain) != (second.gain.gain >= request.least_gain)
        differ = "the folds and the holdout differ" if apart else "the folds differ among themselves"
        return None, f"{differ} too much for a number of rows that would settle it"
    if math.isinf(rows):
        return None, "the gain is too uncertain for a number of rows that would settle it"
    return int(rows), None
