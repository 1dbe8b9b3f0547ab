"""How numbers, names and lists are written for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lstmsize.naming import spoken

_TEST_NAMES = {"ljung_box": "Ljung-Box", "terasvirta": "Teräsvirta", "mcleod_li": "McLeod-Li"}
_DIGITS = 4
_WIDEST_RATIO = 1e6


def spoken_test(name: str) -> str:
    """Write a test's name with its authors' capital letters."""
    return _TEST_NAMES.get(name, spoken(name))


def percent(value: float | None) -> str:
    """Write a fraction as a percentage with one decimal; nothing for an unknown one."""
    # Adding 0.0 takes the sign from a zero.
    return "" if value is None else f"{round(value, 3) + 0.0:.1%}"


def number(value: float | None) -> str:
    """Write a number with four significant digits, or with all before the decimal point."""
    if value is None:
        return ""
    if 10 ** (_DIGITS - 1) <= abs(value) < 1e15:
        return f"{value:,.0f}" if abs(value) >= 10**_DIGITS else f"{value:,.1f}"
    return f"{value:.{_DIGITS}g}"


def column(values: Sequence[float | None]) -> list[str]:
    """Write a column of numbers with the same decimals, four significant digits in the smallest.

    Parameters
    ----------
    values : sequence of float or None
        Unknown ones stay empty.

    Returns
    -------
    list of str
        One text per value; each with its own digits where they are too far apart to share the decimals.
    """
    sizes = [abs(value) for value in values if value]
    if not sizes or max(sizes) > _WIDEST_RATIO * min(sizes) or max(sizes) >= 1e12:
        return [number(value) for value in values]
    decimals = _DIGITS - 1 - math.floor(math.log10(min(sizes)))
    if decimals > 8:
        return [number(value) for value in values]
    return ["" if value is None else f"{value:,.{max(decimals, 0)}f}" for value in values]


def p_value(value: float | None) -> str:
    """Write a p-value, or why there is none."""
    if value is None:
        return "too few rows"
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"


def duration(seconds: float) -> str:
    """Write a duration as a watch shows it: ``0:42``, ``1:02:03``."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def against_baseline(loss: float) -> str:
    """Write an error relative to the best baseline's as how far it lies below or above it."""
    gain = 1 - loss
    return f"{percent(abs(gain))} {'below' if gain >= 0 else 'above'} the best baseline's error"


def runs(values: Sequence[int]) -> str:
    """Write whole numbers with neighbours drawn together: ``1 to 3, 12, 24``."""
    groups: list[list[int]] = []
    for value in values:
        if groups and value == groups[-1][-1] + 1:
            groups[-1].append(value)
        else:
            groups.append([value])
    texts = [f"{group[0]} to {group[-1]}" if len(group) > 2 else ", ".join(map(str, group)) for group in groups]
    return ", ".join(texts)


def settings(detail: dict[str, Any]) -> str:
    """Write what is needed to repeat a model: ``lags 1 to 12, penalty 0.1``."""
    return ", ".join(
        f"{name.replace('_', ' ')} {_setting(value)}" for name, value in detail.items() if value != []
    )


def _setting(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
        return runs(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(_setting, value))
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return f"({settings(value)})"
    return str(value).replace("_", " ")
