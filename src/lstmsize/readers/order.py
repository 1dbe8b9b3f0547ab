"""Puts rows into time order and says what was done to them; refuses rows that contradict one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lstmsize.errors import DataError
from lstmsize.findings import Code, Finding, Severity
from lstmsize.naming import counted
from lstmsize.readers.times import Grid, IntArray, grid, out_of_order, repeats
from lstmsize.readers.wording import MOST_SHOWN, Places, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstmsize.readers.stamps import Reading
    from lstmsize.series import FloatArray, Step


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Values as they stand in the input, and what messages about them need.

    Parameters
    ----------
    source : str
        Name of the input.
    values : ndarray
        One value a row.
    places : ndarray
        Line of each row in a file, or its number in memory.
    place : str
        What a place is: ``line`` or ``row``.
    time_name : str
        Name of the time column.
    chosen : bool
        Whether the user named the time column or its text leaves no doubt; then nothing about it is ignored.
    others : tuple of str
        Columns of text that may tell several series apart.
    """

    source: str
    values: FloatArray
    places: IntArray
    place: str = "line"
    time_name: str
    chosen: bool
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """Values in time order.

    Parameters
    ----------
    values : ndarray
        One value a row.
    step : Step or None
        Distance of two rows, where known.
    gaps : int
        Time stamps that are missing.
    breaks : tuple of int
        Rows that are not one step after the row before.
    findings : tuple of Finding
        What was done.
    timed : bool
        Whether the time stamps were used.
    """

    values: FloatArray
    step: Step | None = None
    gaps: int = 0
    breaks: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    timed: bool = True


def in_time_order(rows: Rows, stamps: Sequence[tuple[Reading, FloatArray]]) -> Ordered:
    """Sort the rows by time, drop repeated rows and measure the step.

    Parameters
    ----------
    rows : Rows
        The values.
    stamps : sequence of (Reading, ndarray)
        Their time stamps; two readings where day and month cannot be told apart cell by cell.

    Returns
    -------
    Ordered
        The values in order, or as they were where the time column turned out to be none.

    Raises
    ------
    DataError
        If rows with the same time stamp have different values, or the order is not clear.
    """
    reading, times = stamps[0]
    unclear = False
    if len(stamps) > 1:
        reading, times, unclear = _day_or_month(rows, stamps)
    reason = None if rows.chosen else _no_time(times, reading)
    if reason:
        return Ordered(values=rows.values, findings=(ignored(rows.time_name, reason),), timed=False)
    values, places, findings = rows.values, rows.places, []
    if late := out_of_order(times):
        findings.append(_sorted_finding(rows, times, late))
        order = np.argsort(times, kind="stable")
        times, values, places = times[order], values[order], places[order]
    again = repeats(times)
    if again.size:
        _refuse_contradictions(rows, values, places, again)
        _refuse_most(rows, again, len(times))
        findings.append(_dropped_finding(rows, np.sort(places[again])))
        times, values, places = np.delete(times, again), np.delete(values, again), np.delete(places, again)
    if unclear:
        findings.append(_unclear_finding(rows))
        return Ordered(values=values, findings=tuple(findings))
    fitted = grid(times, calendar=reading.calendar, unit=reading.unit)
    if fitted.uneven.size:
        findings.append(_uneven_finding(rows, fitted, places))
    return Ordered(
        values=values,
        step=fitted.step,
        gaps=fitted.gaps,
        breaks=tuple((fitted.uneven + 1).tolist()),
        findings=tuple(findings),
    )


def ignored(name: str, reason: str) -> Finding:
    """Return the finding that a column which looks like time is not used as such."""
    return Finding(
        code=Code.TIMES_IGNORED,
        severity=Severity.WARNING,
        message=f"column {quoted(name)} is not used as time: {reason}; the rows keep the order of the file",
        next="give the column of time stamps with --time, or write them as yyyy-mm-dd",
    )


def _no_time(times: FloatArray, reading: Reading) -> str | None:
    if not repeats(np.sort(times)).size if reading.calendar else np.all(times[1:] > times[:-1]):
        return None
    if times[0] > times[-1] and np.all(times[1:] <= times[:-1]):
        return "its values fall from row to row, so that the rows seem to stand newest first"
    return "its values repeat" if reading.calendar else "its values do not grow from row to row"


