"""Tells whether the level of the values hangs on a column of text, as where several series take turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmsize.findings import Code, Finding, Severity
from lstmsize.readers.wording import first_of, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lstmsize.readers.columns import Column

_MOST_LABELS = 50
_LEAST_ROWS = 3
_SHARE = 0.8
"""Part of the values' variance that lies between the labels; of ordinary remarks beside a series few reach it."""


class Labels:
    """Count, sum and sum of squares of the values by the label beside them.

    Parameters
    ----------
    column : Column
        The column of the labels.
    """

    def __init__(self, column: Column) -> None:
        self.column = column
        self._sums: dict[str, list[float]] = {}
        self._shift: float | None = None

    def add(self, label: str, value: float) -> bool:
        """Note the next row; return whether there are few enough labels so far."""
        if self._shift is None:
            self._shift = value  # so that large levels do not eat the digits
        apart = value - self._shift
        sums = self._sums.setdefault(label.strip(), [0.0, 0.0, 0.0])
        sums[0] += 1
        sums[1] += apart
        sums[2] += apart * apart
        return len(self._sums) <= _MOST_LABELS

    @property
    def share(self) -> float:
        """Part of the variance between labels, allowing for their number (the adjusted coefficient)."""
        groups = list(self._sums.values())
        count, total, squares = (sum(part) for part in zip(*groups, strict=True))
        within = squares - sum(group[1] ** 2 / group[0] for group in groups)
        around = squares - total**2 / count
        freedom = count - len(groups)
        if freedom < 1 or around <= 0 or min(group[0] for group in groups) < _LEAST_ROWS:
            return 0.0
        found: float = 1 - within / freedom / (around / (count - 1))
        return found

    @property
    def shown(self) -> str:
        """The first labels."""
        return first_of([quoted(label) for label in self._sums])


def told_apart(labels: Iterable[Labels]) -> list[Finding]:
    """Return a finding for each column of text on which the level of the values hangs."""
    return [
        Finding(
            code=Code.SEVERAL_SERIES,
            severity=Severity.WARNING,
            message=f"{share:.0%} of the variance of the values lies between the labels of column "
            f"{quoted(one.column.name)} ({one.shown}): if these are several series, they were read as one",
            next="keep the rows of one series, or remove the column if all rows are one",
        )
        for one in labels
        if (share := one.share) >= _SHARE
    ]
