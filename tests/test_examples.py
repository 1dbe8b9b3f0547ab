"""The shipped examples have the answers that they are there for."""

from __future__ import annotations

import json

import pytest

from lstmsize import Recommendation
from processes import record

NARROW = ["--units", "32", "--layers", "1"]


@pytest.mark.parametrize(
    ("command", "file", "verdict", "best"),
    [
        ("recommend", "one_to_ten", "baseline", "exact_recursion"),
        ("recommend", "fibonacci", "baseline", "exact_recursion"),
        ("baseline", "cubic", "baseline", "polynomial_trend"),
        ("recommend", "white_noise", "unpredictable", None),
        ("baseline", "random_walk", "unpredictable", None),
    ],
)
def test_examples_that_need_no_network(command: str, file: str, verdict: str, best: str | None):
    window = ["--window", "2"] if file == "one_to_ten" else []
    found = record(command, f"examples/{file}.csv", *window)
    assert found["verdict"] == verdict
    assert found["gate"]["decision"] == "shut"
    assert found["sizes"] == []
    assert best is None or found["best_baseline"] == best


def test_the_quadratic_trend_is_a_baseline():
    found = record("recommend", "examples/quadratic.csv", *NARROW)
    assert (found["verdict"], found["best_baseline"]) == ("baseline", "polynomial_trend")


@pytest.mark.slow
def test_airline_passengers_are_not_recurrent():
    found = record("recommend", "examples/airline_passengers.csv", *NARROW)
    assert found["verdict"] != "recurrent"
    assert found["input"]["seasons"] == [12]


@pytest.mark.slow
def test_a_slope_that_hangs_on_a_sign_is_recurrent():
    found = record("recommend", "examples/threshold.csv", *NARROW, "--window", "8")
    assert found["verdict"] == "recurrent"
    assert found["recommendation"]["units"] == 32
    holdout = found["holdout"]
    assert holdout["gain_low"] > 0.02
    assert holdout["gain"] == pytest.approx(1 - holdout["error_network"] / holdout["error_baseline"])
    assert Recommendation.from_json(json.dumps(found)).to_dict() == found
