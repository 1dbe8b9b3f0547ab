"""The cut in time order: development part, untouched holdout, rolling-origin folds."""

from __future__ import annotations

from dataclasses import dataclass

from lstmsize.errors import DataError
from lstmsize.naming import counted

HOLDOUT_SHARE = 0.2
"""Fraction of the rows, at the end, that only the verdict looks at."""

FOLDS = 3
"""Rolling origins inside the development part."""

SCORED_SHARE = 0.12
"""Fraction of the development part that each fold scores."""

TAIL_SHARE = 0.2
"""Fraction of a training part, at its end, on which choices inside the fold are made."""

MOST_HOLDOUT, MOST_SCORED, MOST_TAIL = 20_000, 5_000, 4_000
"""Rows of holdout, scored block and tail at most: longer ones would cost time and settle nothing more."""

MOST_LEARNT = 200_000
"""Rows before a scored block that a network learns from at most: the latest, more than all its steps can show."""

LEAST_HEAD, LEAST_TAIL, LEAST_SCORED = 12, 3, 3


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One origin: choices on head | tail, refit on head + tail, scores on the block after it.

    Parameters
    ----------
    head_stop : int
        First row of the tail.
    train_stop : int
        First row of the scored block; rows before it may be learnt from.
    score_stop : int
        First row after the scored block.
    """

    head_stop: int
    train_stop: int
    score_stop: int

    def without(self, rows: int) -> Fold:
        """Return the fold of a series whose first rows are left out."""
        return Fold(
            head_stop=self.head_stop - rows, train_stop=self.train_stop - rows, score_stop=self.score_stop - rows
        )


@dataclass(frozen=True, kw_only=True)
class Splits:
    """All the cuts of one series.

    Parameters
    ----------
    rows : int
        Length of the series.
    development : int
        First row of the holdout.
    folds : tuple of Fold
        Rolling origins in time order.
    """

    rows: int
    development: int
    folds: tuple[Fold, ...]

    @property
    def final(self) -> Fold:
        """The holdout seen as a fold: trained on the development part, scored on the rest."""
        return _fold(self.development, self.rows)


def cut(rows: int) -> Splits:
    """Cut a series of so many rows.

    Parameters
    ----------
    rows : int
        Number of time steps.

    Returns
    -------
    Splits
        Development part, folds and holdout.
    """
    development = rows - min(MOST_HOLDOUT, round(rows * HOLDOUT_SHARE))
    block = min(MOST_SCORED, max(LEAST_SCORED, int(development * SCORED_SHARE)))
    stops = [development - block * k for k in range(FOLDS, 0, -1)]
    return Splits(rows=rows, development=development, folds=tuple(_fold(stop, stop + block) for stop in stops))


def rows_needed(window: int) -> int:
    """Return the fewest rows with which every part of the cut can be filled.

    Parameters
    ----------
    window : int
        Past steps that a forecast looks back.

    Returns
    -------
    int
        The smallest length whose first fold leaves at least `LEAST_HEAD` forecasts to learn from.
    """
    rows = window + LEAST_HEAD
    # Rounding makes single lengths fit by luck: all that follow shall fit as well.
    while not all(_fits(cut(rows + more), window) for more in range(12)):
        rows += 1
    return rows


def require_window(rows: int, window: int, source: str) -> None:
    """Refuse a window that is as long as the series or longer.

    Raises
    ------
    DataError
        With one that may fit.
    """
    if window >= rows:
        raise DataError(
            f"{source}: --window {window} does not fit into the data, which has {counted(rows, 'row')}; "
            f"use --window {_modest(rows)} or auto"
        )


def require_rows(rows: int, window: int, source: str) -> None:
    """Refuse a series that is too short for the request.

    Parameters
    ----------
    rows : int
        Its length.
    window : int
        Past steps that a forecast looks back.
    source : str
        Where it came from, for the message.

    Raises
    ------
    DataError
        If the parts would be too small; the message states the rows needed, and a window that fits if one does.
    """
    needed = rows_needed(window)
    if rows < needed:
        modest = _modest(rows)
        mended = f"; use --window {modest} or auto" if modest < window and rows_needed(modest) <= rows else ""
        raise DataError(
            f"{source}: {rows} {'row is' if rows == 1 else 'rows are'} too few; a window of {window} steps needs "
            f"at least {needed} rows for {FOLDS} folds and a holdout{mended}"
        )


def _modest(rows: int) -> int:
    """A window that leaves most of the rows to learn from."""
    return max(1, rows // 10)


def _fold(train_stop: int, score_stop: int) -> Fold:
    tail = min(MOST_TAIL, max(LEAST_TAIL, round(train_stop * TAIL_SHARE)))
    return Fold(head_stop=train_stop - tail, train_stop=train_stop, score_stop=score_stop)


def _fits(splits: Splits, window: int) -> bool:
    first = splits.folds[0]
    holdout = splits.rows - splits.development
    return first.head_stop - window >= LEAST_HEAD and holdout >= LEAST_SCORED
