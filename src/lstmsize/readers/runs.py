"""Tells whether a column of text names several series that stand one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmsize.errors import DataError
from lstmsize.readers.numerals import is_missing
from lstmsize.readers.wording import first_of, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST = 3
"""Rows of a run at least: labels that change faster tell no series apart."""


class Runs:
    """The runs of one value in a column; a value that comes back, is missing or changes fast rules series out.

    Parameters
    ----------
    name : str
        The column.
    index : int
        Its place, counted from 0.
    """

    def __init__(self, name: str, index: int) -> None:
        self.name = name
        self.index = index
        self.starts: dict[str, int] = {}
        self._value: str | None = None
        self._length = LEAST
        self._possible = True

    def add(self, place: int, value: str) -> bool:
        """Note the next row; return whether the column may still tell series apart."""
        if value == self._value:
            self._length += 1
        elif self._possible:
            self._possible = self._length >= LEAST and value not in self.starts and not is_missing(value)
            self.starts[value] = place
            self._value, self._length = value, 1
        return self._possible

    @property
    def several(self) -> bool:
        """Whether there are several runs, each of a value of its own."""
        return self._possible and len(self.starts) > 1 and self._length >= LEAST


def refuse_joined(source: str, place: str, columns: Iterable[Runs]) -> None:
    """Refuse rows without time that a column of text divides into several series.

    Parameters
    ----------
    source : str
        Name of the input.
    place : str
        What a place is: ``line`` or ``row``.
    columns : iterable of Runs
        The columns of text.

    Raises
    ------
    DataError
        If there is such a column.
    """
    for column in columns:
        if column.several:
            raise DataError(
                f"{source}: column {quoted(column.name)} divides the rows into {len(column.starts)} series "
                f"({_shown(column.starts, place)}) and there are no time stamps; "
                "keep the rows of one, or remove the column if all rows are one series"
            )


def _shown(starts: dict[str, int], place: str) -> str:
    return first_of([f"{quoted(value)} from {place} {start} on" for value, start in starts.items()])
