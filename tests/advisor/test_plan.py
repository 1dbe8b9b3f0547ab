"""The plan of the second half, and what of it begins beside the first."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lstmsize.advisor.first_half import first_half, look_at
from lstmsize.advisor.plan import EFFORT, RECIPE, early_plan, make_plan, trainer_of
from lstmsize.baselines.forecasts import MOST_ROWS
from lstmsize.config import Request
from lstmsize.events import silent
from lstmsize.series import FloatArray, Series
from lstmsize.space import Cell
from lstmsize.splits import LEAST_HEAD, MOST_LEARNT, cut
from lstmsize.trials import HOLDOUT


def known(rows: int, reach: int) -> SimpleNamespace:
    """A first half whose simple model forecasts from the row on that its longest lag allows."""
    splits = cut(rows)
    firsts = [max(0, fold.train_stop - MOST_ROWS) + reach for fold in splits.folds]
    fits = [
        SimpleNamespace(values=np.empty(fold.score_stop - first + reach), reach=reach)
        for fold, first in zip(splits.folds, firsts, strict=True)
    ]
    return SimpleNamespace(
        series=SimpleNamespace(source="made"),
        splits=splits,
        seasons=(),
        logarithm=False,
        corrected=fits,
    )


@pytest.mark.parametrize(
    ("rows", "reach", "corrects"), [(30_000, 8768, True), (60_000, 8768, True), (300, 20, True), (300, 120, False)]
)
def test_a_simple_model_is_corrected_where_it_forecasts_enough_of_every_head(
    rows: int, reach: int, corrects: bool
):
    plan = make_plan(known(rows, reach), Request())  # type: ignore[arg-type]
    assert ("correction" in [form.kind for form in plan.forms]) is corrects


def test_seasons_need_room_in_the_first_head_and_a_dear_start_has_more_effort():
    first = known(300, 20)
    first.seasons = (12, 60, 100)
    plan = make_plan(first, Request(units=(128, 256)))  # type: ignore[arg-type]
    room = first.splits.folds[0].head_stop - plan.window - LEAST_HEAD
    used = tuple(season for season in first.seasons if season < room)
    assert used == (12, 60)
    assert {form.seasons for form in plan.forms if form.kind == "seasonal_lags"} == {used}
    assert plan.settings.channels == 3
    step = {"channels": 3, "window": plan.window, "batch": RECIPE.batch}
    dear = Cell(128, 1).work(**step) / Cell(32, 1).work(**step)
    assert plan.settings.effort == pytest.approx(EFFORT * dear)
    narrow = make_plan(first, Request(units=(16, 256), multiple=16))  # type: ignore[arg-type]
    assert narrow.settings.effort == EFFORT


def growing(rows: int = 300) -> FloatArray:
    """A season on a trend, both of which grow."""
    time = np.arange(rows)
    noise = np.random.default_rng(0).normal(size=rows)
    return np.exp(time / 100 + 0.3 * np.sin(time * np.pi / 6) + 0.05 * noise)


def test_the_plan_that_is_guessed_before_the_baselines_lacks_corrections_only():
    request = Request(units=(64, 128), seed=3)
    outlook = look_at(Series(values=growing()[:, None], names=("value",)), request)
    plan, guess = make_plan(first_half(outlook, request, silent), request), early_plan(outlook, request)
    assert guess.forms == [form for form in plan.forms if not form.needs_base]
    assert len(plan.forms) == len(guess.forms) + 1
    assert {form.log for form in guess.forms} == {True}
    assert (guess.window, guess.space, guess.settings) == (plan.window, plan.space, plan.settings)
    trainer = trainer_of(outlook, request, "cpu")
    assert (trainer.window, trainer.seed, trainer.bases) == (plan.window, 3, {})
    assert trainer.folds[HOLDOUT] == outlook.splits.final


def test_workers_get_the_rows_that_they_learn_from_and_no_earlier_ones():
    rows = 260_000
    values = np.random.default_rng(0).normal(size=rows)
    splits = cut(rows)
    outlook = SimpleNamespace(splits=splits, series=SimpleNamespace(target=values), seasons=())
    trainer = trainer_of(outlook, Request(), "cpu")  # type: ignore[arg-type]
    assert len(trainer.values) == rows - splits.folds[0].train_stop + MOST_LEARNT
    for number, fold in {**dict(enumerate(splits.folds)), HOLDOUT: splits.final}.items():
        mine = trainer.folds[number]
        for name in ("head_stop", "train_stop", "score_stop"):
            cut_at = getattr(mine, name)
            np.testing.assert_array_equal(trainer.values[:cut_at][-9:], values[: getattr(fold, name)][-9:])
        assert mine.train_stop >= MOST_LEARNT
