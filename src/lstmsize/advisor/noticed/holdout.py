"""Findings about the comparison on the holdout, and about what else would do as well."""

from __future__ import annotations

import numpy as np

from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.second_half import SecondHalf, holdout_losses, mean_fold_gain
from lstmsize.config import Metric, Request
from lstmsize.findings import Code, Finding, Severity
from lstmsize.metrics import aggregate, losses
from lstmsize.naming import spoken
from lstmsize.resampling import gain_of
from lstmsize.series import FloatArray

_SEED_SPREAD = 0.1
_OUTSIDE = 0.2
"""Share of the holdout outside the range of all earlier rows from which its level counts as new."""

_JUMP = 2.0


def holdout_findings(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    """Return what the holdout gives reason to say."""
    checks = (_folds_disagree, _seeds_disagree, _metrics, _reuse, _trees, _level)
    return [finding for check in checks for finding in check(first, second, request)]


def _folds_disagree(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first
    folds = mean_fold_gain(second)
    if second.gain is None or folds is None:
        return []
    if (folds >= request.min_gain) == (second.gain.gain >= request.min_gain):
        return []
    return [
        Finding(
            code=Code.FOLDS_DISAGREE,
            severity=Severity.DOUBT,
            message=f"folds and holdout disagree: a gain of {folds:.1%} and of {second.gain.gain:.1%}",
        )
    ]


def _seeds_disagree(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first
    if second.gain is None or second.yardstick is None or len(second.final) < 2:
        return []
    by_seed = holdout_losses(second.final, second.yardstick, request.metric)
    each = [max(aggregate(loss, request.metric), second.yardstick.floor) for loss in by_seed]
    spread = (max(each) - min(each)) / float(np.mean(each))
    if spread <= _SEED_SPREAD:
        return []
    return [
        Finding(
            code=Code.SEEDS_DISAGREE,
            severity=Severity.WARNING,
            message=f"the errors of {len(each)} seeds on the holdout differ by {spread:.1%}",
            next="train several seeds and keep the one that does best on your own validation rows",
        )
    ]


def _metrics(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first
    if second.yardstick is None or not second.final or second.gain is None:
        return []
    other: Metric = "mae" if request.metric == "rmse" else "rmse"
    yardstick = second.yardstick
    network = holdout_losses(second.final, yardstick, other).mean(axis=0)
    gain = gain_of(network, losses(yardstick.actual, yardstick.forecast, other), other, yardstick.floor)
    same_side = (gain >= request.min_gain) == (second.gain.gain >= request.min_gain)
    if same_side or abs(gain - second.gain.gain) < request.min_gain:
        return []
    return [
        Finding(
            code=Code.METRICS_DISAGREE,
            severity=Severity.WARNING,
            message=f"the gain on the holdout is {second.gain.gain:.1%} in {request.metric.upper()}, but "
            f"{gain:.1%} in {other.upper()}",
            next=f"ask again with --metric {other} if that is the error you pay for",
        )
    ]


def _reuse(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first, request
    if second.used <= 1:
        return []
    return [
        Finding(
            code=Code.HOLDOUT_REUSED,
            severity=Severity.WARNING,
            message=f"this study has looked at its holdout {second.used} times: its p-value is too small, and the "
            "verdict asks for one as many times smaller",
            next="judge on new rows",
        )
    ]


def _trees(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    """Trees on lags are cheaper than a network: where they gain as much on the folds, they deserve to be named."""
    network = mean_fold_gain(second)
    if second.judgement is None or network is None:
        return []
    trees = next((probe for probe in first.gate.probes if probe.name == "boosted_trees"), None)
    if trees is None or not second.judgement.for_network:
        return []
    as_good = 1 - trees.gain <= (1 - network) * (1 + request.tolerance)
    if not as_good or trees.gain < request.min_gain:
        return []
    return [
        Finding(
            code=Code.TREES_AS_GOOD,
            severity=Severity.WARNING,
            message=f"{spoken(trees.name)} on lags gain {trees.gain:.1%} on the folds, the network {network:.1%}",
            next="consider gradient boosting on lags and on the errors of the best simple model",
        )
    ]


def _level(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del request
    if second.gain is None:
        return []
    message = level_change(first.series.target, first.splits.development)
    if message is None:
        return []
    return [
        Finding(
            code=Code.HOLDOUT_SHIFTED,
            severity=Severity.WARNING,
            message=message,
            next="judge on rows that resemble those to come",
        )
    ]


def level_change(values: FloatArray, development: int) -> str | None:
    """Say in which way the level of the holdout is new; None where it is not.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The target.
    development : int
        First row of the holdout.

    Returns
    -------
    str or None
        A trend or drift that leads a fifth of the rows out of the range of all earlier ones, or a jump of the
        median by more than twice the largest between earlier blocks of the holdout's length and by more than the
        spread inside them.
    """
    before, holdout = values[:development], values[development:]
    outside = float(np.mean((holdout > before.max()) | (holdout < before.min())))
    if outside >= _OUTSIDE:
        return f"{outside:.0%} of the holdout lies outside the range of all earlier rows: a trend or a level shift"
    count = len(before) // len(holdout)
    if count < 3:
        return None
    blocks = before[-count * len(holdout) :].reshape(count, -1)
    medians = np.median(blocks, axis=1)
    earlier = float(np.abs(np.diff(medians)).max())
    jump = float(np.median(holdout) - medians[-1])
    inside = float(np.mean(np.std(blocks, axis=1)))
    if abs(jump) <= max(_JUMP * earlier, inside):
        return None
    return (
        f"the median of the holdout is {jump:+.4g} away from that of the rows before it; "
        f"earlier blocks of its length differ by at most {earlier:.4g}"
    )
