"""How names and numbers of things are written: models and counts in a sentence, files in any text."""

from __future__ import annotations

NAME = "lstmsize"
"""Of the command."""

_WRITTEN_OUT = {
    "average_smoothing_linear": "the average of exponential smoothing and linear autoregression",
    "average_smoothing_polynomial": "the average of exponential smoothing and polynomial autoregression",
    "average_trees_recurrence": "the average of boosted trees and random recurrence",
}


def spoken(name: str) -> str:
    """Write a model's name as it stands in a sentence: ``linear autoregression of the logarithm``."""
    if name.startswith("log_"):
        plain = name.removeprefix("log_")
        return f"{spoken(plain)}{', both' if plain in _WRITTEN_OUT else ''} of the logarithm"
    return _WRITTEN_OUT.get(name, name.replace("_", " "))


def printable(name: str) -> str:
    r"""Write a name so that a line of text can hold it; what is no letter becomes ``\xff``, a new line ``\n``."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def counted(number: int, noun: str) -> str:
    """Return ``1 line`` or ``12 lines``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
