"""What is planned for the second half of the journey."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lstmsize.advisor.second_half import SecondHalf, make_plan
from lstmsize.baselines.forecasts import MOST_ROWS
from lstmsize.config import Request
from lstmsize.splits import cut
from lstmsize.trials import TrialResult

LINEAR = "linear_autoregression"


def known(rows: int, reach: int) -> SimpleNamespace:
    """A first half whose simple model forecasts from the row on that its longest lag allows."""
    splits = cut(rows)
    firsts = [max(0, fold.train_stop - MOST_ROWS) + reach for fold in splits.folds]
    fits = [
        {LINEAR: SimpleNamespace(values=np.empty(fold.score_stop - first + reach), reach=reach)}
        for fold, first in zip(splits.folds, firsts, strict=True)
    ]
    return SimpleNamespace(
        splits=splits,
        seasons=(),
        logarithm=False,
        correctable=LINEAR,
        fold_forecasts=[SimpleNamespace(bases=fit) for fit in fits],
    )


@pytest.mark.parametrize(
    ("rows", "reach", "corrects"), [(30_000, 8768, True), (60_000, 8768, True), (300, 20, True), (300, 120, False)]
)
def test_a_simple_model_is_corrected_where_it_forecasts_enough_of_every_head(
    rows: int, reach: int, corrects: bool
):
    plan = make_plan(known(rows, reach), Request())  # type: ignore[arg-type]
    assert ("correction" in [form.kind for form in plan.forms]) is corrects


@pytest.mark.parametrize(("steps", "learnt"), [([0, 0, 0, 900, 900], False), ([0, 0, 900, 900, 900], True)])
def test_networks_have_learnt_where_most_of_them_took_a_step(steps: list[int], learnt: bool):
    final = [TrialResult(state="converged", steps=count) for count in steps]
    plan = make_plan(known(300, 20), Request())  # type: ignore[arg-type]
    assert SecondHalf(plan=plan, final=final).learnt is learnt
