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

_SEED_SPREAD = 0.1


def holdout_findings(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    """Return what the holdout gives reason to say."""
    return [
        *_folds_disagree(second, request),
        *_seeds_disagree(second, request),
        *_metrics(second, request),
        *_reuse(second),
        *_trees(first, second, request),
    ]


def _folds_disagree(second: SecondHalf, request: Request) -> list[Finding]:
    folds = mean_fold_gain(second)
    if second.gain is None or folds is None:
        return []
    worth = request.least_gain
    if (folds >= worth) == (second.gain.gain >= worth):
        return []
    return [
        Finding(
            code=Code.FOLDS_DISAGREE,
            severity=Severity.DOUBT,
            message=f"folds and holdout disagree: a gain of {folds:.1%} and of {second.gain.gain:.1%}",
            next="ask again when there are more rows",
        )
    ]


def _seeds_disagree(second: SecondHalf, request: Request) -> list[Finding]:
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


def _metrics(second: SecondHalf, request: Request) -> list[Finding]:
    if second.yardstick is None or not second.final or second.gain is None:
        return []
    other: Metric = "mae" if request.metric == "rmse" else "rmse"
    yardstick = second.yardstick
    network = holdout_losses(second.final, yardstick, other).mean(axis=0)
    gain = gain_of(network, losses(yardstick.actual, yardstick.forecast, other), other, yardstick.floor)
    same_side = (gain >= request.least_gain) == (second.gain.gain >= request.least_gain)
    if same_side or abs(gain - second.gain.gain) < request.least_gain:
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


def _reuse(second: SecondHalf) -> list[Finding]:
    if second.used <= 1:
        return []
    return [
        Finding(
            code=Code.HOLDOUT_REUSED,
            severity=Severity.WARNING,
            message=f"{second.used} sizes or input forms have been compared on the holdout of this study: its "
            f"p-value is too small, and the verdict asks for one {second.used} times smaller",
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
    if not as_good or trees.gain < request.least_gain:
        return []
    return [
        Finding(
            code=Code.TREES_AS_GOOD,
            severity=Severity.WARNING,
            message=f"{spoken(trees.name)} on lags gain {trees.gain:.1%} on the folds, the network {network:.1%}",
            next="consider gradient boosting on lags and on the errors of the best simple model",
        )
    ]
