"""Findings about the series itself: too short, too simple, a season that comes and goes."""

from __future__ import annotations

from lstmsize.advisor.first_half import MOST_SEASON_ROWS, FirstHalf
from lstmsize.advisor.threads import one_thread
from lstmsize.findings import Code, Finding, Severity
from lstmsize.seasonality import find_seasons

_SHORT_ROWS = 300
_EARLIER = 0.75
_SAME = 0.03
"""Two periods that differ by no more than this fraction are the same season."""


def series_findings(first: FirstHalf) -> list[Finding]:
    """Return what the rows give reason to say before any network is trained."""
    if first.recursion is not None:
        constant = not first.recursion.lags
        kind = "the series is constant" if constant else "an exact recursion"
        code = Code.CONSTANT if constant else Code.EXACT_RECURSION
        return [Finding(code=code, severity=Severity.INFO, message=f"{kind}: {first.recursion}")]
    return [*_short(first), *_season(first)]


def _short(first: FirstHalf) -> list[Finding]:
    if first.series.rows >= _SHORT_ROWS:
        return []
    return [
        Finding(
            code=Code.SERIES_SHORT,
            severity=Severity.WARNING,
            message=f"{first.series.rows} rows are few: on a holdout of "
            f"{first.splits.rows - first.splits.development} only a large gain can be proved",
            next="collect more rows, or ask again over a longer span",
        )
    ]


def _season(first: FirstHalf) -> list[Finding]:
    """A season that fewer rows do not show, or show with another length, is not to be relied on."""
    before = first.series.target[: first.splits.development]
    development = before[-MOST_SEASON_ROWS:]
    with one_thread():  # as in the first half, for the same sums on every run
        fewer = find_seasons(development[: int(_EARLIER * len(development))], first.series.step)
    unsure = [season for season in first.seasons if not any(abs(season - s) <= _SAME * season for s in fewer)]
    if not unsure:
        return []
    rows = "rows" if len(development) == len(before) else f"latest {len(development):,} rows"
    told, shown = " and ".join(map(str, unsure)), " and ".join(map(str, fewer)) or "none"
    return [
        Finding(
            code=Code.SEASON_UNCERTAIN,
            severity=Severity.WARNING,
            message=f"a season of {told} steps is uncertain: the first {_EARLIER:.0%} of the {rows} before "
            f"the holdout show {shown}",
            next=None if first.series.step is not None else "name the column of time stamps with --time",
        )
    ]