def _day_or_month(rows: Rows, stamps: Sequence[tuple[Reading, FloatArray]]) -> tuple[Reading, FloatArray, bool]:
    """Choose the reading with the more even step; say whether it stays unclear."""
    shares = [grid(np.unique(times), calendar=True, unit=None).evenness for _, times in stamps]
    best = int(np.argmax(shares))
    if sum(share == shares[best] for share in shares) == 1:
        return *stamps[best], False
    orders = [np.argsort(times, kind="stable") for _, times in stamps]
    if all(np.array_equal(orders[0], order) for order in orders):
        # The same order and the same step leave nothing unclear, as on one date a year.
        grids = [grid(np.unique(times), calendar=True, unit=None) for _, times in stamps]
        return *stamps[0], any(one.step != grids[0].step for one in grids)
    raise DataError(
        f"{rows.source}: column {quoted(rows.time_name)}: cannot tell day from month, both readings are "
        "possible and put the rows into different orders; write the time stamps as yyyy-mm-dd"
    )


def _refuse_contradictions(rows: Rows, values: FloatArray, places: IntArray, again: IntArray) -> None:
    differs = again[values[again] != values[again - 1]]
    if not differs.size:
        return
    told = [
        f"{rows.place} {places[row]} repeats that of {rows.place} {places[row - 1]} "
        f"({values[row]:g} and {values[row - 1]:g})"
        for row in differs[:MOST_SHOWN]
    ]
    shown = Places(shown=told, count=len(differs))
    id_column = (
        f" ({'column' if len(rows.others) == 1 else 'columns'} {listed(rows.others)})" if rows.others else ""
    )
    many = len(differs) != 1
    raise DataError(
        f"{rows.source}: column {quoted(rows.time_name)}: {counted(len(differs), 'row')} "
        f"{'repeat' if many else 'repeats'} a time stamp with another value: {shown}; if the file holds "
        f"several series{id_column}, keep the rows of one; if another column holds the time of day, write both "
        "in one as yyyy-mm-dd hh:mm; if clocks were put back, write the time stamps with their offset from UTC"
    )


def _refuse_most(rows: Rows, again: IntArray, count: int) -> None:
    """Refuse to drop most rows: their column is hardly the time."""
    if 2 * len(again) > count:
        raise DataError(
            f"{rows.source}: column {quoted(rows.time_name)}: {len(again):,} of {count:,} rows repeat a time "
            "stamp and its value; name another column with --time, or remove the repeated rows"
        )


def _sorted_finding(rows: Rows, times: FloatArray, late: int) -> Finding:
    first = int(np.flatnonzero(times < np.maximum.accumulate(times))[0])
    newest_first = bool(np.all(times[1:] <= times[:-1]))
    what = (
        "the rows stand newest first"
        if newest_first
        else f"{counted(late, 'row')} out of time order, the first on {rows.place} {rows.places[first]}"
    )
    return Finding(
        code=Code.TIMES_SORTED,
        severity=Severity.WARNING,
        message=f"{what}; sorted by column {quoted(rows.time_name)}",
        next="sort the file by time",
    )


def _dropped_finding(rows: Rows, places: IntArray) -> Finding:
    shown = Places(shown=[f"{rows.place} {place}" for place in places[:MOST_SHOWN]], count=len(places))
    return Finding(
        code=Code.LINES_SKIPPED,
        severity=Severity.WARNING,
        message=f"{counted(len(places), 'row')} with the time stamp and value of another row dropped: {shown}",
        next="remove the repeated rows from the file",
    )


def _unclear_finding(rows: Rows) -> Finding:
    return Finding(
        code=Code.TIMES_IGNORED,
        severity=Severity.WARNING,
        message=f"column {quoted(rows.time_name)}: cannot tell day from month, so the step is not known; "
        "the order is the same either way",
        next="write the time stamps as yyyy-mm-dd",
    )


def _uneven_finding(rows: Rows, fitted: Grid, places: IntArray) -> Finding:
    uneven = fitted.uneven
    off = int(np.sum(fitted.counts[uneven] <= 0))
    step = f"on a step of {fitted.step.label}, " if fitted.step else ""
    parts = [f"{counted(fitted.gaps, 'time stamp')} missing"] if fitted.gaps else []
    parts += [f"{counted(off, 'row')} off the grid"] if off else []
    first = int(uneven[0]) + 1
    return Finding(
        code=Code.TIMES_UNEVEN,
        severity=Severity.WARNING,
        message=f"time stamps are not evenly spaced: {step}{' and '.join(parts)}, first before "
        f"{rows.place} {places[first]}; the rows are treated as evenly spaced",
        next="fill in the missing rows, or resample the series to an even step",
    )
