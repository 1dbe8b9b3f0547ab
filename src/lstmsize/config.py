"""What is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from numbers import Real
from operator import index
from typing import Any, Literal

from lstmsize.errors import UsageError

Metric = Literal["rmse", "mae"]
Device = Literal["auto", "cpu", "cuda"]
"""Where networks are trained; ``auto`` is the processor: to start a device takes longer than a short training."""

_LONGEST = 366 * 24 * 3600.0
"""Longest budget; systems wait no longer than some hundred years at a time."""

_NOTHING = 1e-9
"""Below it a gain is rounding: with a smallest gain of 0 a model that is no better has none."""


def _pair(values: Any) -> tuple[int, int]:
    low, high = values
    return index(low), index(high)


def _real(value: Any) -> float:
    if not isinstance(value, Real):
        raise TypeError(value)
    return float(value)


def _flag(value: Any) -> bool:
    if value not in (True, False):
        raise TypeError(value)
    return bool(value)


def _or_none(read: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: None if value is None else read(value)


_TWO = "a smallest and a largest whole number, as in"
_PLAIN: dict[str, tuple[Callable[[Any], object], str]] = {
    "window": (_or_none(index), "a whole number of steps, or auto (None)"),
    "units": (_pair, f"{_TWO} (32, 512)"),
    "multiple": (index, "a whole number"),
    "layers": (_pair, f"{_TWO} (1, 3)"),
    "min_gain": (_real, "a fraction, as in 0.02"),
    "tolerance": (_real, "a fraction, as in 0.02"),
    "budget": (_or_none(_real), "a number of seconds"),
    "seed": (index, "a whole number"),
    "force_search": (_flag, "True or False"),
}
"""How each field of a request that has a number becomes a plain one, and what it needs to be."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """Everything that bears on the answer besides the data.

    Parameters
    ----------
    window : int or None
        Past steps that the network sees; None chooses them from the data.
    units : tuple of int
        Smallest and largest number of units per layer, both included.
    multiple : int
        Units are multiples of this.
    layers : tuple of int
        Smallest and largest number of stacked layers, both included.
    metric : {'rmse', 'mae'}
        The error that decides.
    min_gain : float
        Smallest relative reduction of the error that is worth a network, a fraction.
    tolerance : float
        A size whose error is within this fraction of every other's counts as as good.
    budget : float or None
        Cap on the run in seconds; trainings end then, reading and baselines are always finished.
    seed : int
        Seed of the networks and of the resampled intervals.
    force_search : bool
        Search even when the gate is shut.

    Raises
    ------
    UsageError
        If an option is wrong in itself or with another.
    """

    window: int | None = None
    units: tuple[int, int] = (32, 512)
    multiple: int = 32
    layers: tuple[int, int] = (1, 3)
    metric: Metric = "rmse"
    min_gain: float = 0.02
    tolerance: float = 0.02
    budget: float | None = None
    seed: int = 0
    force_search: bool = False

    def __post_init__(self) -> None:
        problems = self._made_plain() or [
            *_range_problems("--units", self.units),
            *_range_problems("--layers", self.layers),
            *self._multiple_problems(),
            *self._number_problems(),
        ]
        if problems:
            raise UsageError("; ".join(problems))

    def _made_plain(self) -> list[str]:
        """Turn numbers of numpy and lists into what JSON can hold; return what is of no use as such."""
        problems = []
        for name, (read, needed) in _PLAIN.items():
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, read(value))
            except (TypeError, ValueError):
                problems.append(f"--{name.replace('_', '-')} {value!r}: needs {needed}")
        return problems

    def _multiple_problems(self) -> list[str]:
        if self.multiple < 1:
            return [f"--multiple {self.multiple}: needs a whole number of at least 1"]
        off = [value for value in dict.fromkeys(self.units) if value % self.multiple]
        if not off:
            return []
        low, high = (max(1, round(value / self.multiple)) * self.multiple for value in self.units)
        return [
            f"--units {_text(self.units)}: {' and '.join(map(str, off))} "
            f"{'is not a multiple' if len(off) == 1 else 'are not multiples'} of --multiple {self.multiple}; "
            f"use --units {_text((low, high))} or another --multiple"
        ]

    def _number_problems(self) -> list[str]:
        problems = []
        if self.window is not None and self.window < 1:
            problems.append(f"--window {self.window}: needs at least 1 step, or auto")
        if self.metric not in ("rmse", "mae"):
            problems.append(f"--metric {self.metric}: is neither rmse nor mae")
        for option, value in (("--min-gain", self.min_gain), ("--tolerance", self.tolerance)):
            if not 0 <= value < 1:
                problems.append(f"{option} {value:g}: needs a fraction from 0 to below 1 (0.02 is 2 %)")
        if self.budget is not None and not 0 < self.budget <= _LONGEST:
            problems.append(f"--budget {self.budget:g}s: needs a time above zero and of at most a year")
        if not 0 <= self.seed < 2**31:
            problems.append(f"--seed {self.seed}: needs a whole number from 0 to {2**31 - 1}")
        return problems

    @property
    def least_gain(self) -> float:
        """The gain from which one counts: ``min_gain``, and with 0 any that is more than rounding."""
        return max(self.min_gain, _NOTHING)

    def identity(self) -> dict[str, object]:
        """Return the fields that make two requests the same question: all but ``budget``."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "budget"}


def _range_problems(option: str, values: tuple[int, int]) -> list[str]:
    low, high = values
    if low < 1:
        return [f"{option} {_text(values)}: needs at least 1"]
    if low > high:
        return [f"{option} {_text(values)}: the smallest is above the largest"]
    return []


def _text(values: tuple[int, int]) -> str:
    return str(values[0]) if values[0] == values[1] else f"{values[0]}:{values[1]}"
