"""Windows and lags of a series: windows are row numbers, and nothing is copied until a batch is gathered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstmsize.series import FloatArray

IndexArray = NDArray[np.intp]

MOST_FORECAST = 4096
"""Forecasts that are evaluated in one block at most; more are thinned out evenly."""

_MOST_AUTO = 96
_PREFERRED = 48
_SHORTEST_SEASON = 12


def warm_up(window: int) -> int:
    """Return the first steps of a window whose forecasts are not trained on: a quarter of it."""
    return window // 4


def scored_rows(start: int, stop: int, most: int = MOST_FORECAST) -> IndexArray:
    """Choose the rows of a block that are scored.

    Parameters
    ----------
    start, stop : int
        The block.
    most : int
        Upper limit of the number of rows.

    Returns
    -------
    ndarray of int
        All rows, or `most` of them evenly spread, the last one included; the same for every model.
    """
    if stop - start <= most:
        return np.arange(start, stop)
    return np.linspace(start, stop - 1, most).round().astype(np.intp)


def segment_ends(start: int, stop: int, window: int, most: int = 128) -> IndexArray:
    """Cover a block with windows that overlap by their warm-up only.

    Parameters
    ----------
    start, stop : int
        The block to cover; the windows may begin before it.
    window : int
        Steps per window.
    most : int
        Upper limit of the number of windows; more are thinned out evenly.

    Returns
    -------
    ndarray of int
        The last row of each window.
    """
    stride = window - warm_up(window)
    ends = np.sort(np.arange(stop - 1, start - 1, -stride))
    if len(ends) > most:
        ends = ends[np.linspace(0, len(ends) - 1, most).round().astype(np.intp)]
    return ends


def choose_window(rows: int, seasons: tuple[int, ...]) -> tuple[int, str]:
    """Choose how many past steps the network sees.

    Parameters
    ----------
    rows : int
        Rows of the first fold's head.
    seasons : tuple of int
        Periods in steps.

    Returns
    -------
    steps : int
        The window.
    reason : str
        Why.
    """
    room = max(2, rows // 6)
    for season in seasons:
        if _SHORTEST_SEASON <= season <= min(_MOST_AUTO, room):
            steps = season if season >= _PREFERRED // 2 else season * -(-_PREFERRED // 2 // season)
            if steps <= room:
                return steps, f"whole seasons of {season} steps; longer ones come as further channels"
    if room < _PREFERRED:
        return room, f"a sixth of the {rows} rows that the first training begins with"
    return (
        _PREFERRED,
        "the default; what lies further back comes through seasonal lags or the forecast that is corrected",
    )


def lagged(values: FloatArray, lag: int, start: int = 0, stop: int | None = None) -> FloatArray:
    """Shift values by a lag: row t holds row t - lag, NaN before that; all rows, or those from start to stop."""
    stop = len(values) if stop is None else stop
    shifted = np.full(stop - start, np.nan)
    known = max(start, lag)
    shifted[known - start :] = values[known - lag : max(known, stop) - lag]
    return shifted
