"""What is planned for the second half of the journey."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from lstmsize.advisor import environment
from lstmsize.advisor.second_half import (
    SecondHalf,
    _timed,
    correctable_forecasts,
    yardsticks_of,
)
from lstmsize.baselines.forecasts import Forecasts
from lstmsize.config import Request
from lstmsize.space import Cell
from lstmsize.splits import Fold, cut
from lstmsize.trials import HOLDOUT, TrialResult

LINEAR = "linear_autoregression"


@pytest.mark.parametrize(("steps", "learnt"), [([0, 0, 0, 900, 900], False), ([0, 0, 900, 900, 900], True)])
def test_networks_have_learnt_where_most_of_them_took_a_step(steps: list[int], learnt: bool):
    final = [TrialResult(state="converged", steps=count) for count in steps]
    assert SecondHalf(plan=None, final=final).learnt is learnt


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
        fold_forecasts=[SimpleNamespace(bases={"mean": one}) for one in each],
    )
    final = SimpleNamespace(forecasts={"mean": last}, bases={"mean": last})
    found = yardsticks_of(first, final, Request(metric="mae"))  # type: ignore[arg-type]
    errors = {number: yardstick.error for number, yardstick in found.items()}
    assert errors == pytest.approx({0: 1.0, 1: 2.0, 2: 3.0, HOLDOUT: 10.0})
    assert len(found[HOLDOUT].actual) == 80
    corrected = correctable_forecasts(first, final)  # type: ignore[arg-type]
    assert set(corrected) == {0, 1, 2, HOLDOUT}
    for number, distance in errors.items():
        head, whole = corrected[number]
        np.testing.assert_allclose(head - values[: len(head)], 100 + distance)
        np.testing.assert_allclose(whole - values[: len(whole)], distance)


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
