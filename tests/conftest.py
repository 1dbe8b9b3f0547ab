"""What several test files share; that it stands here lets all of them import ``records``."""

from __future__ import annotations

import signal
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import lstmsize
from lstmsize.results import Recommendation
from records import INPUT, RECURRENT, SHUT, WARNING

PLAN = SimpleNamespace(
    input=INPUT,
    gate="open: boosted trees gain 5.0%",
    searches=True,
    plan={"folds": 3},
    step_ms={"32x1": 1.04},
    seconds=(10.0, 60.0),
    findings=[WARNING],
    to_dict=lambda: {"searches": True, "seconds": [10.0, 60.0]},
)


def pytest_configure() -> None:
    # A job in the background of a shell script is deaf to it, and so would the commands be that are interrupted.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with files that have slow tests: a process that met one last would work alone meanwhile."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


class Journey(ModuleType):
    """Stands in for `lstmsize.advisor`: notes its calls and gives records made by hand.

    ``lstmsize`` imports it as it would the real one, so that the command line is tested without the sciences.
    """

    def __init__(self) -> None:
        super().__init__("lstmsize.advisor")
        self.calls: list[tuple[str, Any, Any, dict[str, Any]]] = []
        self.recommendation: Recommendation = RECURRENT
        self.first_half: Recommendation = SHUT
        self.failure: BaseException | None = None

    def recommend(self, series: Any, request: Any, **others: Any) -> Recommendation:
        return self._note("recommend", series, request, others, self.recommendation)

    def baseline(self, series: Any, request: Any, **others: Any) -> Recommendation:
        return self._note("baseline", series, request, others, self.first_half)

    def dry_run(self, series: Any, request: Any, **others: Any) -> Any:
        return self._note("dry_run", series, request, others, PLAN)

    def _note(self, name: str, series: Any, request: Any, others: dict[str, Any], answer: Any) -> Any:
        self.calls.append((name, series, request, others))
        if self.failure is not None:
            raise self.failure
        return answer


@pytest.fixture
def journey(monkeypatch: pytest.MonkeyPatch) -> Journey:
    stand_in = Journey()
    monkeypatch.setitem(sys.modules, "lstmsize.advisor", stand_in)
    monkeypatch.setattr(lstmsize, "advisor", stand_in, raising=False)
    return stand_in
