"""Values that are already in memory: arrays, lists, and columns of pandas and polars (never imported)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lstmsize.errors import DataError
from lstmsize.naming import counted
from lstmsize.readers.columns import Column, TimeColumns, choose, find, refuse_measured
from lstmsize.readers.descent import descents_of, newest_first
from lstmsize.readers.labels import Labels, told_apart
from lstmsize.readers.order import Ordered, Rows, ignored, in_time_order
from lstmsize.readers.runs import Counter, Runs, counters_of, refuse_joined, runs_of
from lstmsize.readers.stamps import Reading, text_readings
from lstmsize.readers.wording import listed, quoted, rows_listed
from lstmsize.series import FloatArray, Series

if TYPE_CHECKING:
    from collections.abc import Sequence

_SOURCE = "<memory>"
_SAMPLE = 200

AnyArray = NDArray[Any]
Stamps = list[tuple[Reading, FloatArray]]


def read_memory(source: Any, *, target: str | None, time: str | None) -> Series:
    """Read one series from values in memory.

    Parameters
    ----------
    source : array, sequence of float, or Series or DataFrame of pandas or polars
        The values.
    target, time : str or None
        Columns that the user named.

    Returns
    -------
    Series
        The values in time order.

    Raises
    ------
    DataError
        If the values are not one finite series of numbers, or the choice of columns is not clear.
    """
    if hasattr(source, "collect") and not hasattr(source, "to_numpy"):
        raise DataError(f"{_SOURCE}: a {type(source).__name__} holds no values yet; call its collect() first")
    if getattr(getattr(source, "index", None), "nlevels", 1) > 1:
        source = _levels_as_columns(source)
    if hasattr(source, "columns") and hasattr(source, "__getitem__"):
        series = _read_frame(source, target, time)
    else:
        series = _read_values(source, target, time)
    if series.time_name is None and _is_shuffled(getattr(source, "index", None)):
        finding = ignored(_index_name(source) or "index", "its values do not grow from row to row")
        return replace(series, findings=(*series.findings, finding))
    return series


def _read_values(source: Any, target: str | None, time: str | None) -> Series:
    values = _array(source)
    name = getattr(source, "name", None)
    named = str(name) if name not in (None, "") else None
    if named is not None and target not in (None, named):
        raise DataError(f"{_SOURCE}: --target {quoted(str(target))}: the series is called {quoted(named)}")
    stamps, index_name = _index_stamps(source), _index_name(source)
    if time is not None and (not stamps or time != index_name):
        raise DataError(f"{_SOURCE}: --time {quoted(time)}: a single series of values has no such column")
    return _series(values, target or named or "value", stamps, index_name, chosen=True)


_CALENDAR = Reading("date and time", float)


def _levels_as_columns(source: Any) -> Any:
    """Return a frame whose columns hold what several levels of an index held, times among them."""
    try:
        return source.reset_index()
    except ValueError as error:
        raise DataError(
            f"{_SOURCE}: the levels of the index cannot become columns: {error}; rename them"
        ) from None


def _read_frame(frame: Any, target: str | None, time: str | None) -> Series:
    names = [str(name) for name in frame.columns]
    if not names:
        raise DataError(f"{_SOURCE}: the {type(frame).__name__} has no columns; give one with numbers")
    arrays = [_cells(column) for column in _columns_of(frame)]
    columns = [_column(name, place, array) for place, (name, array) in enumerate(zip(names, arrays, strict=True))]
    stamps, index_name = _index_stamps(frame), _index_name(frame)
    if stamps and (time is None or (time == index_name and time not in names)):
        chosen = find(_SOURCE, columns, target, "--target") if target is not None else None
        free = [column for column in columns if column.kind != "time"] if chosen is None else []
        chosen = chosen or choose(_SOURCE, free or columns, target=None, time=None)[0]
        values = _numbers(arrays[chosen.index], chosen.name)
        series = _series(values, chosen.name, stamps, index_name, chosen=True)
    else:
        series = _read_columns(columns, arrays, target, time)
        chosen = columns[names.index(series.names[0])]
        values = _numbers(arrays[chosen.index], chosen.name)
    if series.time_name is None:
        runs = [run for run in runs_of(columns, chosen) if _noted(run, arrays)]
        counters = [one for one in counters_of(columns, chosen) if runs and _noted(one, arrays)]
        refuse_joined(_SOURCE, "row", runs, counters)
        falling = newest_first(one for one in descents_of(columns, chosen, ",") if _noted(one, arrays))
        series = replace(series, findings=(*series.findings, *falling))
    texts = [Labels(column) for column in columns if column.kind == "text"]
    labels = [one for one in texts if _labelled(one, arrays[one.column.index], values)]
    return replace(series, findings=(*series.findings, *told_apart(labels)))


def _columns_of(frame: Any) -> list[Any]:
    """Each column by its place, because names may come twice in pandas."""
    if hasattr(frame, "items"):
        return [column for _, column in frame.items()]
    return [frame[name] for name in frame.columns]


def _cells(column: Any) -> AnyArray:
    if str(getattr(column, "dtype", "")).startswith("period"):
        column = column.dt.to_timestamp()
    return np.asarray(column.to_numpy())


def _read_columns(columns: list[Column], arrays: list[AnyArray], target: str | None, time: str | None) -> Series:
    chosen, clock = choose(_SOURCE, columns, target=target, time=time)
    values = _numbers(arrays[chosen.index], chosen.name)
    if clock is None:
        return _series(values, chosen.name, [], None, chosen=False)
    stamps = _stamps(clock, [arrays[column.index] for column in clock.columns])
    if not stamps:
        finding = ignored(clock.name, f"{quoted(next(iter(clock.sample), ''))} is no time stamp")
        return Series(
            values=_finite(values, chosen.name)[:, np.newaxis], names=(chosen.name,), findings=(finding,)
        )
    sure = clock.named or any(column.kind != "number" for column in clock.columns)
    others = tuple(column.name for column in columns if column.kind == "text")
    series = _series(values, chosen.name, stamps, clock.name, chosen=sure, others=others)
    if series.time_name is None and target is None:
        refuse_measured(_SOURCE, chosen, clock, columns)
    return series


def _noted(one: Runs | Counter, arrays: Sequence[AnyArray]) -> bool:
    """Show a column to one that asks for several series; return whether it may still tell them apart."""
    cells = ("" if _is_null(item) else str(item) for item in arrays[one.column.index])
    return all(one.add(row, cell) for row, cell in enumerate(cells))


def _labelled(labels: Labels, array: AnyArray, values: FloatArray) -> bool:
    """Note the values by the label beside them; return whether there are few enough labels."""
    return all(labels.add(str(item), value) for item, value in zip(array, values.tolist(), strict=True))


def _series(
    values: FloatArray,
    name: str,
    stamps: Stamps,
    time_name: str | None,
    *,
    chosen: bool,
    others: tuple[str, ...] = (),
) -> Series:
    values = _finite(values, name)
    ordered = Ordered(values=values, timed=False)
    if stamps:
        rows = Rows(
            source=_SOURCE,
            values=values,
            places=np.arange(len(values)),
            place="row",
            time_name=time_name or "index",
            chosen=chosen,
            others=others,
        )
        ordered = in_time_order(rows, stamps)
    return Series(
        values=ordered.values[:, np.newaxis],
        names=(name,),
        time_name=(time_name or "index") if ordered.timed else None,
        step=ordered.step,
        breaks=ordered.breaks,
        findings=ordered.findings,
    )


def _array(source: Any) -> FloatArray:
    given = source.to_numpy() if hasattr(source, "to_numpy") else source
    if np.ma.is_masked(given):
        # As objects, so that whole numbers, too, can be missing.
        hidden = np.ma.getmaskarray(given)
        given = np.array(given.data, dtype=object)
        given[hidden] = None
    try:
        array = np.asarray(given)
    except ValueError:
        raise DataError(f"{_SOURCE}: the values are nested unevenly; give one number for each time step") from None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{_SOURCE}: needs one series, an array of shape (time,), found shape {array.shape}")
    return _numbers(array, "value")


def _numbers(array: AnyArray, name: str) -> FloatArray:
    if array.dtype.kind in "iuf":
        return np.array(array, dtype=np.float64)
    if array.dtype.kind == "O":
        try:
            # Columns with missing values of their own kind arrive as objects.
            return np.array([np.nan if _is_null(item) else _strict(item) for item in array], dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            pass
    raise DataError(
        f"{_SOURCE}: column {quoted(name)} holds no numbers but {array.dtype}; give numbers, as float64"
    )


def _strict(item: Any) -> float:
    if isinstance(item, str | bytes | bool | complex):
        raise TypeError(item)
    return float(item)


def _is_null(item: Any) -> bool:
    return item is None or type(item).__name__ in ("NAType", "NaTType")


def _finite(values: FloatArray, name: str) -> FloatArray:
    if not values.size:
        raise DataError(f"{_SOURCE}: column {quoted(name)} has no values; give at least one")
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise DataError(
            f"{_SOURCE}: column {quoted(name)}: {counted(bad.size, 'value')} missing or infinite, "
            f"{rows_listed(bad)}; fill in or remove these rows"
        )
    return values


def _index_stamps(source: Any) -> Stamps:
    """Return the times of an index of pandas: dates, periods, or their texts; none for any other index."""
    index = getattr(source, "index", None)
    if index is None or callable(index):
        return []
    if hasattr(index, "to_timestamp"):
        index = index.to_timestamp()
    if not hasattr(index, "to_numpy"):
        return []
    array = np.asarray(index.to_numpy())
    column = _column(_index_name(source) or "index", 0, array)
    return _stamps(TimeColumns(columns=(column,), named=True), [array]) if column.kind == "time" else []


def _is_shuffled(index: Any) -> bool:
    """Tell whether an index of pandas counts, but not upwards."""
    counts = hasattr(index, "dtype") and index.dtype.kind in "iufm"
    return counts and not index.is_monotonic_increasing


def _index_name(source: Any) -> str | None:
    name = getattr(getattr(source, "index", None), "name", None)
    return None if name is None else str(name)


def _holds_datetimes(array: AnyArray) -> bool:
    if array.dtype.kind == "M":
        return True
    present = [item for item in array[:_SAMPLE] if not _is_null(item)] if array.dtype.kind == "O" else []
    return bool(present) and all(isinstance(item, date) for item in present)


def _datetimes(array: AnyArray, name: str) -> FloatArray:
    if array.dtype.kind != "M":
        array = _converted(array, name)
    empty = np.flatnonzero(np.isnat(array))
    if empty.size:
        raise DataError(
            f"{_SOURCE}: column {quoted(name)}: {counted(empty.size, 'time stamp')} missing, "
            f"{rows_listed(empty)}; fill in or remove these rows"
        )
    return (array - np.datetime64(0, "s")) / np.timedelta64(1, "s")


def _converted(array: AnyArray, name: str) -> AnyArray:
    """Dates and times as those of numpy, in UTC where they have an offset."""
    aware = {item.tzinfo is not None for item in array if isinstance(item, datetime) and not _is_null(item)}
    if len(aware) > 1:
        raise DataError(
            f"{_SOURCE}: column {quoted(name)}: some time stamps have an offset from UTC and others have none; "
            "give all of them one"
        )
    converted = []
    for row, item in enumerate(array):
        try:
            converted.append(_without_offset(item))
        except (TypeError, ValueError, OverflowError):
            raise _stray(name, str(item), row) from None
    return np.array(converted, dtype="datetime64[us]")


def _stray(name: str, cell: str, row: int) -> DataError:
    return DataError(
        f"{_SOURCE}: column {quoted(name)}: {quoted(cell)} in row {row} (counted from 0) "
        "is no time stamp like the others; mend it, or name another column with --time"
    )


def _without_offset(item: Any) -> Any:
    if _is_null(item):
        return None
    if isinstance(item, np.datetime64):
        return item.astype("datetime64[us]")
    if not isinstance(item, date):
        raise TypeError(item)
    if isinstance(item, datetime) and item.tzinfo is not None:
        return np.datetime64(round(item.timestamp() * 1e6), "us")
    return (
        np.datetime64(item.replace(tzinfo=None), "us") if isinstance(item, datetime) else np.datetime64(item, "us")
    )


def _column(name: str, place: int, array: AnyArray) -> Column:
    sample = tuple("" if _is_null(item) else str(item) for item in array[:_SAMPLE])
    if _holds_datetimes(array):
        return Column(name=name, index=place, kind="time", sample=sample)
    if array.dtype.kind in "iuf":
        return Column(name=name, index=place, kind="number", sample=sample)
    if array.dtype.kind == "O" and not any(isinstance(item, str) for item in array[:_SAMPLE]):
        return Column(name=name, index=place, kind="number", sample=sample)
    return Column(name=name, index=place, kind="time" if text_readings(sample) else "text", sample=sample)


def _stamps(clock: TimeColumns, arrays: Sequence[AnyArray]) -> Stamps:
    if len(arrays) == 1 and _holds_datetimes(arrays[0]):
        return [(_CALENDAR, _datetimes(arrays[0], clock.name))]
    readings = clock.readings(",")
    cells = [clock.template.format(*map(str, row)) for row in zip(*arrays, strict=True)]
    stamps: Stamps = []
    row = 0
    for reading in readings:
        try:
            times = []
            for row, cell in enumerate(cells):  # noqa: B007 (the row is named when the loop breaks)
                times.append(reading.time(cell.strip()))
            stamps.append((reading, np.array(times)))
        except (ValueError, TypeError, OverflowError):
            continue
    if readings and not stamps:
        raise _stray(clock.name, cells[row], row)
    if clock.named and not stamps:
        raise DataError(
            f"{_SOURCE}: column {quoted(clock.name)} (--time) holds no time stamps, found "
            f"{listed(clock.sample[:3])}; convert it to date and time"
        )
    return stamps
