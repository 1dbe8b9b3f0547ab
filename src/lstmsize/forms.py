"""The choice of the input form from cheap paired trials of one small network, before sizes are compared."""

from __future__ import annotations

import numpy as np

_MARGINS = (0.15, 0.05)
"""A form this much worse than the best on the latest fold, or on the two latest, is not tried on the next."""

_FEW = 2
"""So many forms are tried on all folds that are left at once: there is little to save."""

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
        Number of folds; forms that keep up are tried on all of them.

    Returns
    -------
    list of (str, int)
        Trials to do; empty when the choice can be made.
    """
    alive = names
    for number in range(folds if len(names) > 1 else 1):  # a single form needs to show only that it works
        if number > 0:
            means = {name: float(np.mean([losses[name][k] for k in range(number)])) for name in alive}
            margin = _MARGINS[min(number, len(_MARGINS)) - 1]
            alive = [name for name in alive if means[name] <= min(means.values()) * (1 + margin)]
        until = folds if number > 0 and len(alive) <= _FEW else number + 1
        wanted = [(name, k) for k in range(number, until) for name in alive if k not in losses.get(name, {})]
        if wanted:
            return wanted
    return []


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
