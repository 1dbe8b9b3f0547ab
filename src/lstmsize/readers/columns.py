"""Which column is the target and which holds the time; refuses to guess between several."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lstmsize.errors import DataError
from lstmsize.readers.numerals import is_missing, is_number
from lstmsize.readers.rivals import Latecomer, partly_numeric
from lstmsize.readers.stamps import Reading, is_clock, number_reading, text_readings
from lstmsize.readers.wording import listed, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind = Literal["number", "time", "clock", "text", "empty"]

# What headers say of time, in the words of some languages, accents removed.
_WORDS = {
    "year": "year jahr ano annee an anno jaar rok aar vuosi yr",
    "quarter": "quarter quartal trimestre qtr",
    "month": "month monat mes mois mese maand maaned manad kuukausi",
    "week": "week woche semana semaine settimana vecka uge viikko",
    "day": "day tag dia jour giorno dag paiva",
    "hour": "hour stunde hora heure ora uur timme",
    "minute": "minute minuto",
    "second": "second segundo seconde",
    "date": "date datum fecha ds datetime dato paivamaara zeitstempel timestamp horodatage",
    "time": "time zeit zeitpunkt uhrzeit period periode periodo unixtime epoch tiempo tijd aika",
}
_WORD_OF = {name: word for word, names in _WORDS.items() for name in names.split()}
_BESIDE = frozenset(
    [
        "utc",
        "gmt",
        "local",
        "unix",
        "ms",
        "s",
        "sec",
        "ns",
        "us",
        "iso",
        "stamp",
        "start",
        "end",
        "of",
        "the",
        "number",
        "num",
        "cet",
        "cest",
        "est",
    ]
)
_HOUR = re.compile(r"\s*(?:[01]?\d|2[0-3])\s*", re.ASCII)
_LEAST_NUMBERS = 3
_MINUTE = re.compile(r"\s*[0-5]?\d\s*", re.ASCII)
_OF_YEAR = ("year, month name", "quarter", "month number", "week")
_PARTS = ("year", "month", "day", "hour", "minute")
_PART_TEMPLATES = {2: "{}-{}", 3: "{}-{}-{}", 4: "{}-{}-{} {}:00", 5: "{}-{}-{} {}:{:0>2}"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column, as its first cells show it.

    Parameters
    ----------
    name : str
        Its name.
    index : int
        Its place, counted from 0.
    kind : {'number', 'time', 'clock', 'text', 'empty'}
        What most of its cells are.
    sample : tuple of str
        Its first cells.
    """

    name: str
    index: int
    kind: Kind
    sample: tuple[str, ...]

    @property
    def word(self) -> str | None:
        """What the name says of time, in English: ``year``, ``date``, ``time``, ...; None for nothing."""
        parts = _words(self.name)
        words = [_WORD_OF[part] for part in parts if part in _WORD_OF]
        if not words or not all(part in _WORD_OF or part in _BESIDE for part in parts):
            return None
        return words[0] if len(set(words)) == 1 else "date"

    @property
    def may_be_time(self) -> bool:
        """Whether every row has a text of its own with three numbers in it, and the name speaks of time."""
        present = [cell for cell in self.sample if not is_missing(cell)]
        words = _words(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name))
        return (
            self.kind == "text"
            and any(_WORD_OF.get(word) in ("date", "time", "day") for word in words)
            and len(set(present)) == len(present) > 1
            and all(len(re.findall(r"\d+", cell)) >= _LEAST_NUMBERS for cell in present)
        )


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.findall(r"[a-z]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))


@dataclass(frozen=True, kw_only=True)
class TimeColumns:
    """Where the time stands.

    Parameters
    ----------
    columns : tuple of Column
        One column, or several that together make a time stamp.
    template : str
        How their cells are joined.
    named : bool
        Whether the user named the column.
    """

    columns: tuple[Column, ...]
    template: str = "{}"
    named: bool = False

    @property
    def name(self) -> str:
        """The names of the columns, joined by blanks."""
        return " ".join(column.name for column in self.columns)

    def readings(self, separator: str) -> list[Reading]:
        """Return the ways in which the first time stamps may be read; none where they are no time stamps."""
        column = self.columns[0]
        if len(self.columns) == 1 and column.kind == "number":
            return [number_reading(self.sample, column.word, separator)]
        return text_readings(self.sample)

    @property
    def sample(self) -> list[str]:
        """The first time stamps."""
        rows = zip(*(column.sample for column in self.columns), strict=True)
        return [self.template.format(*map(str.strip, row)) for row in rows]


def describe(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """Return the columns with what most of their first cells are."""
    cells = list(zip(*rows, strict=True)) or [()] * len(names)
    return [
        Column(name=name, index=index, kind=_kind(column), sample=tuple(column))
        for index, (name, column) in enumerate(zip(names, cells, strict=True))
    ]


def find(source: str, columns: Sequence[Column], wanted: str, flag: str) -> Column:
    """Return the column of this name.

    Raises
    ------
    DataError
        If there is none or more than one.
    """
    names = [column.name for column in columns]
    found = [column for column in columns if column.name == wanted] or [
        column for column in columns if column.name == wanted.strip()
    ]
    if not found:
        raise DataError(
            f"{source}: {flag} {quoted(wanted)}: there is no such column{nearest(wanted, names) or ';'} "
            f"the columns are {listed(names)}"
        )
    if len(found) > 1:
        raise DataError(
            f"{source}: {flag} {quoted(wanted)}: {len(found)} columns have this name; rename all but one"
        )
    return found[0]


def choose(
    source: str, columns: Sequence[Column], *, target: str | None, time: str | None
) -> tuple[Column, TimeColumns | None]:
    """Choose the target and the time.

    Parameters
    ----------
    source : str
        Name of the input, for messages.
    columns : sequence of Column
        All columns.
    target, time : str or None
        Names that the user gave.

    Returns
    -------
    tuple
        The target, and the time where there is one.

    Raises
    ------
    DataError
        If a name is unknown, or the choice is not clear without a name.
    """
    if target is not None and target == time:
        raise DataError(
            f"{source}: column {quoted(target)} is both --target and --time; name two different columns"
        )
    named_target = find(source, columns, target, "--target") if target is not None else None
    if time is not None:
        named = (find(source, columns, time, "--time"),)
        found: TimeColumns | None = TimeColumns(columns=named, named=True)
    else:
        found = _find_time(source, [column for column in columns if column is not named_target])
    return named_target or _find_target(source, columns, found), found


def _kind(cells: Sequence[str]) -> Kind:
    present = [cell for cell in cells if not is_missing(cell)]
    if not present:
        return "empty"
    if sum(map(is_number, present)) >= 0.5 * len(present):
        return "number"
    if text_readings(present):
        return "time"
    return "clock" if all(map(is_clock, present)) else "text"


def _find_target(source: str, columns: Sequence[Column], time: TimeColumns | None) -> Column:
    taken = time.columns if time else ()
    numeric = [column for column in columns if column.kind == "number" and column not in taken]
    free = [column for column in numeric if column.word is None]
    if len(free) == 1:
        _refuse_rivals(source, free[0], columns)
        return free[0]
    if free:
        raise DataError(
            f"{source}: {len(free)} columns are numeric: {listed(column.name for column in free)}; "
            "choose the one to forecast with --target (and a column of time stamps with --time)"
        )
    if time and time.named and not numeric and time.columns[0].kind == "number":
        raise DataError(
            f"{source}: column {quoted(time.name)} (--time) is the only numeric one, "
            "so there is none to forecast; name another column with --time, or leave it out"
        )
    by_name = numeric or [column for column in taken if column.kind == "number"]
    if by_name:
        raise DataError(
            f"{source}: the only numeric columns are time by their names: {listed(c.name for c in by_name)}; "
            "choose the one to forecast with --target"
        )
    for column, other in _mixed(columns):
        raise DataError(
            f"{source}: no column is numeric; column {quoted(column.name)} holds numbers and text, such as "
            f"{quoted(other)}: write plain numbers there"
        )
    shown = ", ".join(f"{quoted(c.name)} (such as {quoted(c.sample[0])})" for c in columns[:6] if c.sample)
    raise DataError(f"{source}: no column is numeric, the columns are {shown or listed(c.name for c in columns)}")


def _refuse_rivals(source: str, found: Column, columns: Sequence[Column]) -> None:
    """Refuse to take the only numeric column where another one holds numbers that text keeps from being read."""
    for column, other in _mixed(columns):
        if column.word is None:
            raise DataError(
                f"{source}: column {quoted(column.name)} holds numbers and text, such as {quoted(other)}, so that "
                f"column {quoted(found.name)} may not be the one to forecast; write plain numbers there, or "
                "choose with --target"
            )


def _mixed(columns: Sequence[Column]) -> Iterator[tuple[Column, str]]:
    """Columns of text that hold numbers, each with a cell that keeps it from being read as numbers."""
    for column in columns:
        if column.kind == "text" and (other := partly_numeric(column.sample)) is not None:
            yield column, other


def latecomers_of(columns: Sequence[Column], target: Column) -> list[Latecomer]:
    """Return the columns in which numbers may come late: of text or empty so far, and no time by their name."""
    return [
        Latecomer(column.name, column.index)
        for column in columns
        if column.kind in ("text", "empty") and column.word is None and column != target
    ]


def refuse_late(source: str, target: Column, late: Sequence[Latecomer], rows: int) -> None:
    """Refuse to take the only column that is numeric from the start where numbers fill another one later.

    Raises
    ------
    DataError
        If there is such a column.
    """
    for one in late:
        if one.fills(rows):
            raise DataError(
                f"{source}: column {quoted(one.name)} holds numbers from line {one.first} on, so that column "
                f"{quoted(target.name)} may not be the one to forecast; choose with --target"
            )


def refuse_measured(source: str, target: Column, time: TimeColumns, columns: Sequence[Column]) -> None:
    """Refuse to take the only other numeric column where one that is called time turned out to be no time.

    It may hold durations. Columns that are called a part of a date (month, hour) are none that one forecasts.

    Raises
    ------
    DataError
        If both may be the one to forecast.
    """
    column = time.columns[0]
    if column.kind == "number" and column.word == "time" and not time.named:
        raise DataError(
            f"{source}: the values of column {quoted(column.name)} do not grow from row to row, so that it is no "
            f"time, and {listed(c.name for c in columns if c in (target, column))} are numeric; choose the one to "
            "forecast with --target"
        )


def _find_time(source: str, columns: Sequence[Column]) -> TimeColumns | None:
    stamps = [column for column in columns if column.kind == "time"]
    if len(stamps) > 1:
        stamps = [column for column in stamps if column.word] or stamps
    if len(stamps) > 1:
        raise DataError(
            f"{source}: {len(stamps)} columns hold time stamps: {listed(column.name for column in stamps)}; "
            "choose one with --time"
        )
    if stamps:
        return _with_clock(stamps[0], columns)
    by_name = [column for column in columns if column.word and column.kind in ("number", "text", "clock")]
    found = by_name or [column for column in columns if column.may_be_time]
    return _from_parts(by_name) or _of_year(by_name) or (TimeColumns(columns=(found[0],)) if found else None)


def _with_clock(stamp: Column, columns: Sequence[Column]) -> TimeColumns:
    clocks = [column for column in columns if column.kind == "clock"]
    hours = [column for column in columns if column.kind == "number" and column.word == "hour"]
    if any(":" in cell for cell in stamp.sample):
        return TimeColumns(columns=(stamp,))
    if len(clocks) == 1:
        return TimeColumns(columns=(stamp, clocks[0]), template="{} {}")
    if len(hours) == 1 and all(map(_HOUR.fullmatch, hours[0].sample)):
        minutes = [column for column in columns if column.kind == "number" and column.word == "minute"]
        with_hour = list(zip(stamp.sample, hours[0].sample, strict=True))
        # Beside hours that do not repeat, a column of minutes holds durations.
        if (
            len(minutes) == 1
            and len(set(with_hour)) < len(with_hour)
            and all(is_missing(cell) or _MINUTE.fullmatch(cell) for cell in minutes[0].sample)
        ):
            return TimeColumns(columns=(stamp, hours[0], minutes[0]), template="{} {}:{:0>2}")
        return TimeColumns(columns=(stamp, hours[0]), template="{} {}:00")
    return TimeColumns(columns=(stamp,))


def _from_parts(columns: Sequence[Column]) -> TimeColumns | None:
    """Year, month, day ... in columns of their own, where none is left out between."""
    by_word = {column.word: column for column in columns if column.kind == "number"}
    parts = []
    for word in _PARTS:
        if word not in by_word:
            break
        parts.append(by_word[word])
    if len(parts) < 2:
        return None
    return TimeColumns(columns=tuple(parts), template=_PART_TEMPLATES[len(parts)])


def _of_year(columns: Sequence[Column]) -> TimeColumns | None:
    """A year beside the text of a part of it, Dec, M12 or Q4, and no other part."""
    years = [column for column in columns if column.kind == "number" and column.word == "year"]
    parts = [column for column in columns if column.kind == "text"]
    if len(columns) != 2 or not years or not parts:
        return None
    found = TimeColumns(columns=(years[0], parts[0]), template="{}-{}")
    readable = any(reading.name in _OF_YEAR for reading in text_readings(found.sample))
    return found if readable and len(set(found.sample)) == len(found.sample) else None
