"""The record, to and from JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from lstmsize import results  # a class called Test... must not stand in a test file
from lstmsize.errors import DataError
from lstmsize.findings import Code, Finding, Severity
from lstmsize.results import (
    BaselineRecord,
    Choice,
    EquivalentSize,
    GateRecord,
    HoldoutRecord,
    InputRecord,
    ProbeRecord,
    Recommendation,
    ReplicateRecord,
    SizeName,
    SizeRecord,
    Training,
    TransformRecord,
    WindowRecord,
)
from lstmsize.series import ReadAs

READ_AS = ReadAs(separator=",", decimal=".", encoding="utf-8", header=True)
INPUT = InputRecord(
    source="taxi.csv",
    sha256="ab" * 32,
    rows=10_320,
    target="value",
    time="timestamp",
    features=[],
    step="30min",
    seasons=[48, 336],
    read_as=READ_AS,
)
BASELINE = BaselineRecord(
    name="linear_autoregression",
    detail={"lags": [1, 2, 48], "penalty": 1e-8},
    rmse=812.1,
    mae=540.0,
    mase=None,
    stderr=11.0,
    n=6190,
    skill=0.58,
    folds=[810.0, 1.0 / 3.0, 1e-300],
)
SIZE = SizeRecord(
    units=32,
    layers=1,
    parameters=4513,
    state="complete",
    reason=None,
    mean=0.91,
    stderr=None,
    replicates=[
        ReplicateRecord(fold=0, seed=0, loss=0.9, steps=1400, state="converged", curve=[(50, 1.0), (100, 0.5)]),
        ReplicateRecord(fold=1, seed=1, loss=None, steps=0, state="diverged", reason="no longer finite"),
    ],
)
HOLDOUT = HoldoutRecord(
    first=8256,
    n=2064,
    error_network=744.0,
    error_baseline=812.0,
    gain=0.084,
    gain_low=0.051,
    gain_high=0.112,
    p_value=0.0004,
    used=1,
    seeds=[740.0, 748.0],
    block=336,
    actual=[1.0, 2.0],
    forecast_network=[1.5, 2.5],
    forecast_baseline=[0.5, 1.5],
)
FULL = Recommendation(
    lstmsize_version="0.1.0",
    verdict="recurrent",
    lean=None,
    summary="One step ahead, a network is worth it: “ja” 64×1.",
    input=INPUT,
    request={"units": [32, 512], "window": None, "metric": "rmse", "min_gain": 0.02},
    transform=TransformRecord(kind="seasonal_lags", reason="lowest", detail={"seasonal_lags": [48, 336]}),
    window=WindowRecord(steps=48, reason="the default"),
    recommendation=Choice(
        cell="lstm",
        units=64,
        layers=1,
        window=48,
        horizon=1,
        parameters=17_217,
        training=Training(
            learning_rate=0.016,
            steps=1400,
            steps_last_step=4200,
            batch=32,
            input_learning_rate=0.032,
            averaging=0.98,
            second_moment=0.95,
            clip=1.0,
            warm_up=12,
        ),
        excess_at_most=0.017,
        basis="non-inferior",
    ),
    equivalent_sizes=[
        EquivalentSize(units=64, layers=1, parameters=17_217, excess=0.004, excess_high=None, p_value=0.7)
    ],
    observed_best=SizeName(units=128, layers=2),
    baselines=[BASELINE],
    best_baseline="linear_autoregression",
    gate=GateRecord(
        decision="open",
        reason="in doubt",
        probes=[ProbeRecord(name="boosted_trees", gain=-0.01, gain_high=0.03, folds=[0.0, -0.02])],
        tests=[results.TestRecord(name="ljung_box", null="nothing is left", statistic=None, p_value=None)],
    ),
    sizes=[SIZE],
    holdout=HOLDOUT,
    diagnostics=None,
    findings=[Finding(code=Code.SIZE_UNCERTAIN, severity=Severity.DOUBT, message="wide", next="--budget 5m")],
    timing={"total": 12.5},
    environment={"jobs": 2, "device": "cpu"},
)
FIRST_HALF = replace(
    FULL,
    verdict=None,
    transform=None,
    window=None,
    recommendation=None,
    equivalent_sizes=[],
    observed_best=None,
    best_baseline=None,
    gate=None,
    sizes=[],
    holdout=None,
    findings=[],
)

KEYS = (
    "schema_version lstmsize_version verdict lean settled_by summary input request transform window "
    "recommendation equivalent_sizes equivalence observed_best baselines best_baseline gate sizes holdout "
    "diagnostics findings timing environment"
)


@pytest.mark.parametrize("record", [FULL, FIRST_HALF], ids=["full", "first half"])
def test_a_record_read_back_is_the_same_record(record: Recommendation) -> None:
    assert Recommendation.from_json(record.to_json()) == record
    assert Recommendation.from_json(record.to_json().encode()) == record


def test_the_keys_are_those_promised_to_scripts() -> None:
    assert list(json.loads(FULL.to_json())) == KEYS.split()


def test_the_dictionary_is_the_document() -> None:
    assert FULL.to_dict() == json.loads(FULL.to_json())


def test_scripts_find_what_they_look_for() -> None:
    document = json.loads(FULL.to_json())
    assert document["schema_version"] == 1
    assert document["recommendation"]["units"] == 64
    assert (
        document["recommendation"]["training"].items()
        >= {"learning_rate": 0.016, "steps": 1400, "batch": 32}.items()
    )
    assert document["input"]["read_as"]["separator"] == ","
    assert document["findings"][0]["code"] == "L003"
    assert document["findings"][0]["severity"] == "doubt"
    assert document["sizes"][0]["replicates"][0]["curve"] == [[50, 1.0], [100, 0.5]]


def test_unknown_is_null_and_never_left_out() -> None:
    document = json.loads(FIRST_HALF.to_json())
    assert list(document) == KEYS.split()
    for key in ("verdict", "transform", "recommendation", "best_baseline", "gate", "holdout", "diagnostics"):
        assert document[key] is None


def test_a_number_that_is_none_comes_out_as_null_and_not_as_nan() -> None:
    document = replace(FULL, baselines=[replace(BASELINE, stderr=float("nan"))]).to_json()
    assert "NaN" not in document
    assert Recommendation.from_json(document).baselines[0].stderr is None


def test_the_document_is_text_with_one_line_break_at_its_end() -> None:
    text = FULL.to_json()
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")
    assert "64×1" in text
    assert "“ja”" in text
    assert len(FULL.to_json(indent=0).splitlines()) <= 2


def broken(**changes: Any) -> str:
    return json.dumps(json.loads(FULL.to_json()) | changes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        "null",
        '{"schema_version": 1}',
        broken(verdict="yes"),
        broken(sizes=3),
        FULL.to_json()[:-40],
    ],
)
def test_what_is_no_record_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(DataError, match="this is not a recommendation written by lstmsize: ") as caught:
        Recommendation.from_json(text)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_bytes_that_are_no_text_are_refused_too() -> None:
    with pytest.raises(DataError):
        Recommendation.from_json(b"\xff\xfe{}")


def test_a_record_of_a_later_schema_with_further_keys_is_still_read() -> None:
    assert Recommendation.from_json(broken(something_new=[1, 2])) == FULL


def test_a_record_is_frozen() -> None:
    with pytest.raises(AttributeError):
        FULL.verdict = "baseline"  # type: ignore[misc]
