"""Foresight: how trainings under way will likely end, so that what comes after them can begin on idle cores.

Nothing is decided by it: a wrong guess costs a training that nobody looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstmsize.replicates import Outcome, Replicate, sizes_of, tabulate
from lstmsize.series import FloatArray


def likely_losses(
    losses: dict[str, dict[int, float]], coming: Sequence[tuple[str, int]]
) -> dict[str, dict[int, float]]:
    """Return the losses of trials with those to come.

    Parameters
    ----------
    losses : dict
        By approach and replicate number, infinity where a trial failed.
    coming : sequence of (str, int)
        Approaches and numbers.

    Returns
    -------
    dict
        As `losses`.
    """
    names = list(dict.fromkeys([*losses, *(name for name, _ in coming)]))
    numbers = [number for found in losses.values() for number in found] + [number for _, number in coming]
    table = np.full((len(names), 1 + max(numbers, default=0)), np.nan)
    for name, found in losses.items():
        table[names.index(name), list(found)] = list(found.values())
    likely = {name: dict(found) for name, found in losses.items()}
    for name, number in coming:
        likely.setdefault(name, {})[number] = _likely(table, names.index(name), number)
    return likely


def likely_outcomes(outcomes: list[Outcome], coming: Sequence[Replicate], folds: int) -> list[Outcome]:
    """Return finished replicates with those to come.

    Parameters
    ----------
    outcomes : list of Outcome
        The finished ones.
    coming : sequence of Replicate
        Those that are under way.
    folds : int
        Number of folds.

    Returns
    -------
    list of Outcome
        Those to come have ended as others of their size, the first of a size as the best of all with its number.
        There are none of a size that failed, or with a number that none has finished.
    """
    table = tabulate(outcomes, folds, sizes_of(outcomes))
    likely = list(outcomes)
    for replicate in coming:
        cell = replicate.cell
        own = [outcome for outcome in outcomes if outcome.replicate.cell == cell]
        if not own:
            others = [one for one in outcomes if one.replicate.number == replicate.number]
            there = {other.loss: other for other in others if other.loss is not None}
            if there:
                likely.append(replace(there[min(there)], replicate=replicate))
            continue
        if cell not in table.cells:
            continue
        lacking = max(0, replicate.number + 1 - table.losses.shape[1])
        losses = np.pad(table.losses, ((0, 0), (0, lacking)), constant_values=np.nan)
        likely.append(
            Outcome(
                replicate=replicate,
                state="converged",
                loss=_likely(losses, table.cells.index(cell), replicate.number),
                steps=round(np.mean([outcome.steps for outcome in own])),
                steps_run=round(np.mean([outcome.steps_run for outcome in own])),
                blocks=table.blocks.get((cell, replicate.fold(folds))),
            )
        )
    return likely


def _likely(table: FloatArray, row: int, number: int) -> float:
    """Guess a missing loss: what others have there, in the proportion of what both have elsewhere.

    Of whom nothing is known may be as good as the best: it gets its next training sooner than one that would be
    given up.
    """
    known = np.isfinite(table) & (table > 0)
    guesses = [
        table[other, number] * float(np.mean(table[row, both] / table[other, both]))
        for other in np.flatnonzero(known[:, number])
        if (both := known[row] & known[other]).any()
    ]
    if guesses:
        return float(np.mean(guesses))
    if known[row].any():
        return float(np.mean(table[row, known[row]]))
    return float(np.min(table[known[:, number], number], initial=np.inf))
