"""What would settle an inconclusive answer, from the parts of a run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lstmsize.advisor.settling import budget_needed, cut_short
from lstmsize.advisor.wording import _settling
from lstmsize.config import Request
from lstmsize.results import SettledBy

FIRST = SimpleNamespace(seconds={"baselines": 2.0, "gate": 1.0})


def run(ended: str = "budget", spent: float = 0.25, final: int = 0) -> SimpleNamespace:
    sized = SimpleNamespace(ended=ended, spent=spent)
    return SimpleNamespace(sized=sized, final=[None] * final, failed=0, seconds={"form": 4.0, "search": 10.0})


def test_a_run_without_a_budget_is_never_cut_short():
    assert budget_needed(FIRST, run(), Request()) is None


def test_the_budget_is_extended_to_the_whole_effort():
    # 3 s, 4 s and 10 s / .25 make 47 s, of which the search may take .7.
    assert budget_needed(FIRST, run(), Request(budget=20.0)) == 68


def test_it_is_at_least_doubled():
    assert budget_needed(FIRST, run(spent=1.0), Request(budget=60.0)) == 120


def test_a_search_that_came_to_its_end_is_not_extended():
    # 3 s, 4 s and 10 s make 17 s, of which the search may take .7; the doubled budget is more.
    assert budget_needed(FIRST, run(ended="settled", spent=0.1, final=2), Request(budget=10.0)) == 25


def test_failed_trainings_are_no_matter_of_the_budget():
    assert budget_needed(FIRST, run(ended="failed"), Request(budget=20.0)) is None


def test_where_no_size_was_compared_it_is_doubled():
    assert budget_needed(FIRST, SimpleNamespace(sized=None, final=[], failed=0), Request(budget=5.0)) == 10


def test_a_search_that_ended_but_not_the_holdout_was_cut_short():
    assert cut_short(run(ended="settled", final=3), Request(budget=20.0))
    assert not cut_short(run(ended="settled", final=5), Request(budget=20.0))


@pytest.mark.parametrize(
    ("settling", "clause"),
    [
        (None, ""),
        (SettledBy(rows=None, budget=None), ""),
        (SettledBy(rows=41234, budget=None), "; about 42,000 rows in all would be needed to settle it"),
        (SettledBy(rows=None, budget=120.0), "; --budget 120s or more would be needed to settle it"),
        (
            SettledBy(rows=987, budget=60.0),
            "; --budget 60s or more and about 990 rows in all would be needed to settle it",
        ),
    ],
)
def test_the_clause_names_what_is_lacking(settling: SettledBy | None, clause: str):
    assert _settling(settling) == clause
