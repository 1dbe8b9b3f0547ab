"""Reads the rows of a table once: keeps value, time and line of each, and collects what is wrong."""

from __future__ import annotations

import math
import re
from array import array
from typing import TYPE_CHECKING

import numpy as np

from lstmsize.errors import DataError
from lstmsize.findings import Code, Finding, Severity
from lstmsize.naming import counted
from lstmsize.readers.descent import descents_of
from lstmsize.readers.dialect import records
from lstmsize.readers.labels import Labels
from lstmsize.readers.layout import Dialect, Record, is_blank, is_comment, is_value
from lstmsize.readers.numerals import AmbiguousNumberError, Numerals, is_missing
from lstmsize.readers.runs import counters_of, runs_of
from lstmsize.readers.wording import Places, on_line, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstmsize.readers.columns import Column, TimeColumns
    from lstmsize.readers.rivals import Latecomer
    from lstmsize.readers.stamps import Reading
    from lstmsize.readers.text import Text
    from lstmsize.readers.times import IntArray
    from lstmsize.series import FloatArray

_FOOTER_LINES = 20
_FOOTNOTE = re.compile(
    r"\s*(?:[*(©\[]|source|note|quelle|fuente|fonte|copyright|footnote|last updated)", re.IGNORECASE
)
_UNREADABLE = (ValueError, TypeError, OverflowError)


def skipped(lines: Sequence[Record], where: str, dialect: Dialect) -> Finding:
    """Return the finding that lines were left out."""
    first, cells = lines[0]
    return Finding(
        code=Code.LINES_SKIPPED,
        severity=Severity.WARNING,
        message=f"{counted(len(lines), 'line')} {where} skipped, from line {first}: {dialect.line(cells)}",
        next="remove these lines from the file",
    )


