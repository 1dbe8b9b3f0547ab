"""The choice of the input form from cheap paired trials of one small network, before sizes are compared."""

from __future__ import annotations

import numpy as np

_MARGIN = 0.25
"""A form this much worse than the best on the latest fold is not tried on the others."""

_TIE = 0.005
"""Mean losses closer than this are a tie, which the plainer form wins."""


def plan_trials(losses: dict[str, dict[int, float]], names: list[str], folds: int) -> list[tuple[str, int]]:
    """Decide which input forms are tried next on which replicate numbers, with the smallest size.

    Parameters
    ----------
    losses : dict
        By form and replicate number: finished losses, infinity where a trial failed.
    names : list of str
        All forms, plain ones first.
    folds : int
        Number of folds; each serious form is tried on all of them.

    Returns
    -------
    list of (str, int)
        Trials to do; empty when the choice can be made.
    """
    first = [(name, 0) for name in names if 0 not in losses.get(name, {})]
    if first or len(names) == 1:
        return first
    least = min(losses[name][0] for name in names)
    serious = [name for name in names if losses[name][0] <= least * (1 + _MARGIN)]
    return [(name, number) for number in range(1, folds) for name in serious if number not in losses[name]]


def choose_form(losses: dict[str, dict[int, float]], names: list[str]) -> str:
    """Choose the form with the lowest mean loss among those tried most often; a plainer one in a near tie.

    Parameters
    ----------
    losses : dict
        By form and replicate number.
    names : list of str
        All forms, plain ones first.

    Returns
    -------
    str
        The first form within half a percent of the lowest mean.
    """
    most = max(len(losses.get(name, {})) for name in names)
    means = {
        name: float(np.mean(list(losses[name].values()))) for name in names if len(losses.get(name, {})) == most
    }
    least = min(means.values())
    return next(name for name in names if means.get(name, np.inf) <= least * (1 + _TIE))
