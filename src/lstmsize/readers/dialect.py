"""How a table is written: separator, preamble, header, width; refuses what could be read in two ways."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from lstmsize.errors import DataError
from lstmsize.readers.numerals import is_missing, is_number
from lstmsize.readers.text import Text
from lstmsize.readers.wording import counted, quoted

Record = tuple[int, list[str]]

SAMPLE_LINES = 200
SEPARATORS = (",", ";", "\t", "|", " ", "")

_UNUSED = "\x1f"
_BLANKS = re.compile(r"[ \t]+")
_STAMP_LIKE = re.compile(
    r"(?:\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?|\d{4}-?[QW]\d{1,2}|(?:\d{1,2}[ -])?[A-Za-z]{3,9}[ -]\d{2,4})"
    r"(?:(?:T|\s+)\d{1,2}:\d{2}.{0,20})?|\d{1,2}:\d{2}(?::\d{2})?"
)
_COMMENT = re.compile(r"\s*(?:[#%]|//|sep=.)")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a table is written.

    Parameters
    ----------
    separator : str
        Column separator; a blank stands for runs of blanks, empty for a single column.
    names : tuple of str
        Names of the columns.
    header : bool
        Whether the file gives the names.
    first : int
        Line of the first row of data.
    skipped : tuple of Record
        Lines before the header that are no part of the table.
    rows : tuple of Record
        The first rows of data.
    """

    separator: str
    names: tuple[str, ...]
    header: bool
    first: int
    skipped: tuple[Record, ...]
    rows: tuple[Record, ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.names)

    def line(self, cells: list[str]) -> str:
        """Return the cells as one line again, for a message."""
        return quoted((self.separator or ",").join(cells), 60)


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
    tables = {separator: _sample(head, separator) for separator in SEPARATORS}
    if not any(_filled(tables[""])):
        raise DataError(f"{text.name}: the input has only blank lines")
    separator = max(SEPARATORS, key=lambda one: round(_fitness(tables[one], one), 9))
    return _Layout(text.name, separator, tables[separator]).dialect()


def is_blank(cells: list[str]) -> bool:
    """Tell whether a row holds nothing at all."""
    return not any(cell and not cell.isspace() for cell in cells)


def is_comment(cells: list[str]) -> bool:
    """Tell whether a row is marked as a comment."""
    return bool(cells) and _COMMENT.match(cells[0]) is not None


def is_value(cell: str) -> bool:
    """Tell whether a cell is a number or looks like a date or time."""
    return is_number(cell) or _STAMP_LIKE.fullmatch(cell.strip()) is not None


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


def _filled(sample: list[Record]) -> list[Record]:
    return [record for record in sample if not is_blank(record[1])]


def _width(filled: list[Record]) -> int:
    counts = Counter(len(cells) for _, cells in filled)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _fitness(sample: list[Record], separator: str) -> float:
    """Share of rows that are equally wide, times the share of their cells that are values."""
    filled = _filled(sample)
    width = _width(filled)
    if not filled or (width == 1) != (separator == ""):
        return -1.0
    if separator == "" and not _is_decimal_comma_column(filled):
        return 0.0 if any("," in cells[0] for _, cells in filled) else _share(filled, 1)
    return _share(filled, width)


def _is_decimal_comma_column(filled: list[Record]) -> bool:
    first = filled[0][1][0]
    return "," not in first and not is_number(first)


def _share(filled: list[Record], width: int) -> float:
    cells = [cell for _, row in filled if len(row) == width for cell in row]
    values = sum(1 for cell in cells if is_missing(cell) or is_value(cell))
    rows = sum(1 for _, row in filled if len(row) == width)
    return (rows / len(filled)) * (values / len(cells))


