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


class Numerals:
    """Reads the cells of one column; the decimal mark is proven by cells that allow only one.

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

    @property
    def mark(self) -> str:
        """The decimal mark; a dot where no cell has any."""
        return self._mark or "."

    def read(self, cell: str) -> float:
        """Read one cell.

        Parameters
        ----------
        cell : str
            What stands in the file.

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
            return value
        return self._read_unusual(cell)

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
