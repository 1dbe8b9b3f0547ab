"""Rows in time order: sorting, repeated time stamps, the step between rows, and gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmsize.readers.stamps import DAY, MONTH, YEAR, Unit
from lstmsize.series import FloatArray, Step

IntArray = NDArray[np.int64]

# An hour of daylight saving is 4 % of a day.
_JITTER = 0.05
_WEEKDAY = 7 * DAY / 5
_UNITS = (("W", 7 * DAY), ("D", DAY), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3))


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The even grid that fits time stamps best.

    Parameters
    ----------
    step : Step or None
        Its step; None where the unit of the time stamps is unknown.
    counts : ndarray
        For each row but the first, how many steps it is from the row before; 0 where it is off the grid.
    """

    step: Step | None
    counts: IntArray

    @property
    def evenness(self) -> float:
        """Share of rows that are one step from the row before."""
        return float(np.mean(self.counts == 1)) if self.counts.size else 1.0

    @property
    def gaps(self) -> int:
        """Time stamps that are missing."""
        return int(np.sum(self.counts[self.counts > 1] - 1))

    @property
    def uneven(self) -> IntArray:
        """Places in ``counts`` that are not one step."""
        return np.flatnonzero(self.counts != 1)


def out_of_order(times: FloatArray) -> int:
    """Return how many rows come after a row with a later time stamp."""
    return int(np.sum(times < np.maximum.accumulate(times)))


def repeats(times: FloatArray) -> IntArray:
    """Return the rows of sorted times that have the time of the row before."""
    return np.flatnonzero(times[1:] == times[:-1]) + 1


def grid(times: FloatArray, *, calendar: bool, unit: Unit | None) -> Grid:
    """Fit an even grid to time stamps.

    Parameters
    ----------
    times : ndarray
        Sorted, without repeats.
    calendar : bool
        Whether they are seconds since 1970; months, quarters, years and weekdays are then recognised.
    unit : tuple or None
        Label and length in seconds of one, where the stamps only count.

    Returns
    -------
    Grid
        The grid on which most rows are one step apart.
    """
    distances = np.diff(times)
    if not distances.size:
        return Grid(step=None, counts=np.zeros(0, dtype=np.int64))
    # The lower median is a distance that occurs, also among months of 30 and 31 days.
    middle = float(np.partition(distances, (distances.size - 1) // 2)[(distances.size - 1) // 2])
    fixed = Grid(step=_step(middle, calendar=calendar, unit=unit), counts=_multiples(distances, middle))
    if not calendar:
        return fixed
    options = [fixed]
    if middle >= 27.5 * DAY:
        options.insert(0, _months(times, max(1, round(middle / MONTH))))
    if middle == DAY and fixed.gaps:
        options += _weekdays(times)
    return max(options, key=lambda option: option.evenness)


def _step(middle: float, *, calendar: bool, unit: Unit | None) -> Step | None:
    if calendar:
        return Step(label=label(middle), seconds=middle)
    if unit is None:
        return None
    return Step(label=f"{middle:g}{unit[0]}", seconds=middle * unit[1])


def label(seconds: float) -> str:
    """Return the short name of a step: ``30min``, ``1h``, ``1D``, ``1W``."""
    for name, length in _UNITS:
        count = round(seconds / length)
        if count and abs(seconds - count * length) <= 1e-6 * seconds:
            return f"{count}{name}"
    return f"{seconds:g}s"


def _multiples(distances: FloatArray, middle: float) -> IntArray:
    counts = np.rint(distances / middle)
    off = np.abs(distances - counts * middle) > _JITTER * middle
    counts[off] = 0
    return counts.astype(np.int64)


def _months(times: FloatArray, every: int) -> Grid:
    days = np.floor(times / DAY).astype(np.int64).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    place = (days - months.astype("datetime64[D]")).astype(np.int64)
    # The 28th and later may be month ends of different lengths.
    same = (place[1:] == place[:-1]) | ((place[1:] >= 27) & (place[:-1] >= 27))
    numbers: IntArray = months.astype(np.int64)
    apart = numbers[1:] - numbers[:-1]
    counts: IntArray = np.where(same & (apart % every == 0), apart // every, 0)
    if every % 12 == 0:
        step = Step(label=f"{every // 12}Y", seconds=every // 12 * YEAR)
    else:
        step = Step(label="1Q" if every == 3 else f"{every}M", seconds=every * MONTH)
    return Grid(step=step, counts=counts)


def _weekdays(times: FloatArray) -> list[Grid]:
    days = np.floor(times / DAY).astype(np.int64).astype("datetime64[D]")
    if not np.all(np.is_busday(days)):
        return []
    counts = np.busday_count(days[:-1], days[1:]).astype(np.int64)
    return [Grid(step=Step(label="1B", seconds=_WEEKDAY), counts=counts)]
