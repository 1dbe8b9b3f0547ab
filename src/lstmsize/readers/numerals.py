"""Cells as numbers: which mark is the decimal mark, and what stands for a missing value."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MISSING = frozenset(
    {
        "",
        "na",
        "n/a",
        "#n/a",
        "#na",
        "<na>",
        "nan",
        "null",
        "none",
        "nil",
        "nat",
        "missing",
        "-",
        "--",
        "?",
        ".",
        "...",
    }
)
_INFINITE = frozenset({"inf", "infinity", "infinite", "∞"})
_PLAIN = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_GROUPED = {
    ".": re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII),
    ",": re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?", re.ASCII),
}
_SPACED = re.compile(r"[-+]?[1-9]\d{0,2}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d*)?", re.ASCII)
_SPACES = str.maketrans("", "", " \u00a0\u202f'’")
# A whole number of thousands and a number with three decimals are written alike.
_EITHER = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
# Above this ratio a whole number is nearer to the other number times 1000 than to the number itself.
_JUMP = math.sqrt(1000)


class AmbiguousNumberError(ValueError):
    """A cell whose mark may separate decimals as well as thousands."""


def is_missing(cell: str) -> bool:
    """Tell whether a cell stands for a missing value."""
    return cell.strip().casefold() in _MISSING


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number under one decimal mark or the other; infinities count."""
    text = cell.strip()
    return bool(
        _PLAIN.fullmatch(text)
        or _SPACED.fullmatch(text)
        or any(pattern.fullmatch(text) for pattern in _GROUPED.values())
        or text.casefold().lstrip("+-") in _INFINITE
    )


def is_whole(cell: str) -> bool:
    """Tell whether a cell is a whole number without marks."""
    return cell.strip().lstrip("-").isdecimal()


class Numerals:
    """Reads the cells of one column; the decimal mark is proven by cells that allow only one.

    Without proof a dot is a decimal point, unless `doubt` says that the column looks like thousands.

    Parameters
    ----------
    sample : iterable of str
        Cells from the start of the column.
    separator : str
        Column separator; beside a semicolon ``1.234`` may well mean 1234.
    """

    def __init__(self, sample: Iterable[str], separator: str) -> None:
        proofs = Counter(proof for cell in sample if (proof := _proof(cell.strip())))
        self._mark: str | None = proofs.most_common(1)[0][0] if proofs else None
        self._wary = separator == ";"
        self._proven = self._mark is not None
        self._largest_whole = 0.0
        self._smallest: tuple[float, str, int] | None = None

    @property
    def mark(self) -> str:
        """The decimal mark; a dot where no cell has any."""
        return self._mark or "."

    @property
    def doubt(self) -> tuple[str, int] | None:
        """A cell, with its line, that was read with decimals although whole numbers make thousands likelier."""
        if self._proven or self._smallest is None or self._largest_whole <= _JUMP * self._smallest[0]:
            return None
        return self._smallest[1:]

    def read(self, cell: str, line: int = 0) -> float:
        """Read one cell.

        Parameters
        ----------
        cell : str
            What stands in the file.
        line : int
            Where it stands, for `doubt`.

        Returns
        -------
        float
            The value; NaN for a missing one.

        Raises
        ------
        AmbiguousNumberError
            If the mark in it may separate decimals as well as thousands.
        ValueError
            If it is no number.
        """
        if self._mark == ".":
            try:
                value = float(cell)
            except ValueError:
                return self._read_unusual(cell)
            # Python reads 1_000, which nobody means in a table.
            if "_" in cell:
                raise ValueError(cell)
        else:
            value = self._read_unusual(cell)
        if not self._proven:
            self._weigh(cell.strip(), abs(value), line)
        return value

    def _weigh(self, text: str, size: float, line: int) -> None:
        """Note what speaks for decimals and what for thousands, as long as nothing proves either."""
        if "." not in text:
            # Who writes 1500 writes no 1.500 for it.
            self._proven = size >= 1000
            self._largest_whole = max(self._largest_whole, size)
        elif not _EITHER.fullmatch(text):
            self._proven = not math.isnan(size)
        elif self._smallest is None or size < self._smallest[0]:
            self._smallest = size, text, line

    def _read_unusual(self, cell: str) -> float:
        text = cell.strip()
        if text.casefold() in _MISSING:
            return math.nan
        if text.casefold().lstrip("+-") in _INFINITE:
            return math.inf
        if _SPACED.fullmatch(text):
            text = text.translate(_SPACES)
        if self._mark is None:
            self._mark = self._settle(text)
        if _GROUPED[self.mark].fullmatch(text):
            text = text.replace("," if self.mark == "." else ".", "")
        elif not _PLAIN.fullmatch(text) or ("," if self.mark == "." else ".") in text:
            raise ValueError(cell)
        return float(text.replace(",", "."))

    def _settle(self, text: str) -> str | None:
        proof = _proof(text)
        if proof is None and _EITHER.fullmatch(text):
            if "," in text or self._wary:
                raise AmbiguousNumberError(text)
            return "."
        return proof


def _proof(text: str) -> str | None:
    """Return the decimal mark that a number's cell allows alone, None where it allows both or has none."""
    if _EITHER.fullmatch(text):
        return None
    for mark, pattern in _GROUPED.items():
        if pattern.fullmatch(text):
            return mark
    if _PLAIN.fullmatch(text):
        return "," if "," in text else "." if "." in text else None
    return None
