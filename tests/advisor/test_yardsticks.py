"""The baselines that networks are measured by, and may correct."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lstmsize.advisor.yardsticks import correctable_forecasts, yardsticks_of
from lstmsize.baselines.forecasts import Forecasts
from lstmsize.config import Request
from lstmsize.splits import Fold, cut
from lstmsize.trials import HOLDOUT


def test_yardsticks_and_corrected_forecasts_are_those_of_their_fold():
    splits = cut(400)
    values = np.random.default_rng(0).normal(size=400)

    def off_by(distance: float, fold: Fold) -> Forecasts:
        early = values[: fold.score_stop] + 100 + distance
        return Forecasts(values=values[: fold.score_stop] + distance, from_head=early)

    each = [off_by(number + 1.0, fold) for number, fold in enumerate(splits.folds)]
    last = off_by(10.0, splits.final)
    first = SimpleNamespace(
        board=SimpleNamespace(forecasts={"mean": each}, floor=0.001),
        splits=splits,
        best="mean",
        correctable="mean",
        series=SimpleNamespace(target=values),
        corrected=each,
    )
    final = SimpleNamespace(forecasts={"mean": last}, bases={"mean": last})
    found = yardsticks_of(first, Request(metric="mae"), final)  # type: ignore[arg-type]
    errors = {number: yardstick.error for number, yardstick in found.items()}
    assert errors == pytest.approx({0: 1.0, 1: 2.0, 2: 3.0, HOLDOUT: 10.0})
    assert len(found[HOLDOUT].actual) == 80
    corrected = correctable_forecasts(first, final)  # type: ignore[arg-type]
    assert set(corrected) == {0, 1, 2, HOLDOUT}
    for number, distance in errors.items():
        head, whole = corrected[number]
        np.testing.assert_allclose(head - values[: len(head)], 100 + distance)
        np.testing.assert_allclose(whole - values[: len(whole)], distance)
    assert set(correctable_forecasts(first)) == {0, 1, 2}, "the holdout is not known yet"  # type: ignore[arg-type]
    assert set(yardsticks_of(first, Request())) == {0, 1, 2}  # type: ignore[arg-type]
