"""Wording of what is wrong in an input: values shortened, places collected into one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def quoted(value: str, limit: int = 40) -> str:
    """Return the value as a reader can tell it apart: in quotes, with escapes, shortened."""
    return repr(value if len(value) <= limit else f"{value[: limit - 1]}…")


def listed(names: Iterable[str], limit: int = 12) -> str:
    """Return ``'a', 'b' and 'c'``, or the first of them ``and 12 more``."""
    every = [quoted(name) for name in names]
    if len(every) > limit:
        return f"{', '.join(every[:limit])} and {len(every) - limit} more"
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}"


def counted(number: int, noun: str) -> str:
    """Return ``1 line`` or ``12 lines``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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

    def add(self, line: int, value: str | None = None) -> None:
        """Note one more place, with the value found there where it tells something."""
        self.count += 1
        if len(self.shown) < 3:
            self.shown.append(f"line {line}" if value is None else f"{quoted(value)} on line {line}")

    def __str__(self) -> str:
        more = self.count - len(self.shown)
        if more:
            return f"{', '.join(self.shown)} and {more:,} more"
        return " and ".join(filter(None, [", ".join(self.shown[:-1]), self.shown[-1]]))


def rows_listed(rows: Iterable[int], count: int) -> str:
    """Return ``rows 3, 7, 8 and 12 more`` (counted from 0) for values given in memory."""
    first = list(islice(rows, 3))
    text = ", ".join(str(row) for row in first)
    more = f" and {count - len(first):,} more" if count > len(first) else ""
    return f"row{'' if count == 1 else 's'} {text}{more} (counted from 0)"