class _Layout:
    """Tells preamble, header and data apart in the first lines."""

    def __init__(self, name: str, separator: str, sample: list[Record]) -> None:
        self.name = name
        self.separator = separator
        self.sample = sample
        self.filled = _filled(sample)
        self.width = _width(self.filled)
        self.typed = self._typed()

    def dialect(self) -> Dialect:
        first = next((i for i, record in enumerate(self.filled) if self._is_data(record)), None)
        if first is None:
            return self._without_data()
        before, rows = self.filled[:first], self.filled[first:]
        header = self._header(before, rows[0])
        if header is None:
            names = tuple(f"column_{number}" for number in range(1, self.width + 1))
            return self._made(names, header=False, skipped=before, rows=rows)
        return self._made(_names(header[1]), header=True, skipped=before[: before.index(header)], rows=rows)

    def _made(self, names: tuple[str, ...], *, header: bool, skipped: list[Record], rows: list[Record]) -> Dialect:
        return Dialect(
            separator=self.separator,
            names=names,
            header=header,
            first=rows[0][0],
            skipped=tuple(skipped),
            rows=tuple(record for record in rows if len(record[1]) == self.width),
        )

    def _without_data(self) -> Dialect:
        body = [record for record in self.filled if len(record[1]) == self.width]
        if len(self.filled) == 1:
            line, cells = body[0]
            raise DataError(
                f"{self.name}: has only a header (line {line}: {quoted((self.separator or ',').join(cells), 60)}) "
                "and no rows; give a file with data"
            )
        return self._made(_names(body[0][1]), header=True, skipped=[], rows=body[1:] or body)

    def _typed(self) -> list[bool]:
        body = [cells for _, cells in self.filled if len(cells) == self.width]
        body = body[1:] if len(body) > 1 else body
        columns = ([cell for cell in column if not is_missing(cell)] for column in zip(*body, strict=True))
        return [bool(column) and sum(map(is_value, column)) >= 0.5 * len(column) for column in columns]

    def _is_data(self, record: Record) -> bool:
        cells = record[1]
        if len(cells) != self.width or is_comment(cells):
            return False
        inside = [cell for cell, typed in zip(cells, self.typed, strict=True) if typed]
        return any(map(is_value, inside)) or (bool(inside) and all(map(is_missing, inside)) and not is_blank(inside))

    def _header(self, before: list[Record], data: Record) -> Record | None:
        wide = [record for record in before if len(record[1]) == self.width and not self._sets_separator(record)]
        plain = [record for record in wide if not is_comment(record[1])]
        last = (plain or wide)[-1] if wide else None
        if last is None:
            self._refuse_odd_start(before, data)
            return None
        others = [record for record in before if record is not last and not is_comment(record[1])]
        for line, cells in others:
            if line > last[0] or (len(cells) == self.width and not self._is_apart(line, last[0])):
                raise DataError(
                    f"{self.name}: line {min(line, last[0])} and line {max(line, last[0])} could both be the header "
                    f"({self._text(cells)} and {self._text(last[1])}); leave only one line above the data"
                )
        return last

    def _refuse_odd_start(self, before: list[Record], data: Record) -> None:
        odd = [record for record in before if not is_comment(record[1])]
        if odd:
            line, cells = odd[0]
            raise DataError(
                f"{self.name}: line {line} has {counted(len(cells), 'field')} where the rows from line {data[0]} on "
                f"have {self.width}: {self._text(cells)}; give every column a name, or remove the line"
            )
        pairs = zip(data[1], self.typed, strict=True)
        text = [cell for cell, typed in pairs if typed and not is_value(cell) and not is_missing(cell)]
        if text:
            raise DataError(
                f"{self.name}: line {data[0]}: cannot tell whether this is a header or data, {quoted(text[0])} is text "
                f"and other fields are numbers: {self._text(data[1])}; add a header line or mend this one"
            )

    def _sets_separator(self, record: Record) -> bool:
        return record[1][0].startswith("sep=")

    def _is_apart(self, line: int, header: int) -> bool:
        return any(line < blank < header and is_blank(cells) for blank, cells in self.sample)

    def _text(self, cells: list[str]) -> str:
        return quoted((self.separator or ",").join(cells), 60)


def _names(cells: list[str]) -> tuple[str, ...]:
    first = cells[0].strip().lstrip("#%").strip()
    named = [first, *(cell.strip() for cell in cells[1:])]
    return tuple(name or f"column_{number}" for number, name in enumerate(named, start=1))
