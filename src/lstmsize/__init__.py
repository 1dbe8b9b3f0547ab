"""Do I need an LSTM here, and how big? An advisor for time series, with evidence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmsize.api import baseline, recommend
    from lstmsize.config import Request
    from lstmsize.errors import DataError, LstmsizeError, OutputError, StudyError, UsageError, WorkerError
    from lstmsize.readers import read_series
    from lstmsize.results import Recommendation
    from lstmsize.series import Series

    __version__: str

__all__ = [
    "DataError",
    "LstmsizeError",
    "OutputError",
    "Recommendation",
    "Request",
    "Series",
    "StudyError",
    "UsageError",
    "WorkerError",
    "__version__",
    "baseline",
    "read_series",
    "recommend",
]

_HOMES = {
    "DataError": "errors",
    "LstmsizeError": "errors",
    "OutputError": "errors",
    "Recommendation": "results",
    "Request": "config",
    "Series": "series",
    "StudyError": "errors",
    "UsageError": "errors",
    "WorkerError": "errors",
    "baseline": "api",
    "read_series": "readers",
    "recommend": "api",
}


def __getattr__(name: str) -> Any:
    # Names are loaded when they are first asked for: the command line shall show its help at once.
    if name == "__version__":
        from importlib.metadata import version

        found: Any = version("lstmsize")
    elif name in _HOMES:
        found = getattr(import_module(f"lstmsize.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
