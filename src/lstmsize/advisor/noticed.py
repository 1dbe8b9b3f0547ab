"""Findings: what the numbers of a run give reason to say beside the answer."""

from __future__ import annotations

import numpy as np

from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.second_half import HOLDOUT_SEEDS, SecondHalf, fold_gains
from lstmsize.config import Metric, Request
from lstmsize.findings import Code, Finding, Severity
from lstmsize.metrics import aggregate
from lstmsize.metrics import losses as losses_of

_SHORT_ROWS = 300
_SEED_SPREAD = 0.1


def first_findings(first: FirstHalf) -> list[Finding]:
    """Return what reading and the baselines give reason to say."""
    found = list(first.series.findings)
    if first.recursion is not None:
        constant = not first.recursion.lags
        found.append(
            Finding(
                code=Code.CONSTANT if constant else Code.EXACT_RECURSION,
                severity=Severity.INFO,
                message=f"{'the series is constant' if constant else 'an exact recursion'}: {first.recursion}",
            )
        )
    elif first.series.rows < _SHORT_ROWS:
        found.append(
            Finding(
                code=Code.SERIES_SHORT,
                severity=Severity.WARNING,
                message=f"{first.series.rows} rows are few: gains below about 10 % cannot be proved on a holdout "
                f"of {first.splits.rows - first.splits.development}",
                next="collect more rows, or ask again over a longer span",
            )
        )
    return found


def second_findings(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    """Return what the search and the holdout give reason to say."""
    checks = (
        _ending,
        _failures,
        _unconverged,
        _edges,
        _uncertain,
        _folds_disagree,
        _seeds_disagree,
        _metrics,
        _reuse,
    )
    return [finding for check in checks for finding in check(first, second, request)]


def force_finding(first: FirstHalf) -> Finding:
    """Return the finding that a size was searched although the gate was shut."""
    return Finding(
        code=Code.FORCED,
        severity=Severity.WARNING,
        message=f"the search was forced: {first.gate.reason}",
        next="leave out --force-search",
    )


def _ending(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first
    if second.sized is not None and second.sized.ended == "effort":
        return [
            Finding(
                code=Code.EFFORT_ENDED,
                severity=Severity.WARNING,
                message="the planned effort ended before one size was shown to be as good as every other",
                next="narrow --units or --layers, or raise --tolerance",
            )
        ]
    cut_short = (
        second.sized is None or second.sized.ended == "budget" or len(second.final) + second.failed < HOLDOUT_SEEDS
    )
    if request.budget is None or not cut_short:
        return []
    reached = (
        "before any size was compared"
        if second.selected is None
        else f"with {len(second.sized.outcomes) if second.sized else 0} trainings; larger sizes may be better"
    )
    return [
        Finding(
            code=Code.BUDGET_ENDED,
            severity=Severity.DOUBT,
            message=f"the budget of {request.budget:g} s ended the search {reached}",
            next=f"ask again with --budget {2 * request.budget:g}s or more",
        )
    ]


def _failures(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first, request
    failed = [o for o in second.sized.outcomes if o.loss is None] if second.sized else []
    if not failed and not second.failed:
        return []
    told = ", ".join(sorted({f"{o.replicate.cell} {o.state} ({o.reason})" for o in failed}))
    if second.failed:
        told = f"{told}; {second.failed} on the holdout".removeprefix("; ")
    return [
        Finding(
            code=Code.FAILED_REPLICATES,
            severity=Severity.WARNING,
            message=f"{len(failed) + second.failed} trainings failed, and their sizes are out: {told}",
        )
    ]


def _unconverged(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first, request
    open_ended = [o for o in second.sized.outcomes if o.state == "unconverged"] if second.sized else []
    if not open_ended or second.sized is None:
        return []
    cells = sorted({o.replicate.cell for o in open_ended}, key=lambda cell: cell.parameters())
    chosen = second.selected is not None and second.selected.cell in cells
    return [
        Finding(
            code=Code.UNCONVERGED,
            severity=Severity.WARNING,
            message=f"{len(open_ended)} of {len(second.sized.outcomes)} trainings still improved at the cap of "
            f"steps ({', '.join(map(str, cells))}{'; the recommended size is among them' if chosen else ''})",
            next="train the recommended size longer before relying on its error",
        )
    ]


def _edges(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first
    if second.selected is None or second.judgement is None or second.judgement.verdict != "recurrent":
        return []
    cell, space = second.selected.cell, second.plan.space
    if cell.units == space.units[1] and space.wider(cell) is None and space.units[0] < space.units[1]:
        wider = f"--units {request.units[0]}:{2 * request.units[1]}"
        message = f"the largest width that was allowed, {cell.units}, is recommended: a wider one may be better"
        return [Finding(code=Code.LARGEST_SIZE, severity=Severity.WARNING, message=message, next=wider)]
    if cell == space.smallest:
        message = f"the smallest size that was allowed, {cell}, is recommended: a smaller one may do as well"
        half = max(1, request.units[0] // 2)
        narrower = f"--units {half}:{request.units[0]} --multiple {half}"
        return [Finding(code=Code.SMALLEST_SIZE, severity=Severity.INFO, message=message, next=narrower)]
    return []


def _uncertain(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first
    chosen = second.selected
    if chosen is None or chosen.basis == "non-inferior" or second.sized is None:
        return []
    if second.judgement is not None and second.judgement.verdict in ("baseline", "unpredictable"):
        return []
    bound = "unknown" if chosen.excess_at_most is None else f"{chosen.excess_at_most:.1%}"
    return [
        Finding(
            code=Code.SIZE_UNCERTAIN,
            severity=Severity.DOUBT,
            message=f"no size was shown to be within {request.tolerance:.1%} of every other; {chosen.cell} did "
            f"best, and the bound of its excess is {bound}",
            next=f"ask for less with --tolerance {max(2 * request.tolerance, 0.01):g}, or narrow the space",
        )
    ]


def _folds_disagree(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    del first
    if second.gain is None or second.comparison is None or second.selected is None:
        return []
    folds = float(np.mean(fold_gains(second.comparison, second.selected)))
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
    if second.gain is None or len(second.final) < 2:
        return []
    each = [_error(result.forecasts, second, request) for result in second.final]
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
    mine = float(np.mean([_error(r.forecasts, second, request, other) for r in second.final]))
    theirs = _error(second.yardstick.forecast.tolist(), second, request, other)
    gain = 1 - mine / theirs if theirs > 0 else 0.0
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
            message=f"this study has looked at its holdout {second.used} times: its p-value is too small",
            next="judge on new rows",
        )
    ]


def _error(forecast: list[float], second: SecondHalf, request: Request, metric: Metric | None = None) -> float:
    if second.yardstick is None:
        raise ValueError("there is no holdout")
    kind = metric or request.metric
    return aggregate(losses_of(second.yardstick.actual, np.array(forecast), kind), kind)