class Stream:
    """Reads all rows once; keeps numbers, never cells."""

    def __init__(
        self,
        text: Text,
        dialect: Dialect,
        target: Column,
        clock: TimeColumns | None,
        readings: list[Reading],
        columns: Sequence[Column],
        late: Sequence[Latecomer],
    ) -> None:
        self.text = text
        self.dialect = dialect
        self.target = target
        self.clock = clock
        self.numerals = Numerals(target.sample, dialect.separator)
        self.runs = runs_of(columns, target)
        self.counters = counters_of(columns, target)
        self.descents = descents_of(columns, target, dialect.separator)
        self.late = late
        self.labels = [Labels(column) for column in columns if column.kind == "text"]
        self._readings = [(reading, array("d")) for reading in readings]
        self._time_indices = [column.index for column in clock.columns] if clock else []
        self._values = array("d")
        self._lines = array("q")
        self._pending: list[Record] = []
        self._blanks, self._blanks_inside, self._empty = Places(), Places(), Places()
        self._ragged, self._words, self._missing, self._infinite, self._bad_times = (Places() for _ in range(5))

    def values(self) -> FloatArray:
        """Return one value a row, in the order of the file."""
        return np.frombuffer(self._values, dtype=np.float64)

    def lines(self) -> IntArray:
        """Return the line of each row."""
        return np.frombuffer(self._lines, dtype=np.int64)

    def stamps(self) -> list[tuple[Reading, FloatArray]]:
        """Return the readings that still fit, with the time of each row."""
        return [(reading, np.frombuffer(times, dtype=np.float64)) for reading, times in self._readings]

    def findings(self) -> list[Finding]:
        """Return what was left out after the table."""
        return [skipped(self._pending, "after the table", self.dialect)] if self._pending else []

    def read(self) -> None:
        """Read all rows; raise DataError with all places of the first kind of problem."""
        width, first = self.dialect.width, self.dialect.first
        for line, cells in records(self.text, self.dialect.separator):
            if line < first:
                continue
            if len(cells) == width:
                self._row(line, cells)
            else:
                self._odd(line, cells)
        if not self._is_footer():
            self._give_up_footer()
        self._refuse()
        if self.numerals.doubt is not None:
            cell, line = self.numerals.doubt
            raise DataError(self._ambiguous(line, cell))

    def _row(self, line: int, cells: list[str]) -> None:
        cell = cells[self.target.index]
        try:
            value = self.numerals.read(cell, line)
        except AmbiguousNumberError:
            raise DataError(self._ambiguous(line, cell)) from None
        except ValueError:
            self._odd(line, cells)
            return
        if not math.isfinite(value):
            self._not_finite(line, cells, value)
            return
        if self._pending:
            self._give_up_footer()
        if self._blanks.count:
            self._blank_lines_inside()
        if self.clock is not None:
            self._stamp(line, cells)
        if self.runs:
            self.runs = [run for run in self.runs if run.add(line, cells[run.column.index])]
            self.counters = [one for one in self.counters if one.add(line, cells[one.column.index])]
        if self.descents:
            self.descents = [one for one in self.descents if one.add(line, cells[one.column.index])]
        if self.labels:
            self.labels = [one for one in self.labels if one.add(cells[one.column.index], value)]
        for one in self.late:
            one.add(line, cells[one.index])
        self._values.append(value)
        self._lines.append(line)

    def _stamp(self, line: int, cells: list[str]) -> None:
        indices = self._time_indices
        if len(indices) == 1:
            cell = cells[indices[0]].strip()
        else:
            parts = [cells[index].strip() for index in indices]
            # A part that is missing must not be padded to one.
            cell = self.clock.template.format(*parts) if self.clock and all(parts) else ""
        read = []
        for reading, times in self._readings:
            try:
                times.append(reading.time(cell))
            except _UNREADABLE:
                continue
            read.append((reading, times))
        if not read:
            self._bad_times.add(on_line(cell, line))
        elif len(read) < len(self._readings):
            # A day above 12 tells day from month for the whole column.
            self._readings = read

    def _not_finite(self, line: int, cells: list[str], value: float) -> None:
        if is_blank(cells) or self._is_footnote(cells):
            self._odd(line, cells)
        elif math.isnan(value):
            self._missing.add(on_line(cells[self.target.index], line))
        else:
            self._infinite.add(on_line(cells[self.target.index], line))

    def _odd(self, line: int, cells: list[str]) -> None:
        if is_blank(cells):
            self._blanks.add(f"line {line}")
            if len(cells) == self.dialect.width > 1:
                self._empty.add(on_line(cells[self.target.index], line))
            return
        self._pending.append((line, cells))
        if len(self._pending) > _FOOTER_LINES:
            self._give_up_footer()

    def _blank_lines_inside(self) -> None:
        if self._values:
            self._blanks_inside.extend(self._blanks)
            if self.clock is None:  # time stamps would tell whether a row is missing there
                self._missing.extend(self._empty)
        self._blanks, self._empty = Places(), Places()

    def _is_footer(self) -> bool:
        """Tell whether the odd rows at the end are notes; a row that was cut short must not pass for one."""
        after_blank = self._blanks.count > 0
        return all(self._is_footnote(cells, after_blank=after_blank) for _, cells in self._pending)

    def _is_footnote(self, cells: list[str], *, after_blank: bool = False) -> bool:
        texts = [cell for cell in cells if not is_missing(cell)]
        if not texts or any(map(is_value, texts)):
            return False
        words = re.findall(r"[^\W\d_]{2,}", texts[0])
        return is_comment(texts) or bool(_FOOTNOTE.match(texts[0])) or len(words) > (0 if after_blank else 1)

    def _give_up_footer(self) -> None:
        for line, cells in self._pending:
            if len(cells) == self.dialect.width:
                self._words.add(on_line(cells[self.target.index], line))
            else:
                self._ragged.add(f"line {line} has {len(cells)}: {self.dialect.line(cells)}")
        self._pending = []

    def _ambiguous(self, line: int, cell: str) -> str:
        bare = cell.strip().replace(",", "").replace(".", "")
        decimal = cell.strip().replace(",", ".")
        return (
            f"{self.text.name}: line {line}: column {quoted(self.target.name)}: {quoted(cell)} may mean "
            f"{bare} or {decimal}, and no value settles it; write the numbers with a decimal point and "
            "without thousands separators"
        )

    def _refuse(self) -> None:
        where = f"{self.text.name}: column {quoted(self.target.name)}"
        if self._ragged.count:
            width = counted(self.dialect.width, "field")
            raise DataError(
                f"{self.text.name}: expected {width} in every row, but {self._ragged}; "
                "mend these lines, or quote fields that contain the separator"
            )
        if self._words.count:
            raise DataError(
                f"{where}: no {'number' if self._words.count == 1 else 'numbers'} with decimal mark "
                f"'{self.numerals.mark}': {self._words}; mend these, or choose another column with --target"
            )
        if self._infinite.count:
            raise DataError(f"{where}: infinite or too large: {self._infinite}; mend or remove these values")
        if self._missing.count:
            raise DataError(
                f"{where}: {counted(self._missing.count, 'value')} missing: {self._missing}; "
                "fill in or remove these rows, or choose another column with --target"
            )
        if not self._values:
            raise DataError(f"{self.text.name}: has no rows of data below the header; give a file with data")
        if self._bad_times.count and self.clock:
            raise DataError(
                f"{self.text.name}: column {quoted(self.clock.name)}: no time stamp like the others: "
                f"{self._bad_times}; mend these, or name another column with --time"
            )
        # A file with a blank line after every row is only written with doubled line ends.
        if self.dialect.width == 1 and 0 < self._blanks_inside.count < len(self._values) - 1:
            raise DataError(
                f"{where}: blank {self._blanks_inside} may be a missing value or nothing; "
                "fill in or remove blank lines between the values"
            )
