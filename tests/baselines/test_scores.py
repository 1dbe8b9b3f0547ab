"""The scoreboard, recomputed by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from folded import before, noise

from lstmsize.baselines.forecasts import Forecasts
from lstmsize.baselines.scores import Scoreboard
from lstmsize.series import FloatArray
from lstmsize.splits import cut

VALUES = np.cumsum(noise(0, 200)) + np.tile([0.0, 2.0, -1.0, 4.0, 0.0], 40)
FOLDS = cut(200).folds


def board(
    forecasts: dict[str, FloatArray], metric: Literal["rmse", "mae"] = "rmse", values: FloatArray = VALUES
) -> Scoreboard:
    return Scoreboard(
        values=values,
        folds=FOLDS,
        forecasts={
            name: [Forecasts(values=one[: fold.score_stop], detail={"fold": fold.score_stop}) for fold in FOLDS]
            for name, one in forecasts.items()
        },
        seasons=(5,),
        metric=metric,
    )


NAMED = {
    "mean": np.full(200, VALUES[:100].mean()),
    "last_value": before(VALUES, 1),
    "seasonal_naive": before(VALUES, 5),
}
SCORED = np.concatenate([np.arange(fold.train_stop, fold.score_stop) for fold in FOLDS])


@pytest.mark.parametrize("metric", ["rmse", "mae"])
@pytest.mark.parametrize("name", NAMED)
def test_the_numbers_of_a_record_by_hand(name: str, metric: Literal["rmse", "mae"]) -> None:
    record = next(record for record in board(NAMED, metric).records() if record.name == name)
    error = VALUES[SCORED] - NAMED[name][SCORED]
    naive = VALUES[SCORED] - VALUES[SCORED - 1]
    assert record.rmse == pytest.approx(np.sqrt(np.mean(error**2)))
    assert record.mae == pytest.approx(np.mean(np.abs(error)))
    assert record.n == len(SCORED) == 57
    scale = np.mean(np.abs(np.diff(VALUES[: FOLDS[0].train_stop])))
    assert record.mase == pytest.approx(np.mean(np.abs(error)) / scale)
    measure = (lambda e: np.sqrt(np.mean(e**2))) if metric == "rmse" else (lambda e: np.mean(np.abs(e)))
    assert record.skill == pytest.approx(1 - measure(error) / measure(naive))
    parts = [slice(fold.train_stop, fold.score_stop) for fold in FOLDS]
    assert record.folds == pytest.approx([measure((VALUES - NAMED[name])[part]) for part in parts])
    assert record.stderr is not None
    assert 0 < record.stderr < measure(error)
    assert record.detail == {"fold": 160}


def test_the_best_comes_first() -> None:
    scores = board(NAMED)
    assert scores.records()[0].name == scores.best == "seasonal_naive"
    assert scores.simplest == "last_value"


def test_no_fold_rules_by_its_variance() -> None:
    early, late = VALUES.copy(), VALUES.copy()
    error = noise(1, 200)
    error[FOLDS[2].train_stop :] *= 1000
    early = VALUES + error * np.where(np.arange(200) < FOLDS[2].train_stop, 0.5, 1.05)
    late = VALUES + error
    scores = board({"mean": late, "last_value": late, "drift": early})
    assert scores.best == "drift"
    by_size = {record.name: record.rmse for record in scores.records()}
    assert by_size["drift"] > by_size["mean"]


def test_the_best_stands_first_even_where_another_is_better_by_less_than_a_tie() -> None:
    close = {"mean": VALUES + 1.0, "last_value": VALUES + 0.9995}
    assert [record.name for record in board(close).records()] == ["mean", "last_value"]
    clear = {"mean": VALUES + 1.0, "last_value": VALUES + 0.99}
    assert [record.name for record in board(clear).records()] == ["last_value", "mean"]


def test_a_near_tie_goes_to_the_plainer_one() -> None:
    error = noise(2, 200)
    scores = board(
        {"mean": VALUES + error, "last_value": VALUES + error, "moving_average": VALUES + 0.9995 * error}
    )
    assert scores.best == "mean"


def test_a_clear_skill_is_shown_over_the_better_of_mean_and_last_value() -> None:
    error = noise(3, 200)
    gain = board(
        {"mean": VALUES + error, "last_value": VALUES + 2 * error, "drift": VALUES + 0.5 * error}
    ).skill_of_best(0)
    assert gain.gain == pytest.approx(0.5)
    assert gain.low == pytest.approx(0.5)


def test_a_perfect_forecast_divides_by_nothing() -> None:
    scores = board({"mean": VALUES + 1, "last_value": VALUES.copy()})
    assert scores.best == "last_value"
    record = scores.records()[0]
    assert (record.rmse, record.mae, record.skill) == (0.0, 0.0, None)


def test_a_constant_start_has_no_mase() -> None:
    flat = np.concatenate([np.full(150, 1.0), VALUES[150:]])
    record = board({"mean": VALUES, "last_value": before(flat, 1)}, values=flat).records()[0]
    assert record.mase is None


def test_one_fold_that_a_model_hits_by_luck_does_not_make_it_the_best() -> None:
    usual, lucky = noise(4, 200), 1.5 * noise(5, 200)
    lucky[FOLDS[0].train_stop : FOLDS[0].score_stop] *= 0.1
    others = dict.fromkeys(("mean", "last_value", "moving_average"), VALUES + usual)
    assert board({**others, "polynomial_trend": VALUES + lucky}).best == "mean"


def test_a_thinned_board_scores_the_same_and_keeps_the_best_forecasts_whole() -> None:
    plain = board(NAMED)
    corrected = {
        name: [replace(one, from_head=one.values) for one in each] for name, each in plain.forecasts.items()
    }
    whole = replace(plain, forecasts=corrected)
    thin = whole.thinned()
    assert thin.records() == whole.records()
    assert thin.best == whole.best == "seasonal_naive"
    for name, each in thin.forecasts.items():
        rows = [len(one.values) for one in each]
        assert rows == [f.score_stop if name == thin.best else f.score_stop - f.train_stop for f in FOLDS]
        assert [one.from_head is None for one in each] == [name != thin.best] * len(FOLDS)
        assert name == thin.best or all(one.values.base is None for one in each), "a view would hold the whole"
