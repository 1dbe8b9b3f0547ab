"""How the parts of a request are written on a command line."""

from __future__ import annotations

import re
from typing import cast, get_args

from lstmsize.config import Device
from lstmsize.errors import UsageError

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0, "h": 3600.0}


def parse_range(text: str, option: str) -> tuple[int, int]:
    """Read ``32:512`` or ``64``.

    Parameters
    ----------
    text : str
        What the user wrote.
    option : str
        The option's name, for the message.

    Returns
    -------
    tuple of int
        Smallest and largest value.

    Raises
    ------
    UsageError
        If it is neither a whole number nor two of them with a colon between.
    """
    match = re.fullmatch(r"\s*(\d{1,18})\s*(?::\s*(\d{1,18})\s*)?", text)
    if match is None:
        raise UsageError(f"{option} {text}: needs a whole number, or two with a colon between, as in 32:512")
    low = int(match[1])
    return low, int(match[2]) if match[2] else low


def parse_fraction(text: str, option: str) -> float:
    """Read ``0.02`` or ``2%``; raise UsageError for anything else."""
    bare = text.strip()
    try:
        return float(bare.removesuffix("%")) / (100 if bare.endswith("%") else 1)
    except ValueError:
        raise UsageError(f"{option} {text}: needs a fraction, as in 0.02 or 2%") from None


def parse_whole(text: str, option: str) -> int:
    """Read a whole number; raise UsageError for anything else."""
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"{option} {text}: needs a whole number") from None


def parse_window(text: str) -> int | None:
    """Read ``auto`` (None) or a whole number of steps."""
    if text.strip().lower() == "auto":
        return None
    if not re.fullmatch(r"\d{1,18}", text.strip()):
        raise UsageError(f"--window {text}: needs a whole number of steps, or auto")
    return int(text)


def parse_device(text: str) -> Device:
    """Read ``auto``, ``cpu`` or ``cuda``."""
    if text not in get_args(Device):
        raise UsageError(f"--device {text}: is none of {', '.join(get_args(Device))}")
    return cast("Device", text)


def parse_duration(text: str) -> float:
    """Read ``60s``, ``5m``, ``1h`` or a bare number of seconds; return seconds."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(f"--budget {text}: needs a time such as 60s, 5m or 1h")
    return float(match[1]) * _SECONDS[match[2]]


def duration_text(seconds: float) -> str:
    """Write a time as `parse_duration` reads it: ``45s``, ``8m``, ``2h``."""
    for unit in ("h", "m"):
        if seconds >= _SECONDS[unit] and seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:.0f}{unit}"
    return f"{seconds:.12g}s"
