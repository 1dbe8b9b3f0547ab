"""Splits a text into rows, and finds the separator under which most of it is equally wide and numeric."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from lstmsize.errors import DataError
from lstmsize.readers.layout import Layout, filled, is_value, width_of
from lstmsize.readers.numerals import is_missing, is_number

if TYPE_CHECKING:
    from lstmsize.readers.layout import Dialect, Record
    from lstmsize.readers.text import Text

SAMPLE_LINES = 200
MARKS = (",", ";", "\t", "|")
SEPARATORS = (*MARKS, " ", "")

_UNUSED = "\x1f"
_BLANKS = re.compile(r"[ \t]+")


def records(text: Text, separator: str) -> Iterator[Record]:
    """Yield the rows with the lines on which they start; blank lines are empty rows.

    Raises
    ------
    DataError
        If a quoted field does not end where it should.
    """
    with text.lines() as lines:
        rows = _split(lines, separator)
        start = 1
        try:
            for cells in rows:
                yield start, cells
                start = rows.line_num + 1
        except csv.Error as error:
            if "limit" in str(error):
                raise DataError(
                    f"{text.name}: line {start}: a field is longer than {csv.field_size_limit():,} characters; "
                    "shorten it or remove its column, and see whether a quotation mark is never closed"
                ) from None
            raise DataError(
                f"{text.name}: line {start}: a quoted field does not end where it should ({error}); "
                "mend the quotation marks there"
            ) from None


def detect(text: Text) -> Dialect:
    """Find out how the table is written from its first lines.

    Raises
    ------
    DataError
        If there are no rows, or what is header and what is data cannot be told.
    """
    with text.lines() as lines:
        head = list(islice(lines, SAMPLE_LINES))
    if all(line.isspace() for line in head):
        raise DataError(f"{text.name}: the first {len(head)} lines are blank; give a file with data")
    tables = {separator: _sample(head, separator) for separator in SEPARATORS}
    marked = any(_divides(tables[mark]) for mark in MARKS)
    separator = max((*MARKS, "") if marked else SEPARATORS, key=lambda one: _fitness(tables[one], one, len(head)))
    if len(filled(tables[separator])) < 2:
        # A quotation mark that is never closed swallows the rest; reading on names its line.
        tables[separator] = list(islice(records(text, separator), SAMPLE_LINES))
    return Layout(text.name, separator, tables[separator]).dialect()


class _Rows(Iterator[list[str]]):
    """What csv.reader gives; exists to name its type."""

    line_num: int


def _split(lines: Iterable[str], separator: str) -> _Rows:
    if separator == " ":
        lines = (_BLANKS.sub(" ", line.strip()) + "\n" for line in lines)
    return csv.reader(lines, delimiter=separator or _UNUSED, strict=True)  # type: ignore[return-value]


def _sample(head: list[str], separator: str) -> list[Record]:
    rows = _split(head, separator)
    sample: list[Record] = []
    start = 1
    try:
        for cells in rows:
            sample.append((start, cells))
            start = rows.line_num + 1
    except csv.Error:
        # A field may go on after the sample's end; a field that never ends shows when all is read.
        pass
    return sample


def _divides(sample: list[Record]) -> bool:
    """Say whether a mark divides the header and every row alike, so that blanks stand inside of fields."""
    rows = filled(sample)
    if len(rows) < 2 or re.search(r"\d", "".join(rows[0][1])):
        return False
    return width_of(rows) > 1 and len({len(cells) for _, cells in rows}) == 1


def _fitness(sample: list[Record], separator: str, lines: int) -> tuple[float, float]:
    """Share of equally wide rows times the share of their cells that are values; then the share of rows."""
    rows = filled(sample)
    width = width_of(rows)
    if not rows or (width == 1) != (separator == ""):
        return -1.0, 0.0
    unsure = separator == "" and not _is_decimal_comma_column(rows)
    if unsure and any("," in cells[0] for _, cells in rows):
        return 0.0, 0.0
    wide = [cells for _, cells in rows if len(cells) == width]
    values = sum(1 for cells in wide for cell in cells if is_missing(cell) or is_value(cell))
    # Quotation marks that do not fit a separator end the sample early.
    share = len(wide) / len(rows) * (rows[-1][0] / lines)
    return round(share * values / (width * len(wide)), 9), share


def _is_decimal_comma_column(rows: list[Record]) -> bool:
    first = rows[0][1][0]
    return "," not in first and not is_number(first)
