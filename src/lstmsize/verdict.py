"""The verdict: one comparison on the holdout, read together with the folds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from lstmsize.resampling import SIDE, Gain
from lstmsize.results import Verdict
from lstmsize.series import FloatArray
from lstmsize.windows import MOST_FORECAST

POWER = 0.8
"""Chance of proving the observed gain that the stated number of rows is computed for."""

_MOST_GROWTH = 100.0


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

    @property
    def for_network(self) -> bool:
        """Whether a network is recommended or leant to."""
        return "recurrent" in (self.verdict, self.lean)


def judge(
    *,
    holdout: Gain,
    folds: FloatArray,
    min_gain: float,
    simple: Verdict,
    complete: bool = True,
    searched: bool = True,
    learnt: bool = True,
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
        Smallest gain that is worth a network, above 0 by more than rounding.
    simple : str
        What it is if no network is worth it: ``unpredictable`` where no baseline beats mean and last value.
    complete : bool
        Whether all networks were trained and none failed; without, nothing is definite.
    searched : bool
        Whether the search came to its own end; without, a larger network might still have gained.
    learnt : bool
        Whether most networks on the holdout took a step; one that took none is the simple model that it was to
        correct, whose gain speaks for no network.
    used : int
        How many sizes or forms have been compared on this holdout; each shares in the 5 % risk (Bonferroni).

    Returns
    -------
    Judgement
        ``recurrent`` needs a gain of `min_gain` on the holdout, a lower bound above 0 and two or more folds that
        agree, by their mean and most of them. `simple` needs a gain below `min_gain` on both. All else is
        ``inconclusive``, and leans to the network if the gain on the holdout is as large and either the folds
        agree or it is significant, most folds show one and both have that mean.
    """
    fold_gain = float(np.mean(folds))
    agree = len(folds) > 1 and fold_gain >= min_gain and _most(folds >= min_gain)
    significant = holdout.low > 0 and (used == 1 or holdout.p_value * used <= 1 - SIDE)
    told = f"gain {holdout.gain:.1%} on the holdout (90 % interval {holdout.low:.1%} to {holdout.high:.1%})"
    if complete and learnt and holdout.gain >= min_gain and significant and agree:
        return Judgement(verdict="recurrent", lean=None, reason=f"{told}, {fold_gain:.1%} on the folds")
    if holdout.gain < min_gain and fold_gain < min_gain and complete and searched:
        return Judgement(verdict=simple, lean=None, reason=f"{told}; a gain above {holdout.high:.1%} is excluded")
    # The safer choice is the simple one unless both sources speak for the network: each by its size, or the
    # holdout, which is closer to what comes and has more rows to learn from, with proof and both together by size.
    together = _most(folds > 0) and significant and (holdout.gain + fold_gain) / 2 >= min_gain
    lean: Verdict = "recurrent" if learnt and holdout.gain >= min_gain and (agree or together) else simple
    if not complete:
        doubt = ", and not all networks could be trained"
    elif not learnt and holdout.gain >= min_gain:
        doubt = ", but none of it is the networks' own: most of them took no step"
    else:
        doubt = _doubt(holdout.gain, fold_gain, min_gain, agree=agree, used=used)
    return Judgement(verdict="inconclusive", lean=lean, reason=told + doubt)


def _doubt(holdout: float, folds: float, min_gain: float, *, agree: bool, used: int) -> str:
    """Say what the gains on the holdout and on the folds lack for a definite verdict."""
    if holdout >= min_gain and agree:
        return f" is not significant{f' after {used} looks at this holdout' if used > 1 else ''}"
    if min(holdout, folds) >= min_gain:
        return f", but the {folds:.1%} on the folds come from one of them"
    if max(holdout, folds) >= min_gain:
        return f", but {folds:.1%} on the folds"
    return ", and some of what may be better was not tried"


def _most(true: NDArray[np.bool_]) -> bool:
    return bool(2 * true.sum() > len(true))


def rows_needed(
    holdout: Gain, folds: float, *, min_gain: float, scored: int, rows: int, used: int = 1
) -> float | None:
    """Return the length of series on which a definite verdict would be had with a chance of 80 %.

    Parameters
    ----------
    holdout : Gain
        The observed gain and its bounds.
    folds : float
        Mean gain on the folds; the true gain is taken to be the mean of both.
    min_gain : float
        Smallest gain that is worth a network, above 0 by more than rounding.
    scored : int
        Rows of the holdout that it was observed on.
    rows : int
        Rows of the whole series; the scored ones are taken to grow with them.
    used : int
        How many sizes or forms are compared on the holdout, as in `judge`.

    Returns
    -------
    float or None
        Rows of the whole series, a whole number, the spread shrinking with their root: enough that a gain of
        `min_gain` or more is proved to be above 0 and observed to be as large, or that one below is observed to be
        below. Infinite where more than a hundred times the rows, or more than are ever scored, would be needed;
        None where there are enough already, so that rows are not what is lacking.
    """
    power, proof = (float(special.ndtri(chance)) for chance in (POWER, 1 - (1 - SIDE) / used))
    spread = (holdout.gain - holdout.low) / float(special.ndtri(SIDE))
    gain = (holdout.gain + folds) / 2
    margin = abs(gain - min_gain) / power
    wanted = min(margin, gain / (proof + power)) if gain >= min_gain else margin
    if spread <= max(0.0, wanted):
        return None
    growth = (spread / wanted) ** 2 if wanted > 0 else math.inf
    reachable = growth <= _MOST_GROWTH and scored * growth <= MOST_FORECAST
    return float(math.ceil(rows * growth)) if reachable else math.inf
