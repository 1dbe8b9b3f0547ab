"""Regressors of each row, and their cross products: made and summed up a chunk of rows at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lstmsize.series import FloatArray
from lstmsize.windows import lagged

_MOST_KEPT, _CHUNK = 8192, 4096
"""Rows at most of which all regressors are kept, and rows of a longer design of which they are held at a time."""


@dataclass(frozen=True, kw_only=True)
class Design(ABC):
    """Regressors, made a chunk of rows at a time, and the cross products of theirs that several regressions share.

    Each is known before its row, and NaN where the past is too short. Those of a short series are kept.
    """

    _grams: dict[tuple[int, int], FloatArray] = field(init=False, default_factory=dict)

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """Rows, and regressors."""

    @abstractmethod
    def fill(self, columns: FloatArray, start: int, chosen: Sequence[int] | NDArray[np.intp]) -> None:
        """Write some regressors of the rows from `start` on, shape (chosen, rows)."""

    @cached_property
    def _whole(self) -> FloatArray | None:
        rows, width = self.shape
        return self._made(0, rows, range(width)) if rows <= _MOST_KEPT else None

    def _made(self, start: int, stop: int, chosen: Sequence[int] | NDArray[np.intp]) -> FloatArray:
        columns = np.empty((len(chosen), stop - start))
        self.fill(columns, start, chosen)
        return columns.T

    def columns(self, start: int, stop: int, chosen: NDArray[np.intp]) -> FloatArray:
        """Return some regressors of some rows, shape (rows, chosen), each in one piece of memory."""
        return self._made(start, stop, chosen) if self._whole is None else self._whole.T[chosen, start:stop].T

    def chunks(self, start: int, stop: int) -> Iterator[tuple[slice, FloatArray]]:
        """Yield rows, and all regressors of these, which are overwritten by the next ones."""
        if self._whole is not None:
            yield slice(start, stop), self._whole[start:stop]
            return
        width = self.shape[1]
        held = np.empty((width, max(0, min(_CHUNK, stop - start))))
        for first in range(start, stop, _CHUNK):
            rows = slice(first, min(first + _CHUNK, stop))
            columns = held[:, : rows.stop - first]
            self.fill(columns, first, range(width))
            yield rows, columns.T

    @cached_property
    def first(self) -> int:
        """First row that is complete."""
        for rows, columns in self.chunks(0, self.shape[0]):
            complete = np.isfinite(columns).all(axis=1)
            if complete.any():
                return int(rows.start + np.argmax(complete))
        return 0

    def gram(self, start: int, stop: int) -> FloatArray:
        """Cross products of the columns and, last, a constant over some rows."""
        if (start, stop) not in self._grams:
            width = self.shape[1] + 1
            gram = np.zeros((width, width))
            for _, rows in self.chunks(start, stop):
                sums = rows.sum(axis=0)
                gram += np.block([[rows.T @ rows, sums[:, None]], [sums, float(len(rows))]])
            self._grams[start, stop] = gram
        return self._grams[start, stop]

    def moments(self, targets: Sequence[tuple[FloatArray, int]], stop: int) -> list[FloatArray]:
        """Cross products of the columns, and of a constant, with targets on the rows from each one's start on."""
        moments = [np.zeros(self.shape[1] + 1) for _ in targets]
        for rows, columns in self.chunks(min(start for _, start in targets), stop):
            for sums, (target, start) in zip(moments, targets, strict=True):
                skipped = max(0, start - rows.start)
                part = target[rows][skipped:]
                sums += np.append(part @ columns[skipped:], part.sum())
        return moments

    def times(self, coefficients: FloatArray) -> FloatArray:
        """Return the columns of all rows times slopes, plus the intercept that follows these."""
        parts = [columns @ coefficients[:-1] for _, columns in self.chunks(0, self.shape[0])]
        found: FloatArray = np.concatenate(parts) + coefficients[-1]
        return found


@dataclass(frozen=True, kw_only=True)
class Lags(Design):
    """Past values and, behind them, further terms.

    Parameters
    ----------
    values : ndarray, shape (rows,)
        What is lagged.
    lags : sequence of int
        Past steps.
    terms : ndarray, shape (rows, terms), optional
        What else is known of each row.
    """

    values: FloatArray
    lags: Sequence[int]
    terms: FloatArray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and regressors."""
        return len(self.values), len(self.lags) + (0 if self.terms is None else self.terms.shape[1])

    def fill(self, columns: FloatArray, start: int, chosen: Sequence[int] | NDArray[np.intp]) -> None:
        """Shift the values by each lag."""
        stop = start + columns.shape[1]
        for column, position in zip(columns, chosen, strict=True):
            if position < len(self.lags):
                column[:] = lagged(self.values, self.lags[position], start, stop)
            elif self.terms is not None:
                column[:] = self.terms[start:stop, position - len(self.lags)]
