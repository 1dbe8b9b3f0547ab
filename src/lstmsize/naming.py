"""How the names of models read in a sentence."""

from __future__ import annotations


def spoken(name: str) -> str:
    """Write a model's name as it stands in a sentence: ``linear autoregression of the logarithm``."""
    if name.startswith("log_"):
        return f"{spoken(name.removeprefix('log_'))} of the logarithm"
    return name.replace("_", " ")
