"""Tells preamble, header and data apart in the first lines of a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from lstmsize.errors import DataError
from lstmsize.naming import counted
from lstmsize.readers.numerals import is_missing, is_number, is_whole
from lstmsize.readers.wording import quoted

Record = tuple[int, list[str]]

_STAMP_LIKE = re.compile(
    r"(?:\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?|\d{4}-?[QWM]\d{1,2}|(?:\d{1,2}[ -])?[A-Za-z]{3,9}[ -]\d{2,4})"
    r"(?:(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?\s*(?:Z|[A-Z]{3,4}|[-+]\d{2}:?\d{2})?)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?"
)
_COMMENT = re.compile(r"\s*(?:[#%]|//|sep=)")


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
        return joined(self.separator, cells)


def joined(separator: str, cells: list[str]) -> str:
    """Return cells as one line again, for a message."""
    return quoted((separator or ",").join(cells), 60)


def is_blank(cells: list[str]) -> bool:
    """Tell whether a row holds nothing at all."""
    return not any(cell and not cell.isspace() for cell in cells)


def is_comment(cells: list[str]) -> bool:
    """Tell whether a row is marked as a comment."""
    return bool(cells) and _COMMENT.match(cells[0]) is not None


def is_value(cell: str) -> bool:
    """Tell whether a cell is a number or looks like a date or time."""
    return is_number(cell) or _STAMP_LIKE.fullmatch(cell.strip()) is not None


def filled(sample: list[Record]) -> list[Record]:
    """Return the rows that hold something."""
    return [record for record in sample if not is_blank(record[1])]


def width_of(rows: list[Record]) -> int:
    """Return the most common number of fields."""
    counts = Counter(len(cells) for _, cells in rows)
    return max(counts, key=lambda width: (counts[width], width), default=0)


class Layout:
    """Tells preamble, header and data apart in the first lines."""

    def __init__(self, name: str, separator: str, sample: list[Record]) -> None:
        self.name = name
        self.separator = separator
        self.sample = sample
        self.filled = filled(sample)
        self.width = width_of(self.filled)
        self.typed = self._typed()

    def dialect(self) -> Dialect:
        """Return how the table is written, or raise DataError where that is not clear."""
        first = next((i for i, record in enumerate(self.filled) if self._is_data(record)), None)
        if first is None:
            return self._without_data()
        before, rows = self.filled[:first], self.filled[first:]
        header = self._header(before, rows[0])
        if header is None:
            self._refuse_zero()
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
                f"{self.name}: has only a header (line {line}: {joined(self.separator, cells)}) "
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
        if len(cells) != self.width or is_comment(cells) or _is_numbered(cells) or self._is_default(record):
            return False
        inside = [cell for cell, typed in zip(cells, self.typed, strict=True) if typed]
        return any(map(is_value, inside)) or (
            bool(inside) and all(map(is_missing, inside)) and not is_blank(inside)
        )

    def _is_default(self, record: Record) -> bool:
        """Tell whether the first line holds the names that pandas gives, 0, 1, ..., with no column of row numbers.

        They are whole where all numbers below are written with decimals, and lie far from them.
        """
        _, cells = record
        if record != self.filled[0] or cells != [str(number) for number in range(self.width)]:
            return False
        below = [row for _, row in self.filled[1:] if len(row) == self.width]
        return any(map(_stands_apart, cells, zip(*below, strict=True)))

    def _header(self, before: list[Record], data: Record) -> Record | None:
        wide = [record for record in before if len(record[1]) == self.width and not self._sets_separator(record)]
        plain = [record for record in wide if not is_comment(record[1])]
        last = (plain or wide)[-1] if wide else None
        if last is None:
            self._refuse_odd_start(before, data)
            return None
        others = [record for record in before if record is not last and not is_comment(record[1])]
        under = [record for record in others if record[0] > last[0]]
        self._refuse_ragged([record for record in under if any(map(is_value, record[1]))], data)
        for line, cells in others:
            if line > last[0] or (len(cells) == self.width and not self._is_apart(line, last[0])):
                above, below = sorted((line, last[0]))
                raise DataError(
                    f"{self.name}: line {above} and line {below} could both be the header "
                    f"({joined(self.separator, cells)} and {joined(self.separator, last[1])}); "
                    "leave only one line above the data"
                )
        return last

    def _refuse_odd_start(self, before: list[Record], data: Record) -> None:
        odd = [record for record in before if not is_comment(record[1])]
        self._refuse_ragged([record for record in odd if len(record[1]) > 1 and _are_values(record[1])], data)
        if odd:
            line, cells = odd[0]
            fields = counted(len(cells), "field")
            raise DataError(
                f"{self.name}: line {line} has {fields} where the rows from line {data[0]} on have "
                f"{self.width}: {joined(self.separator, cells)}; give every column a name, or remove the line"
                + ("; a decimal comma must be a point, or its field quoted" if self._may_be_decimal(cells) else "")
            )
        pairs = zip(data[1], self.typed, strict=True)
        text = [cell for cell, typed in pairs if typed and not is_value(cell) and not is_missing(cell)]
        if text:
            raise DataError(
                f"{self.name}: line {data[0]}: cannot tell whether this is a header or data, "
                f"{quoted(text[0])} is text and other fields are numbers: {joined(self.separator, data[1])}; "
                "add a header line or mend this one"
            )

    def _may_be_decimal(self, names: list[str]) -> bool:
        """Say whether the rows have one field more than names, as a decimal comma in the last one would make."""
        wide = [cells for _, cells in self.filled if len(cells) == self.width]
        ends = all(is_whole(cell) for cells in wide for cell in cells[-2:])
        return self.separator == "," and len(names) == self.width - 1 and ends

    def _refuse_zero(self) -> None:
        """Refuse a lone column that begins with a 0, farther from the next row than any two from each other."""
        line, cells = self.filled[0]
        rows = [cell for _, row in self.filled for cell in row]
        if cells != ["0"] or len(rows) <= 2 or not all(map(str.isdecimal, rows)):
            return
        steps = [abs(later - earlier) for earlier, later in pairwise(map(int, rows))]
        if steps[0] > max(steps[1:]):
            raise DataError(
                f"{self.name}: line {line}: cannot tell whether '0' is a value or the header that pandas gives a "
                "column without a name, it lies farther from the next row than any two rows from each other; "
                "name the column, or remove the line"
            )

    def _refuse_ragged(self, rows: list[Record], data: Record) -> None:
        """Refuse rows of values that seem to stand above the data only because they are wider or narrower."""
        line, cells = next((record for record in rows if len(record[1]) != self.width), (0, []))
        if line:
            raise DataError(
                f"{self.name}: line {line} has {counted(len(cells), 'field')} where line {data[0]} has "
                f"{self.width}: {joined(self.separator, cells)}; "
                "mend such lines, or quote fields that contain the separator"
            )

    def _sets_separator(self, record: Record) -> bool:
        return record[1][0].startswith("sep=")

    def _is_apart(self, line: int, header: int) -> bool:
        return any(line < blank < header and is_blank(cells) for blank, cells in self.sample)


def _is_numbered(cells: list[str]) -> bool:
    """Tell whether these are the names that pandas writes where it was given none: an empty one, then 0, 1, ..."""
    return len(cells) > 1 and cells == ["", *map(str, range(len(cells) - 1))]


def _stands_apart(name: str, column: Iterable[str]) -> bool:
    """Tell whether a whole number lies farther from numbers with decimals than these from each other."""
    known = [cell for cell in column if not is_missing(cell)]
    try:
        values = [float(cell) for cell in known if "." in cell]
    except ValueError:
        return False
    if not values or len(values) < len(known):
        return False
    low, high = min(values), max(values)
    return not 2 * low - high <= float(name) <= 2 * high - low


def _are_values(cells: list[str]) -> bool:
    return all(is_value(cell) or is_missing(cell) for cell in cells)


def _names(cells: list[str]) -> tuple[str, ...]:
    first = cells[0].strip().lstrip("#%").strip()
    named = [first, *(cell.strip() for cell in cells[1:])]
    return tuple(name or f"column_{number}" for number, name in enumerate(named, start=1))
