"""Tells whether a column names several series that stand one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmsize.errors import DataError
from lstmsize.readers.numerals import is_missing
from lstmsize.readers.wording import first_of, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from lstmsize.readers.columns import Column

LEAST = 3
"""Rows of a run at least: labels that change faster tell no series apart."""


class Runs:
    """The runs of one label in a column; a label that comes back, is missing or changes fast rules series out.

    Parameters
    ----------
    column : Column
        Of text, or of numbers, which tell series apart only where a `Counter` begins anew with each.
    """

    def __init__(self, column: Column) -> None:
        self.column = column
        self.starts: dict[str, int] = {}
        self._value: str | None = None
        self._length = LEAST
        self._possible = True

    def add(self, place: int, value: str) -> bool:
        """Note the next row; return whether the column may still tell series apart; blanks do not count."""
        value = value.strip()
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


class Counter:
    """A column of whole numbers that grow from row to row, and the places where they begin anew.

    Parameters
    ----------
    column : Column
        The column.
    sign : int, optional
        -1 for numbers that fall from row to row.
    """

    def __init__(self, column: Column, sign: int = 1) -> None:
        self.column = column
        self.sign = sign
        self.restarts: list[int] = []
        self.length = 0
        self._last: int | None = None

    def add(self, place: int, value: str) -> bool:
        """Note the next row; return whether the column may still count."""
        try:
            number = self.sign * int(value)
        except ValueError:
            return False
        if self._last is not None and number <= self._last:
            if self.length < LEAST:
                return False
            self.restarts.append(place)
            self.length = 0
        self._last = number
        self.length += 1
        return True


def runs_of(columns: Sequence[Column], target: Column) -> list[Runs]:
    """Return the runs of the columns that may name series: of text, and of numbers that are no part of a date."""
    return [
        Runs(column)
        for column in columns
        if column.kind == "text" or (column.kind == "number" and column.word is None and column != target)
    ]


def counters_of(columns: Sequence[Column], target: Column) -> list[Counter]:
    """Return the columns that may count the rows of each of several series."""
    return [Counter(column) for column in columns if column.kind == "number" and column != target]


def refuse_joined(source: str, place: str, runs: Iterable[Runs], counters: Collection[Counter]) -> None:
    """Refuse rows without time that a column divides into several series.

    Parameters
    ----------
    source : str
        Name of the input.
    place : str
        What a place is: ``line`` or ``row``.
    runs : iterable of Runs
        The runs of columns of text, and of numbers.
    counters : collection of Counter
        Columns that count.

    Raises
    ------
    DataError
        If there is such a column.
    """
    for run in runs:
        numeric, begins = run.column.kind == "number", [*run.starts.values()][1:]
        anew = next((counter.column.name for counter in counters if counter.restarts == begins), None)
        if run.several and (anew is not None or not numeric):
            told = f", with each of which column {quoted(anew)} begins anew," if numeric and anew else ""
            raise DataError(
                f"{source}: column {quoted(run.column.name)} divides the rows into {len(run.starts)} series "
                f"({_shown(run.starts, place)}){told} and there are no time stamps; "
                "keep the rows of one, or remove the column if all rows are one series"
            )


def _shown(starts: dict[str, int], place: str) -> str:
    return first_of([f"{quoted(value)} from {place} {start} on" for value, start in starts.items()])
