"""Wording of what is wrong in an input: values shortened, places collected into one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray


MOST_SHOWN = 3
"""Places that are named of many."""


def quoted(value: str, limit: int = 40) -> str:
    """Return the value as a reader can tell it apart: in quotes, with escapes, shortened."""
    return repr(value if len(value) <= limit else f"{value[: limit - 1]}…")


def on_line(value: str, line: int) -> str:
    """Return ``'x' on line 3``."""
    return f"{quoted(value)} on line {line}"


def listed(names: Iterable[str], limit: int = 12) -> str:
    """Return ``'a', 'b' and 'c'``, or the first of them ``and 12 more``."""
    every = [quoted(name) for name in names]
    if len(every) > limit:
        return f"{', '.join(every[:limit])} and {len(every) - limit} more"
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}"


def first_of(texts: Sequence[str]) -> str:
    """Return the first three, with ``...`` for the others."""
    return ", ".join(texts[:MOST_SHOWN]) + (", ..." if len(texts) > MOST_SHOWN else "")


def nearest(wanted: str, names: Sequence[str]) -> str:
    """Return ``, did you mean 'x'?`` for a misspelt name; empty where nothing is near."""
    by_case = {name.casefold(): name for name in names}
    near = get_close_matches(wanted.casefold(), by_case, n=1)
    return f", did you mean {quoted(by_case[near[0]])}?" if near else ""


@dataclass
class Places:
    """Where something went wrong: the first three places, and how many there are.

    Parameters
    ----------
    shown : list of str
        Wording of the first places.
    count : int
        Number of places.
    """

    shown: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, text: str) -> None:
        """Note one more place."""
        self.count += 1
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(text)

    def extend(self, later: Places) -> None:
        """Note the places of another."""
        self.count += later.count
        self.shown = (self.shown + later.shown)[:MOST_SHOWN]

    def __str__(self) -> str:
        more = self.count - len(self.shown)
        if more:
            return f"{', '.join(self.shown)} and {more:,} more"
        return " and ".join(filter(None, [", ".join(self.shown[:-1]), self.shown[-1]]))


def rows_listed(rows: NDArray[np.intp]) -> str:
    """Return ``rows 3, 7, 8 and 12 more`` (counted from 0) for values given in memory."""
    text = ", ".join(map(str, rows[:MOST_SHOWN]))
    more = f" and {len(rows) - MOST_SHOWN:,} more" if len(rows) > MOST_SHOWN else ""
    return f"row{'' if len(rows) == 1 else 's'} {text}{more} (counted from 0)"
