"""Records made by hand: no answer of lstmsize, only examples of every part."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from lstmsize.config import Request
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
    SettledBy,
    SizeName,
    SizeRecord,
    TestRecord,
    Training,
    TransformRecord,
    WindowRecord,
)
from lstmsize.series import ReadAs

INPUT = InputRecord(
    source="taxi.csv",
    sha256="0" * 64,
    rows=10320,
    target="value",
    time="timestamp",
    features=[],
    step="30min",
    seasons=[48, 336],
    read_as=ReadAs(separator=",", decimal=".", encoding="utf-8", header=True, gaps=0),
)

DOUBT = Finding(
    code=Code.SIZE_UNCERTAIN,
    severity=Severity.DOUBT,
    message="no size was shown to be within 2.0% of every other",
    next="ask for less with --tolerance 0.04",
)
WARNING = Finding(code=Code.SERIES_SHORT, severity=Severity.WARNING, message="144 rows are few")


def simple_model(name: str, rmse: float, **changes: Any) -> BaselineRecord:
    known = {
        "detail": {},
        "mae": rmse * 0.7,
        "mase": rmse / 1300,
        "stderr": 11.0,
        "n": 6190,
        "skill": 1 - rmse / 1900,
        "folds": [rmse, rmse, rmse],
    }
    return BaselineRecord(name=name, rmse=rmse, **(known | changes))


BASELINES = [
    simple_model("linear_autoregression", 812.14, detail={"lags": [1, 2, 3, 48, 336], "penalty": 0.1}),
    simple_model("log_polynomial_autoregression", 830.9, detail={"degree": 3, "lags": [1, 48]}),
    simple_model("polynomial_autoregression", 841.2),
    simple_model("exponential_smoothing", 877.0),
    simple_model("harmonic_regression", 1210.5),
    simple_model("seasonal_naive", 1300.0),
    simple_model("moving_average", 1700.0),
    simple_model("last_value", 1900.0),
    simple_model("drift", 1900.4),
    simple_model("mean", 6950.0, mase=None, stderr=None),
]

GATE = GateRecord(
    decision="open",
    reason="boosted trees could lower the error by at most 6.1%, which does not exclude 2.0%",
    probes=[
        ProbeRecord(name="boosted_trees", gain=0.042, gain_high=0.061, folds=[0.04, 0.05, 0.036]),
        ProbeRecord(name="random_recurrence", gain=-0.011, gain_high=0.003, folds=[0.0, -0.02, -0.013]),
    ],
    tests=[
        TestRecord(name="ljung_box", null="no autocorrelation is left", statistic=12.1, p_value=0.147),
        TestRecord(name="mcleod_li", null="the variance is constant", statistic=900.0, p_value=1e-30),
        TestRecord(name="terasvirta", null="nothing nonlinear is left in the mean", statistic=None, p_value=None),
    ],
)


def size(units: int, layers: int, parameters: int, mean: float | None, **changes: Any) -> SizeRecord:
    replicates = [
        ReplicateRecord(fold=fold, seed=0, loss=mean, steps=1400, state="converged") for fold in range(3)
    ]
    known = {"state": "complete", "reason": None, "stderr": 0.0114, "replicates": replicates}
    return SizeRecord(units=units, layers=layers, parameters=parameters, mean=mean, **(known | changes))


OPEN = Recommendation(
    lstmsize_version="0.1.0",
    verdict=None,
    lean=None,
    summary="One step ahead, linear autoregression is the best simple model, but the gate stays open.",
    input=INPUT,
    request=json.loads(json.dumps(asdict(Request()))),
    transform=None,
    window=None,
    recommendation=None,
    equivalent_sizes=[],
    observed_best=None,
    baselines=BASELINES,
    best_baseline="linear_autoregression",
    gate=GATE,
    sizes=[],
    holdout=None,
    diagnostics=None,
    findings=[],
    timing={"baselines": 0.4},
    environment={"lstmsize": "0.1.0"},
)
"""From `baseline`, the gate open."""

SHUT = replace(
    OPEN,
    verdict="baseline",
    summary="One step ahead, linear autoregression already forecasts this series.",
    gate=replace(GATE, decision="shut", reason="no probe could lower the error by 2.0%"),
)
"""From `baseline`, the gate shut."""

RECURRENT = replace(
    OPEN,
    verdict="recurrent",
    summary="One step ahead, an LSTM of 64 units in one layer beats linear autoregression: gain 8.4% on the "
    "holdout (90 % interval 5.1% to 11.2%), 9.0% on the folds.",
    transform=TransformRecord(
        kind="correction",
        reason="the lowest error of 4 input forms",
        detail={"corrected": {"name": "log_exponential_smoothing"}},
    ),
    window=WindowRecord(steps=48, reason="one season"),
    recommendation=Choice(
        cell="lstm",
        units=64,
        layers=1,
        window=48,
        horizon=1,
        parameters=17217,
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
        EquivalentSize(units=64, layers=1, parameters=17217, excess=0.004, excess_high=0.017, p_value=0.6),
        EquivalentSize(units=128, layers=2, parameters=199297, excess=0.0, excess_high=None, p_value=1.0),
    ],
    observed_best=SizeName(units=128, layers=2),
    sizes=[
        size(64, 1, 17217, 0.9104),
        size(32, 1, 4513, 0.9512, state="dropped", reason="shown to be worse than 64×1"),
        size(128, 2, 199297, 0.9066),
        size(512, 3, 5256705, None, state="failed", reason="out of memory", stderr=None),
    ],
    holdout=HoldoutRecord(
        first=8256,
        n=2064,
        error_network=744.0,
        error_baseline=812.2,
        gain=0.084,
        gain_low=0.051,
        gain_high=0.112,
        p_value=0.0004,
        used=1,
        seeds=[740.0, 745.0, 747.0],
        block=336,
    ),
)
"""From `recommend`: a network is worth it."""

INCONCLUSIVE = replace(
    RECURRENT,
    verdict="inconclusive",
    lean="baseline",
    summary="One step ahead, the evidence does not settle it.",
    recommendation=None,
    holdout=replace(RECURRENT.holdout, gain=0.03, gain_low=-0.02, gain_high=0.08, p_value=0.2)
    if RECURRENT.holdout
    else None,
    settled_by=SettledBy(rows=41000, budget=None),
    findings=[DOUBT],
)
"""From `recommend`: it leans to the simple model."""
