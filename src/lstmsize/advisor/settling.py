"""What would settle an inconclusive answer: more rows, or more time."""

from __future__ import annotations

import math

from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.second_half import HOLDOUT_SEEDS, SEARCH_SHARE, SecondHalf, mean_fold_gain
from lstmsize.config import Request
from lstmsize.results import SettledBy
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
        Rows where the comparison on the holdout was made but is too noisy, seconds where the budget ended it.
    """
    return SettledBy(rows=_rows(first, second, request), budget=budget_needed(first, second, request))


def search_cut_short(second: SecondHalf) -> bool:
    """Say whether the budget ended the trials of forms or the search over sizes."""
    return second.sized is None or second.sized.ended == "budget"


def cut_short(second: SecondHalf, request: Request) -> bool:
    """Say whether the budget ended the run before everything planned was done."""
    if request.budget is None or (second.sized is not None and second.sized.ended == "failed"):
        return False
    return search_cut_short(second) or len(second.final) + second.failed < HOLDOUT_SEEDS


def budget_needed(first: FirstHalf, second: SecondHalf, request: Request) -> float | None:
    """Return the seconds in which the run would have come to its own end; None if it did.

    A search that was cut short is extended to the whole planned effort; where no size was compared yet, twice the
    budget is a start.
    """
    if request.budget is None or not cut_short(second, request):
        return None
    if second.sized is None or second.sized.spent <= 0:
        return 2 * request.budget
    before = sum(first.seconds.values()) + second.seconds["form"]
    search = second.seconds["search"] / (min(1.0, second.sized.spent) if search_cut_short(second) else 1.0)
    return float(max(2 * request.budget, math.ceil((before + search) / SEARCH_SHARE)))


def _rows(first: FirstHalf, second: SecondHalf, request: Request) -> int | None:
    folds = mean_fold_gain(second)
    if second.gain is None or folds is None or second.yardstick is None:
        return None
    if second.failed or search_cut_short(second):
        return None
    return rows_needed(
        second.gain,
        folds,
        min_gain=request.min_gain,
        scored=len(second.yardstick.actual),
        rows=first.splits.rows,
    )
