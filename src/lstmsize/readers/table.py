"""From text to a series: chooses the columns, has the rows read, and puts them into time order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lstmsize.errors import DataError
from lstmsize.readers.columns import (
    Column,
    TimeColumns,
    choose,
    describe,
    latecomers_of,
    refuse_late,
    refuse_measured,
)
from lstmsize.readers.descent import newest_first
from lstmsize.readers.dialect import detect
from lstmsize.readers.labels import told_apart
from lstmsize.readers.numerals import is_missing, is_number, is_whole
from lstmsize.readers.order import Ordered, Rows, ignored, in_time_order
from lstmsize.readers.rivals import partly_numeric
from lstmsize.readers.runs import refuse_joined
from lstmsize.readers.stamps import Reading, text_readings
from lstmsize.readers.stream import Stream, skipped
from lstmsize.readers.wording import quoted
from lstmsize.series import ReadAs, Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstmsize.findings import Finding
    from lstmsize.readers.layout import Dialect
    from lstmsize.readers.text import Text


def read_table(text: Text, *, target: str | None, time: str | None) -> Series:
    """Read one series from a delimited text.

    Parameters
    ----------
    text : Text
        The input.
    target, time : str or None
        Columns that the user named.

    Returns
    -------
    Series
        The values in time order, with how they were read.

    Raises
    ------
    DataError
        If the text cannot be read in exactly one sensible way.
    """
    dialect = detect(text)
    if target is None and time is None:
        _refuse_decimal_comma(text.name, dialect)
    columns = describe(dialect.names, [cells for _, cells in dialect.rows])
    chosen, clock = choose(text.name, columns, target=target, time=time)
    if chosen.kind not in ("number", "empty"):
        _refuse_text_column(text.name, chosen, dialect)
    findings = _preamble_finding(dialect)
    readings = _readings(text.name, clock, dialect) if clock else []
    if clock and not readings:
        findings.append(ignored(clock.name, f"{quoted(_example(clock.sample))} is no time stamp"))
        clock = None
    late = latecomers_of(columns, chosen) if target is None else []
    stream = Stream(text, dialect, chosen, clock, readings, columns, late)
    stream.read()
    rows = _rows(text.name, stream, columns, clock)
    ordered = in_time_order(rows, stream.stamps()) if clock else Ordered(values=rows.values, timed=False)
    if clock and not ordered.timed and target is None:
        refuse_measured(text.name, chosen, clock, columns)
    beside = _beside(text.name, stream, timed=ordered.timed)
    refuse_late(text.name, chosen, late, len(rows.values))
    read_as = ReadAs(
        separator=dialect.separator,
        decimal=stream.numerals.mark,
        encoding=text.encoding,
        header=dialect.header,
        gaps=ordered.gaps,
    )
    return Series(
        values=ordered.values[:, np.newaxis],
        names=(chosen.name,),
        source=text.name,
        sha256=text.sha256,
        time_name=clock.name if clock and ordered.timed else None,
        step=ordered.step,
        breaks=ordered.breaks,
        read_as=read_as,
        findings=(*findings, *stream.findings(), *ordered.findings, *beside),
    )


def _rows(source: str, stream: Stream, columns: Sequence[Column], clock: TimeColumns | None) -> Rows:
    numeric = clock is not None and all(column.kind == "number" for column in clock.columns)
    return Rows(
        source=source,
        values=stream.values(),
        places=stream.lines(),
        time_name=clock.name if clock else "",
        chosen=clock is not None and (clock.named or not numeric),
        others=tuple(column.name for column in columns if column.kind == "text"),
    )


def _beside(source: str, stream: Stream, *, timed: bool) -> list[Finding]:
    """What other columns tell of the rows: several series, or an order against time."""
    falling: list[Finding] = []
    if not timed:
        refuse_joined(source, "line", stream.runs, stream.counters)
        falling = newest_first(stream.descents)
    return [*falling, *told_apart(stream.labels)]


def _refuse_text_column(source: str, column: Column, dialect: Dialect) -> None:
    line, cells = next(
        r for r in dialect.rows if not is_missing(r[1][column.index]) and not is_number(r[1][column.index])
    )
    numbers = partly_numeric(column.sample) is not None
    mend = "write plain numbers there" if numbers else "choose a numeric column with --target"
    raise DataError(
        f"{source}: line {line}: column {quoted(column.name)} holds text, found {quoted(cells[column.index])}"
        f"; {mend}"
    )


def _refuse_decimal_comma(source: str, dialect: Dialect) -> None:
    """Refuse two nameless columns of whole numbers, which may be one of numbers with a decimal comma."""
    line, cells = dialect.rows[0]
    whole = all(is_whole(cell) for _, row in dialect.rows for cell in row)
    if not dialect.header and dialect.separator == "," and dialect.width == 2 and whole:
        raise DataError(
            f"{source}: line {line}: cannot tell whether the comma of {dialect.line(cells)} separates two columns "
            "or is a decimal mark; write a point if it is, or choose one with --target "
            f"{' or '.join(dialect.names)}"
        )


def _preamble_finding(dialect: Dialect) -> list[Finding]:
    if not dialect.skipped:
        return []
    return [skipped(dialect.skipped, "before the table", dialect)]


def _example(sample: Sequence[str]) -> str:
    present = [cell for cell in sample if not is_missing(cell)]
    return next((cell for cell in present if not text_readings([cell])), "")


def _readings(source: str, clock: TimeColumns, dialect: Dialect) -> list[Reading]:
    readings = clock.readings(dialect.separator)
    if clock.named and not readings:
        line = dialect.rows[0][0]
        raise DataError(
            f"{source}: line {line}: column {quoted(clock.name)} (--time) holds no time stamps, found "
            f"{quoted(_example(clock.sample))}; write them as yyyy-mm-dd, or name another column with --time"
        )
    return readings
