"""The expected time of a run."""

from __future__ import annotations

import sys
from typing import Literal

import numpy as np
import pytest

from lstmsize.advisor import dry_run, environment
from lstmsize.advisor.dry_run import _expected, _training_seconds
from lstmsize.advisor.first_half import first_half, look_at
from lstmsize.advisor.plan import Plan, make_plan
from lstmsize.config import Request
from lstmsize.events import silent
from lstmsize.series import Series
from lstmsize.space import Space
from lstmsize.strategy import Settings
from lstmsize.transforms import InputForm

SPACE = Space(units=(32, 512), multiple=32, layers=(1, 3))
PLAN = Plan(
    window=48,
    window_reason="",
    forms=[InputForm(kind="level")] * 3,
    space=SPACE,
    settings=Settings(folds=3, tolerance=0.02, min_gain=0.02, effort=1e12, channels=1, window=48, batch=32),
)


def test_a_quick_run_has_its_trials_four_sizes_on_all_folds_and_the_holdout():
    quick, slow = _training_seconds(PLAN, 0.01, 1)
    # Four approaches in three trials each, and five networks on the holdout, of 600 steps each.
    assert quick == pytest.approx(600 * (12 + 12 + 5) * 0.01)
    assert _training_seconds(PLAN, 0.01, 2) == (quick / 2, slow / 2)


def test_no_more_than_the_budget_is_expected_and_nothing_where_no_step_was_timed():
    assert _expected(PLAN, {SPACE.smallest: 0.01}, 2, 3.0, 10.0) == (10.0, 10.0)
    assert _expected(PLAN, {}, 2, 3.0, 10.0) is None


@pytest.mark.parametrize(("device", "least"), [("cpu", 0.25), ("cuda", 0.5)])
def test_workers_beyond_two_of_a_cuda_device_are_not_counted_on(
    monkeypatch: pytest.MonkeyPatch, device: Literal["cpu", "cuda"], least: float
):
    module = sys.modules["lstmsize.advisor.dry_run"]  # the package has a function of this name
    monkeypatch.setattr(module, "require_device", lambda _: None)
    monkeypatch.setattr(module, "time_steps", lambda _, cells, **__: dict.fromkeys(cells, 100.0))
    monkeypatch.setattr(environment, "available_cores", lambda: 4)
    series = Series(values=np.sin(np.arange(200.0) ** 1.1)[:, None], names=("value",))
    plan = dry_run(series, Request(force_search=True), device=device)
    assert plan.plan is not None
    assert plan.plan["jobs"] == 4
    first = first_half(look_at(series, Request()), Request(), silent)
    quick, _ = _training_seconds(make_plan(first, Request()), 100.0, 1)
    assert plan.seconds is not None
    assert plan.seconds[0] == pytest.approx(least * quick, rel=0.01)
