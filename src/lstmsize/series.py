"""The series itself: values in time order, with where they come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lstmsize.errors import DataError
from lstmsize.findings import Finding

FloatArray = NDArray[np.float64]

_LARGEST = 1e70
"""Fourth powers of values, and of their reciprocals, are to be finite."""


@dataclass(frozen=True, kw_only=True)
class ReadAs:
    """How a file was read; stands in the answer so that a misreading is seen.

    Parameters
    ----------
    separator, decimal : str
        Column separator and decimal mark.
    encoding : str
        Character encoding.
    header : bool
        Whether the first row names the columns.
    gaps : int
        Time stamps that are missing from an otherwise even grid.
    """

    separator: str
    decimal: str
    encoding: str
    header: bool
    gaps: int = 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """The distance of two rows in time.

    Parameters
    ----------
    label : str
        Short name, as in ``30min``, ``1h``, ``1D``, ``1M``, ``1Y``.
    seconds : float
        Length in seconds; months and years at their mean length.
    """

    label: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Series:
    """One series in time order.

    Parameters
    ----------
    values : ndarray of float64, shape (time, channels)
        Finite values; the first channel is the target.
    names : tuple of str
        Names of the channels.
    group : str
        Which series this is among several; empty for a single one.
    source : str
        Path or description of where it came from.
    sha256 : str
        Hash of the bytes it was read from.
    time_name : str or None
        Name of the time column.
    step : Step or None
        Distance of two rows in time, where known.
    breaks : tuple of int
        Rows that are not one step after the row before: time stamps are missing there, or off the grid.
    read_as : ReadAs or None
        How the file was read; None for values given in memory.
    findings : tuple of Finding
        What was noticed while reading.

    Raises
    ------
    DataError
        If the values are not a finite two-dimensional array, or too large or too small to be squared.
    """

    values: FloatArray
    names: tuple[str, ...]
    group: str = ""
    source: str = "<memory>"
    sha256: str = field(default="")
    time_name: str | None = None
    step: Step | None = None
    breaks: tuple[int, ...] = ()
    read_as: ReadAs | None = None
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        try:
            values = np.array(self.values, dtype=np.float64, order="C")
        except (TypeError, ValueError) as error:
            raise DataError(f"{self.source}: a series needs numbers: {error}") from None
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise DataError(f"a series needs an array of shape (time, {len(self.names)}), found {values.shape}")
        finite = np.isfinite(values).all(axis=1)
        if not finite.all():
            row = int(np.flatnonzero(~finite)[0])
            raise DataError(
                f"{self.source}: row {row} (counted from 0) is missing or infinite; "
                "fill or drop such rows before asking"
            )
        largest = float(np.abs(values).max(initial=0.0))
        if largest > _LARGEST or 0 < largest < 1 / _LARGEST:
            raise DataError(
                f"{self.source}: the largest value is {largest:g}, outside {1 / _LARGEST:g} to {_LARGEST:g}; "
                "rescale the values, or take their logarithm"
            )
        values.setflags(write=False)
        object.__setattr__(self, "values", values)
        if not self.sha256:
            object.__setattr__(self, "sha256", hashlib.sha256(values.tobytes()).hexdigest())

    @property
    def target(self) -> FloatArray:
        """The values to forecast, shape (time,)."""
        return self.values[:, 0]

    @property
    def rows(self) -> int:
        """Number of time steps."""
        return int(self.values.shape[0])
