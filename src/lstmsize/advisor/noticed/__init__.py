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


def force_finding(first: FirstHalf, *, followed: bool) -> Finding:
    """Return the finding that a size was searched although the gate was shut, or that there was none to search."""
    what = "the search was forced" if followed else "there is nothing to search for"
    return Finding(
        code=Code.FORCED,
        severity=Severity.WARNING,
        message=f"{what}: {first.gate.reason}",
        next="leave out --force-search",
    )
