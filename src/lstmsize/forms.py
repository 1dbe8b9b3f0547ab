"""The choice of the approach from cheap paired trials of one small network, before sizes are compared.

What is said of input forms holds for weight decays, too, which are chosen after them in the same way.
"""

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
    for number in range(folds):
        alive = _keeping_up(losses, names, number)
        until = folds if number > 0 and len(alive) <= _FEW else number + 1
        wanted = [(name, k) for k in range(number, until) for name in alive if k not in losses.get(name, {})]
        if wanted:
            return wanted
    return []


def choose_form(losses: dict[str, dict[int, float]], names: list[str]) -> str:
    """Choose the form with the lowest mean loss on the trials that all forms near the best have had.

    Parameters
    ----------
    losses : dict
        By form and replicate number; a budget may have ended the trials before a form that keeps up had all.
    names : list of str
        All forms, plain ones first; at least one was tried.

    Returns
    -------
    str
        The first form within half a percent of the lowest mean.
    """
    tried = [name for name in names if 0 in losses.get(name, {})]
    number = 1
    while all(number in losses[name] for name in _keeping_up(losses, tried, number)):
        number += 1
    means = _means(losses, [name for name in tried if number - 1 in losses[name]], number)
    least = min(means.values())
    return next(name for name, mean in means.items() if mean <= least * (1 + _TIE))


def _keeping_up(losses: dict[str, dict[int, float]], names: list[str], number: int) -> list[str]:
    """Names of the forms that stay near the best after each of their first so many trials."""
    for count in range(1, number + 1):
        means = _means(losses, names, count)
        most = min(means.values()) * (1 + _MARGINS[min(count, len(_MARGINS)) - 1])
        names = [name for name in names if means[name] <= most]
    return names


def _means(losses: dict[str, dict[int, float]], names: list[str], number: int) -> dict[str, float]:
    return {name: float(np.mean([losses[name][k] for k in range(number)])) for name in names}
