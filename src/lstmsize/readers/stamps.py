"""Cells as time stamps: the ways of writing them, each a reading from text to seconds since 1970."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from lstmsize.readers.numerals import Numerals, is_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DAY = 86_400.0
MONTH = 2_629_746.0
YEAR = 12 * MONTH

Unit = tuple[str, float]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (stamps without an offset are compared with one another only)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_MONTH_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "sept",
    *_MONTHS,
]

_CLOCK = (
    r"(?:(?:T|[ ,]+)(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?:\s*(?P<ap>[AaPp])\.?[Mm]\.?)?(?:\s*[A-Z]{3,4})?)?"
)
"""The name of a time zone (UTC, CEST) is not looked up: such stamps are local time, as those without one."""
_NAMED = r"(?P<mon>[A-Za-z]{3,9})\.?"
_FORMS = {
    "year first": r"(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?:(?P=sep)(?P<d>\d{1,2}))?" + _CLOCK,
    "day first": r"(?P<d>\d{1,2})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<y>\d{4}|(?<!-)\d{2})" + _CLOCK,
    "month first": r"(?P<m>\d{1,2})(?P<sep>[-/])(?P<d>\d{1,2})(?P=sep)(?P<y>\d{4}|(?<!-)\d{2})" + _CLOCK,
    "month and year": r"(?P<m>\d{1,2})[-/.](?P<y>\d{4})",
    "month name first": _NAMED + r"[ -]+(?:(?P<d>\d{1,2}),?[ -]+)?(?P<y>\d{4})" + _CLOCK,
    "day, month name": r"(?P<d>\d{1,2})[. -]+" + _NAMED + r"[ -]+(?P<y>\d{4}|\d{2})" + _CLOCK,
    "year, month name": r"(?P<y>\d{4})[ -]+" + _NAMED,
    "quarter": r"(?P<y>\d{4})[ -]?[Qq](?P<q>[1-4])",
    "quarter first": r"[Qq](?P<q>[1-4])[ /-]?(?P<y>\d{4})",
    "month number": r"(?P<y>\d{4})[ -]?M(?P<m>\d{1,2})",
    "week": r"(?P<y>\d{4})[ -]?W(?P<w>\d{1,2})",
}
_COMPACT = re.compile(
    # Ten digits from 1500000000 on are seconds since 1970, not hours of the year 1500.
    r"(?!1[5-8]\d{8}$)(?P<y>1[5-9]\d\d|20\d\d|21\d\d)(?P<m>\d\d)(?:(?P<d>\d\d)(?:(?P<h>\d\d)(?:(?P<min>\d\d)(?P<s>\d\d)?)?)?)?"
)
_WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:day)?[.,]{0,2}\s+", re.IGNORECASE)
"""What may stand before a date to the day; a reading under which that is another weekday is wrong."""
_APART = re.compile(r"(?<=\d)\s+(Z|[+-]\d{2}:?\d{2})$", re.ASCII)
"""A blank before the offset, as git and Ruby write it."""
_CLOCK_ALONE = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp][Mm])?")
_EPOCH_UNITS = ((1e8, 1e11, 1.0), (1e11, 1e14, 1e-3), (1e14, 1e17, 1e-6), (1e17, 1e20, 1e-9))


@dataclass(frozen=True)
class Reading:
    """One way of reading a column's time stamps.

    Parameters
    ----------
    name : str
        The way, in words.
    read : callable
        From a cell to a number that grows with time; raises ValueError or TypeError.
    calendar : bool
        Whether the number is seconds since 1970.
    unit : tuple or None
        Label and length in seconds of one, where the number only counts.
    """

    name: str
    read: Callable[[str], float]
    calendar: bool = True
    unit: Unit | None = None

    def time(self, cell: str) -> float:
        """Return the finite time of a cell; raises what `read` raises, or ValueError."""
        found = self.read(cell)
        if not math.isfinite(found):
            raise ValueError(cell)
        return found


def is_clock(cell: str) -> bool:
    """Tell whether a cell is a time of day without a date."""
    return _CLOCK_ALONE.fullmatch(cell.strip()) is not None


def text_readings(sample: Sequence[str]) -> list[Reading]:
    """Return the way that reads most of these cells, if half of them; two ways only for day and month.

    The cells that it cannot read are then errors, never a reason to take the column for no time at all.
    """
    cells = [cell for cell in sample if not is_missing(cell)]
    if not cells:
        return []
    shares = [(reading, _share(reading, cells)) for reading in _TEXT]
    best = max(share for _, share in shares)
    good = [reading for reading, share in shares if share == best]
    in_order = [reading for reading in _SHORT_YEARS if _one_way(reading, cells)]
    if in_order and not any(_one_way(reading, cells) for reading in good):
        return in_order
    if best < 0.5:
        return []
    return good if good[0].name in ("day first", "month first") else good[:1]


def number_reading(sample: Sequence[str], word: str | None, separator: str) -> Reading:
    """Return the way to read a numeric column of time stamps.

    Parameters
    ----------
    sample : sequence of str
        Cells from the start of the column.
    word : str or None
        What the header says in English: ``year``, ``month``, ``time``, ...; None if it says nothing of time.
    separator : str
        Column separator.

    Returns
    -------
    Reading
        Years and dates without marks (20200131), seconds or smaller units since 1970, or a plain counter.
    """
    cells = [cell for cell in sample if not is_missing(cell)]
    numerals = Numerals(cells, separator)
    values = [value for cell in cells if (value := _number(numerals, cell)) is not None]
    if word == "year" and values and all(1000 <= value < 3000 and value == int(value) for value in values):
        return Reading("year", lambda cell: _seconds(datetime(int(numerals.read(cell)), 1, 1)))  # noqa: DTZ001
    if cells and _share(_YEAR_AND_MONTH, cells) == 1.0:
        return _YEAR_AND_MONTH
    if cells and _share(_COMPACT_READING, cells) == 1.0:
        digits = _DIGITS.get(word or "", 0)  # of a date to the day in a column of days; fewer are a count
        if all(len(cell.strip()) >= digits for cell in cells):
            return _COMPACT_READING
    if word not in _UNITS and cells:
        for low, high, scale in _EPOCH_UNITS:
            if values and all(low <= value < high for value in values):
                return Reading("time since 1970", _scaled(numerals, scale))
        if word == "date" and all(20_000 <= value < 80_000 for value in values):
            return Reading("day number", numerals.read, calendar=False, unit=("D", DAY))
    return Reading("counter", numerals.read, calendar=False, unit=_UNITS.get(word or ""))


def _scaled(numerals: Numerals, scale: float) -> Callable[[str], float]:
    return lambda cell: numerals.read(cell) * scale


def _number(numerals: Numerals, cell: str) -> float | None:
    try:
        return numerals.read(cell)
    except ValueError:
        return None


def _share(reading: Reading, cells: Sequence[str]) -> float:
    return sum(_reads(reading, cell) for cell in cells) / len(cells)


def _reads(reading: Reading, cell: str) -> bool:
    try:
        reading.read(cell)
    except (ValueError, TypeError, OverflowError):
        return False
    return True


def _one_way(reading: Reading, cells: Sequence[str]) -> bool:
    """Tell whether all of several cells can be read, and stand in the order of time or against it."""
    try:
        times = [reading.read(cell) for cell in cells]
    except (ValueError, TypeError, OverflowError):
        return False
    return len(times) > 1 and times in (sorted(times), sorted(times, reverse=True))


def _seconds(stamp: datetime) -> float:
    return (stamp - _EPOCH) / _SECOND


def _iso(cell: str) -> float:
    return (datetime.fromisoformat(cell) - _EPOCH) / _SECOND


def _iso_with_offset(cell: str) -> float:
    joined = _APART.sub(r"\1", cell.strip())
    return (datetime.fromisoformat(joined) - _EPOCH_UTC) / _SECOND


def _form(name: str, pattern: re.Pattern[str]) -> Reading:
    def read(cell: str) -> float:
        text = cell.strip()
        if match := pattern.fullmatch(text):
            return _from_parts(match.groupdict())
        weekday = _WEEKDAY.match(text)
        dated = pattern.fullmatch(text, weekday.end()) if weekday else None
        if weekday is None or dated is None or not dated.groupdict().get("d"):
            raise ValueError(cell)
        seconds = _from_parts(dated.groupdict())
        # The first of January 1970 was a Thursday.
        if _DAYS[int(seconds // DAY + 3) % 7] != weekday[1].lower():
            raise ValueError(cell)
        return seconds

    return Reading(name, read)


def _from_parts(part: dict[str, str | None]) -> float:
    year = _year(part["y"] or "")
    if week := part.get("w"):
        return (date.fromisocalendar(year, int(week), 1) - _EPOCH.date()) / _SECOND
    if quarter := part.get("q"):
        return _seconds(datetime(year, 3 * int(quarter) - 2, 1))  # noqa: DTZ001
    name = part.get("mon")
    month = _month(name) if name else int(part.get("m") or 1)
    hour = int(part.get("h") or 0)
    if half := part.get("ap"):
        hour = hour % 12 + (12 if half in "Pp" else 0)
    minute, second = int(part.get("min") or 0), int(part.get("s") or 0)
    stamp = datetime(year, month, int(part.get("d") or 1), hour, minute, second)  # noqa: DTZ001
    return _seconds(stamp) + float(f"0.{part.get('f') or 0}")


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    # The turn of the century is where POSIX has it.
    return year + (2000 if year < 69 else 1900)


def _month(name: str) -> int:
    if name.lower() not in _MONTH_NAMES:
        raise ValueError(name)
    return _MONTHS.index(name[:3].lower()) + 1


_COMPACT_READING = _form("compact date", _COMPACT)
_YEAR_AND_MONTH = _form("year and month", re.compile(r"(?P<y>\d{4})\.(?P<m>0[1-9]|1[0-2])", re.ASCII))
_SHORT_YEARS = tuple(
    _form(name, re.compile(pattern, re.ASCII))
    for name, pattern in {
        "year of two digits first": r"(?P<y>\d{2})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})" + _CLOCK,
        "month name and year of two digits": _NAMED + r"[- ](?P<y>\d{2})",
    }.items()
)
"""Only where the rows stand in their order and in no other: 24/01/02 and Jan-24 are days of January, too."""
_TEXT = (
    Reading("ISO 8601", _iso),
    Reading("ISO 8601 with offset", _iso_with_offset),
    *(_form(name, re.compile(pattern, re.ASCII)) for name, pattern in _FORMS.items()),
)
_DIGITS = {"year": 6, "quarter": 6, "month": 6, "week": 8, "day": 8, "hour": 10, "minute": 12, "second": 14}
_UNITS: dict[str, Unit] = {
    "year": ("Y", YEAR),
    "quarter": ("Q", 3 * MONTH),
    "month": ("M", MONTH),
    "week": ("W", 7 * DAY),
    "day": ("D", DAY),
    "hour": ("h", 3600.0),
    "minute": ("min", 60.0),
    "second": ("s", 1.0),
}
