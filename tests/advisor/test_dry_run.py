"""The expected time of a run."""

from __future__ import annotations

import pytest

from lstmsize.advisor.dry_run import _expected, _training_seconds
from lstmsize.advisor.second_half import Plan
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
