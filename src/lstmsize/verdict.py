"""The verdict: one comparison on the holdout, read together with the folds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lstmsize.resampling import Gain
from lstmsize.results import Verdict
from lstmsize.series import FloatArray

POWER = 0.8
"""Chance of proving the observed gain that the stated number of rows is computed for."""

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The verdict and why.

    Parameters
    ----------
    verdict : str
        ``recurrent``, ``baseline``, ``unpredictable`` or ``inconclusive``.
    lean : str or None
        For ``inconclusive``: the safer choice.
    reason : str
        The clause that follows the verdict in the summary.
    """

    verdict: Verdict
    lean: Verdict | None
    reason: str


def judge(
    *,
    holdout: Gain,
    folds: FloatArray,
    min_gain: float,
    simple: Verdict,
    complete: bool = True,
    searched: bool = True,
    used: int = 1,
) -> Judgement:
    """Judge the chosen size against the best baseline, one step ahead.

    Parameters
    ----------
    holdout : Gain
        Gain on the holdout with its one-sided 95 % bounds.
    folds : ndarray, shape (folds,)
        Mean gain of the same size on each fold.
    min_gain : float
        Smallest gain that is worth a network.
    simple : str
        What it is if no network is worth it: ``baseline``, or ``unpredictable`` where the best baseline does not
        beat the better of mean and last value either.
    complete : bool
        Whether all networks were trained and none failed; without, nothing is definite.
    searched : bool
        Whether the search came to its own end; without, a larger network might still have gained.
    used : int
        How many sizes or forms have been compared on this holdout; each shares in the 5 % risk (Bonferroni).

    Returns
    -------
    Judgement
        ``recurrent`` needs a gain of `min_gain` on the holdout, a lower bound above 0 and folds that agree: a
        mean gain of `min_gain` and a gain on most of them. `simple` needs a gain below `min_gain` on both.
        Everything else is ``inconclusive`` and leans to what folds and holdout together suggest.
    """
    fold_gain = float(np.mean(folds))
    agree = fold_gain >= min_gain and int(np.sum(folds > 0)) * 2 > len(folds)
    significant = holdout.low > 0 and (used == 1 or holdout.p_value * used <= 1 - CONFIDENCE)
    told = f"gain {holdout.gain:.1%} on the holdout (90 % interval {holdout.low:.1%} to {holdout.high:.1%})"
    if complete and holdout.gain >= min_gain and significant and agree:
        return Judgement(verdict="recurrent", lean=None, reason=f"{told}, {fold_gain:.1%} on the folds")
    if holdout.gain < min_gain and fold_gain < min_gain and complete and searched:
        return Judgement(verdict=simple, lean=None, reason=f"{told}; a gain above {holdout.high:.1%} is excluded")
    # The safer choice is the simple one unless both sources speak for the network.
    lean: Verdict = "recurrent" if holdout.gain >= min_gain and agree else simple
    if not complete:
        why = f"{told}, and not all networks could be trained"
    elif holdout.gain >= min_gain and agree:
        why = f"{told} is not significant"
    elif holdout.gain >= min_gain or fold_gain >= min_gain:
        why = f"{told}, but {fold_gain:.1%} on the folds"
    else:
        why = f"{told}, and the search was cut short"
    return Judgement(verdict="inconclusive", lean=lean, reason=why)


def rows_needed(
    holdout: Gain, folds: float, *, min_gain: float, rows: int, series: int, share: float
) -> int | None:
    """Return the length of series on which a definite verdict would be had with a chance of 80 %.

    Parameters
    ----------
    holdout : Gain
        The observed gain and its bounds.
    folds : float
        Mean gain on the folds; the true gain is taken to be the mean of both.
    min_gain : float
        Smallest gain that is worth a network.
    rows : int
        Rows of the holdout it was observed on.
    series : int
        Rows of the whole series.
    share : float
        Fraction of a series that its holdout is.

    Returns
    -------
    int or None
        Rows of the whole series, at least as many as there are, the spread shrinking with the square root of the
        rows: enough to prove a gain of `min_gain` or more to be above 0, or to see that it is below. None where
        the spread is unknown.
    """
    spread = (holdout.gain - holdout.low) / float(stats.norm.ppf(CONFIDENCE))
    gain = (holdout.gain + folds) / 2
    sure, power = (float(stats.norm.ppf(chance)) for chance in (CONFIDENCE, POWER))
    wanted = gain / (sure + power) if gain >= min_gain else (min_gain - gain) / power
    if spread <= 0 or wanted <= 0:
        return None
    return max(series, math.ceil(rows * (spread / wanted) ** 2 / share))
