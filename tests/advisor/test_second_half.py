"""What is planned for the second half of the journey."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from lstmsize.advisor import environment
from lstmsize.advisor.second_half import SecondHalf, _timed
from lstmsize.space import Cell
from lstmsize.trials import TrialResult

LINEAR = "linear_autoregression"


@pytest.mark.parametrize(("steps", "learnt"), [([0, 0, 0, 900, 900], False), ([0, 0, 900, 900, 900], True)])
def test_networks_have_learnt_where_most_of_them_took_a_step(steps: list[int], learnt: bool):
    final = [TrialResult(state="converged", steps=count) for count in steps]
    assert SecondHalf(plan=None, final=final).learnt is learnt


@pytest.mark.parametrize(
    ("device", "jobs", "cores", "seconds"), [("cpu", 4, 2, 0.02), ("cpu", 2, 4, 0.01), ("cuda", 4, 16, 0.02)]
)
def test_a_step_that_is_timed_alone_is_longer_among_more_workers_than_can_take_one_at_once(
    monkeypatch: pytest.MonkeyPatch, device: str, jobs: int, cores: int, seconds: float
) -> None:
    module = sys.modules["lstmsize.advisor.second_half"]  # the package has a function of this name
    monkeypatch.setattr(module, "time_steps", lambda _, cells, **__: dict.fromkeys(cells, 0.01))
    monkeypatch.setattr(environment, "available_cores", lambda: cores)
    plan = SimpleNamespace(space=SimpleNamespace(smallest=Cell(32, 1)))
    found = _timed(SecondHalf(plan=plan, jobs=jobs), device)
    assert (found.jobs, found.step_seconds) == (jobs, seconds)
