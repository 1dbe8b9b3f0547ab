"""Tells whether a column of dates falls with every row, as in a file that begins with the newest one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmsize.findings import Code, Finding, Severity
from lstmsize.readers.runs import Counter
from lstmsize.readers.stamps import number_reading
from lstmsize.readers.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lstmsize.readers.columns import Column

_LEAST_ROWS = 10


def descents_of(columns: Sequence[Column], target: Column, separator: str) -> list[Counter]:
    """Return the columns of numbers that are not called time but look like dates or seconds since 1970."""
    return [
        Counter(column, -1)
        for column in columns
        if column.kind == "number"
        and column.word is None
        and column != target
        and number_reading(column.sample, None, separator).calendar
    ]


def newest_first(descents: Iterable[Counter]) -> list[Finding]:
    """Return a finding for each column that falls with every row, of a series that has no time."""
    return [
        Finding(
            code=Code.TIMES_IGNORED,
            severity=Severity.WARNING,
            message=f"column {quoted(one.column.name)} falls with every row: if it is time, "
            "the rows stand newest first",
            next=f"give it with --time {quoted(one.column.name)} if it is time",
        )
        for one in descents
        if one.length >= _LEAST_ROWS and not one.restarts
    ]
