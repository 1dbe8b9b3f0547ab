"""Findings: what the numbers of a run give reason to say beside the answer."""

from __future__ import annotations

from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.noticed.holdout import holdout_findings
from lstmsize.advisor.noticed.series import series_findings
from lstmsize.advisor.noticed.sizes import size_findings
from lstmsize.advisor.second_half import SecondHalf
from lstmsize.config import Request
from lstmsize.findings import Code, Finding, Severity


def first_findings(first: FirstHalf) -> list[Finding]:
    """Return what reading and the baselines give reason to say."""
    return [*first.series.findings, *series_findings(first)]


def second_findings(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    """Return what the search and the holdout give reason to say."""
    return [*size_findings(first, second, request), *holdout_findings(first, second, request)]


def force_findings(first: FirstHalf, request: Request) -> list[Finding]:
    """Return the finding that a size is searched although the gate is shut, or that there is none to search."""
    if not request.force_search or first.gate.decision != "shut":
        return []
    what = "the search was forced" if first.leaves_something(forced=True) else "there is nothing to search for"
    return [
        Finding(
            code=Code.FORCED,
            severity=Severity.WARNING,
            message=f"{what}: {first.gate.reason}",
            next="leave out --force-search",
        )
    ]
