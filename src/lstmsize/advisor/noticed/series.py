"""Findings about the series itself: too short, too simple, a season that comes and goes, a new level."""

from __future__ import annotations

import numpy as np

from lstmsize.advisor.first_half import MOST_SEASON_ROWS, FirstHalf
from lstmsize.advisor.threads import one_thread
from lstmsize.findings import Code, Finding, Severity
from lstmsize.seasonality import find_seasons
from lstmsize.series import FloatArray

_SHORT_ROWS = 300
_EARLIER = 0.75
_SAME = 0.03
"""Two periods that differ by no more than this fraction are the same season."""

_SLIPPED = 0.05
"""Rise of the mean change over a season, by uneven time stamps, from which the answer is in doubt."""

_FEWEST_EVEN = 30
"""Rows with even time stamps over a season, below which nothing is compared."""

_OUTSIDE = 0.2
"""Share of the holdout outside the range of all earlier rows from which its level counts as new."""

_JUMP = 2.0

_FAR = 50.0
"""Distance of an extreme value from all others, in spreads of the middle half, beyond which it is none of them."""

_NORMAL_QUARTILES = 1.349
"""Distance of the quartiles of a normal distribution, in standard deviations."""


def series_findings(first: FirstHalf) -> list[Finding]:
    """Return what the rows give reason to say before any network is trained."""
    if first.recursion is not None:
        constant = not first.recursion.lags
        kind = "the series is constant" if constant else "an exact recursion"
        code = Code.CONSTANT if constant else Code.EXACT_RECURSION
        return [Finding(code=code, severity=Severity.INFO, message=f"{kind}: {first.recursion}")]
    return [*_short(first), *_far(first), *_slips(first), *_season(first), *_level(first)]


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


def _far(first: FirstHalf) -> list[Finding]:
    """A code for missing values, as -9999, rules all squares and hides what the other rows hold."""
    following = "if it stands for missing values, fill these rows in or keep them out"
    return _told(Code.FAR_VALUES, Severity.DOUBT, far_values(first.series.target), following)


def _told(code: Code, severity: Severity, message: str | None, following: str) -> list[Finding]:
    """A finding where there is a message."""
    return [] if message is None else [Finding(code=code, severity=severity, message=message, next=following)]


def far_values(values: FloatArray) -> str | None:
    """Say which value, smallest or largest, lies so far from all others that it hardly belongs to the series.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The target.

    Returns
    -------
    str or None
        The value that is further from every other one than fifty standard deviations, as the quartiles tell them;
        None where there is none, or where the quartiles are equal.
    """
    low, high = np.quantile(values, (0.25, 0.75))
    spread = float(high - low) / _NORMAL_QUARTILES
    if spread == 0:
        return None
    found = []
    for extreme in (float(values.min()), float(values.max())):
        away = float(np.min(np.abs(values[values != extreme] - extreme)))
        if away > _FAR * spread:
            rows = np.flatnonzero(values == extreme)
            first = f"{f'{len(rows):,} times, first ' if len(rows) > 1 else ''}in row {rows[0] + 1:,}"
            found.append(
                f"{extreme:g} ({first}) is {away / spread:,.0f} times the usual spread away from all others"
            )
    return " and ".join(found) or None


def _slips(first: FirstHalf) -> list[Finding]:
    """Rows are counted, not dated: after a missing one the row of a season ago is another hour, day or month."""
    development = first.series.target[: first.splits.development]
    for season in first.seasons if first.series.breaks else ():
        message = seasons_slip(development, first.series.breaks, season)
        if message:
            return _told(Code.SEASONS_SLIP, Severity.DOUBT, message, "fill in the missing rows and ask again")
    return []


def seasons_slip(values: FloatArray, breaks: tuple[int, ...], season: int) -> str | None:
    """Say how much a season suffers from uneven time stamps; None where it hardly does.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The target before the holdout.
    breaks : tuple of int
        Rows that are not one step after the row before.
    season : int
        Its length in steps.

    Returns
    -------
    str or None
        By how much rows differ from those a season before where the time stamps between are uneven, and where they
        are even; or that they are even almost nowhere.
    """
    before = np.cumsum(np.bincount([row for row in breaks if row < len(values)], minlength=len(values)))
    uneven = before[season:] != before[:-season]
    if not uneven.any():
        return None
    changes = np.abs(values[season:] - values[:-season])
    even = changes[~uneven]
    told = (
        f"{uneven.mean():.0%} of the rows have uneven time stamps between them and the row {season} steps before"
    )
    if len(even) < _FEWEST_EVEN:
        return f"{told}, so that a season of this length cannot be told"
    if changes.mean() < (1 + _SLIPPED) * even.mean():
        return None
    differ, others = changes[uneven].mean(), even.mean()
    return f"{told}, from which they differ by {differ:.4g} on average, the others by {others:.4g}"


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


def _level(first: FirstHalf) -> list[Finding]:
    """A new level at the end speaks against what was found before it, unless the series wanders anyway."""
    if first.board is None or (first.gate.decision == "shut" and first.board.simplest != "mean"):
        return []
    message = level_change(first.series.target, first.splits.development)
    return _told(Code.HOLDOUT_SHIFTED, Severity.WARNING, message, "judge on rows that resemble those to come")


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
