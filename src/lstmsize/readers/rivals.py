"""Columns that may be the one to forecast although they hold more than plain numbers, or hold them late."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lstmsize.readers.numerals import is_missing, is_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WITH_UNIT = re.compile(
    r"\s*[-+]?(?:[<>≤≥]\s?\d[\d.,]*|[$€£¥]\s?[-+]?\d[\d.,]*|\d[\d.,]*\s?[%‰°$€£¥]\S{0,3}|(?:\d[\d.,]*\s|\d+[.,]\d+)[^\W\d_]{1,5}\S{0,3})\s*"
)
"""Beyond doubt a number with a unit."""

_MARKED = re.compile(
    r"\s*(?P<before>[^\w\s#]{0,2}\s?(?:[A-Z]{3}\s|R\$\s?|Rs\.?\s?)?)(?P<number>\d[\d.,'’]*)"
    r"(?P<after>(?!st\b|nd\b|rd\b|th\b)[^\d]{0,6})\s*"
)
"""A number with a few marks or letters around it (<1, EUR 5, (5), 12k), or a label such as 12B."""

_LEAST_NUMBERS, _MOST_MARKS = 3, 4
"""A column of such cells holds numbers where those vary and what stands around them does not."""

_SHARE = 0.2
"""Share of numbers, with a unit or without, from which a column of text may be the one that is meant."""


def partly_numeric(cells: Iterable[str]) -> str | None:
    """Return a cell that keeps a column of text, which may be the one that is meant, from being read as numbers.

    Parameters
    ----------
    cells : iterable of str
        The first cells of the column.

    Returns
    -------
    str or None
        Its first cell that is no plain number; None where the column holds no numbers to speak of.
    """
    present = [cell for cell in cells if not is_missing(cell)]
    numbers = sum(is_number(cell) or _WITH_UNIT.fullmatch(cell) is not None for cell in present)
    if max(numbers, _marked(present)) < _SHARE * len(present):
        return None
    return next((cell for cell in present if not is_number(cell)), None)


def _marked(cells: Sequence[str]) -> int:
    """Count the cells that hold a number, if numbers vary and the marks around them are few."""
    found = [match for cell in cells if (match := _MARKED.fullmatch(cell))]
    numbers = {match["number"] for match in found}
    marks = {(match["before"].strip(), match["after"].strip()) for match in found}
    return len(found) if len(numbers) >= _LEAST_NUMBERS and len(marks) <= _MOST_MARKS else 0


class Latecomer:
    """A column without numbers in its first cells, and how many come later.

    Parameters
    ----------
    name : str
        Its name.
    index : int
        Its place, counted from 0.
    """

    def __init__(self, name: str, index: int) -> None:
        self.name, self.index = name, index
        self.first = 0
        self._numbers = 0

    def add(self, line: int, cell: str) -> None:
        """Note the next row."""
        if cell[-1:].isdigit() and is_number(cell):
            self._numbers += 1
            self.first = self.first or line

    def fills(self, rows: int) -> bool:
        """Say whether numbers stand in so many of all rows that the column may be the one that is meant."""
        return self._numbers >= _SHARE * rows
