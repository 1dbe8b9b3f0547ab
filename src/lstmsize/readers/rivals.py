"""Columns that may be the one to forecast although they hold more than plain numbers, or hold them late."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lstmsize.readers.numerals import is_missing, is_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_NUMBER = r"\d[\d.,]*"
_CURRENCIES = "AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HUF|INR|JPY|MXN|NOK|NZD|PLN|SEK|TRY|USD|ZAR|R\\$|Rs\\.?"
_MARKED = re.compile(
    rf"\s*(?:[-+]?(?:[$€£¥]\s?[-+]?{_NUMBER}|{_NUMBER}\s?[%‰°$€£¥]\S{{0,3}}"
    rf"|(?:{_NUMBER}\s|\d+[.,]\d+)[^\W\d_]{{1,5}}\S{{0,3}})"
    rf"|(?:{_CURRENCIES})\s?[-+]?{_NUMBER}|−\s?{_NUMBER}|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?:\.\d+)?"
    r"|\(\d+[.,]\d+\)|\d+[.,]\d+-|'\d+[.,]\d+)\s*"
)
"""A number with a unit or currency, with a minus of another kind, or with thousands and lakhs."""

_SCALED = re.compile(r"\s*(\d[\d.,]*)(?:k|K|M|bn|Mio\.?|Mrd\.?)\s*")
"""A number of thousands or millions where many differ, or a label such as 3M."""

_LIMIT = re.compile(rf"\s*[<>≤≥]\s?{_NUMBER}\s*")
"""A value below or above what can be measured where all others are numbers, or a class such as <18."""

_LEAST_DIFFERENT, _MOST_DIFFERENT = 3, 1000
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
    plain = sum(map(is_number, present))
    numbers = plain + sum(_MARKED.fullmatch(cell) is not None for cell in present)
    if max(numbers, _scaled(present)) < _SHARE * len(present) and not _limited(present, plain):
        return None
    return next((cell for cell in present if not is_number(cell)), None)


def _scaled(cells: Sequence[str]) -> int:
    """Count the numbers of thousands or millions, if they vary more than labels do."""
    found = [match[1] for cell in cells if (match := _SCALED.fullmatch(cell))]
    return len(found) if _vary(set(found), len(found)) else 0


def _limited(cells: Sequence[str], plain: int) -> bool:
    """Say whether some cells are plain numbers and all others limits."""
    limits = sum(_LIMIT.fullmatch(cell) is not None for cell in cells)
    return plain > 0 and plain + limits == len(cells)


def _vary(different: Collection[str], count: int) -> bool:
    return len(different) >= max(_LEAST_DIFFERENT, math.sqrt(count))


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
        self._different: set[str] = set()
        self._last = ""
        self._falls = False

    def add(self, line: int, cell: str) -> None:
        """Note the next row."""
        cell = cell.strip()
        if not (cell[-1:].isdigit() and is_number(cell)):
            return
        self._numbers += 1
        self.first = self.first or line
        self._falls = self._falls or (len(cell), cell) < (len(self._last), self._last)
        self._last = cell
        if len(self._different) < _MOST_DIFFERENT:
            self._different.add(cell)

    def fills(self, rows: int) -> bool:
        """Say whether so many rows hold numbers that vary, and do not only count, that the column may be meant."""
        # No more different numbers are kept than `_vary` can ask for.
        many = self._numbers >= _SHARE * rows
        return many and self._falls and _vary(self._different, min(self._numbers, _MOST_DIFFERENT**2))
