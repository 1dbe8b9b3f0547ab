"""Findings about seasons, holdouts and training lengths, on parts that bring them about."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from lstmsize.advisor.first_half import first_half, look_at
from lstmsize.advisor.noticed import force_findings
from lstmsize.advisor.noticed import holdout as noticed_holdout
from lstmsize.advisor.noticed import series as noticed_series
from lstmsize.advisor.noticed.holdout import holdout_findings
from lstmsize.advisor.noticed.series import far_values, level_change, seasons_slip, series_findings
from lstmsize.advisor.noticed.sizes import early_losses, size_findings
from lstmsize.advisor.second_half import SecondHalf
from lstmsize.comparison import Comparison
from lstmsize.config import Request
from lstmsize.events import silent
from lstmsize.findings import Code, Severity
from lstmsize.replicates import LossTable, Outcome, Replicate
from lstmsize.resampling import Gain
from lstmsize.results import ProbeRecord
from lstmsize.series import FloatArray, Series, Step
from lstmsize.space import Cell, Space
from lstmsize.verdict import Judgement

SMALL, LARGE = Cell(32, 1), Cell(128, 1)


def noise(rows: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).normal(size=rows)


def codes(findings: list) -> list[Code]:
    return [finding.code for finding in findings]


def first(values: FloatArray) -> object:
    return first_half(look_at(Series(values=values[:, None], names=("value",)), Request()), Request(), silent)


def test_a_steady_season_is_not_questioned():
    time = np.arange(600)
    assert Code.SEASON_UNCERTAIN not in codes(
        series_findings(first(np.sin(time / 12 * 2 * np.pi) + 0.1 * noise(600)))
    )


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        (np.full(40, 7.0), Code.CONSTANT, "the series is constant: "),
        (np.arange(40.0), Code.EXACT_RECURSION, "an exact recursion: "),
        (noise(120), Code.SERIES_SHORT, "120 rows are few: on a holdout of 24 only a large gain can be proved"),
    ],
)
def test_a_series_that_is_too_simple_or_too_short_is_told(values: FloatArray, code: Code, message: str):
    (found,) = series_findings(first(values))
    assert found.code == code
    assert found.message.startswith(message)


def test_a_series_of_ordinary_length_is_not_called_short():
    assert codes(series_findings(first(noise(300)))) == []


def gapped(season: int, every: int, rows: int = 800) -> tuple[FloatArray, tuple[int, ...]]:
    """A noisy wave of which one row in so many is missing, and the rows after those."""
    time = np.delete(np.arange(rows), np.arange(every, rows, every))
    wave = np.sin(time / season * 2 * np.pi) + 0.1 * noise(len(time))
    return wave, tuple((np.flatnonzero(np.diff(time) > 1) + 1).tolist())


def test_a_season_that_slips_where_time_stamps_are_missing_is_a_doubt():
    wave, breaks = gapped(season=12, every=60)
    monthly = Step(label="1M", seconds=2_629_800.0)
    series = Series(values=wave[:, None], names=("value",), step=monthly, breaks=breaks)
    known = first_half(look_at(series, Request()), Request(), silent)
    assert 12 in known.seasons
    found = [f for f in series_findings(known) if f.code == Code.SEASONS_SLIP]
    assert [f.severity for f in found] == [Severity.DOUBT]
    pattern = (
        r"19% of the rows have uneven .* the row 12 steps before, from which they differ by (.*) on .* by (.*)"
    )
    matched = re.fullmatch(pattern, found[0].message)
    assert matched is not None
    slipped, even = map(float, matched.groups())
    assert even == pytest.approx(0.1 * 2 / np.sqrt(np.pi), rel=0.15)  # mean difference of two normal errors
    assert slipped > 2 * even


@pytest.mark.parametrize(("season", "every"), [(200, 300), (12, 400)])
def test_a_long_season_bears_a_slip_and_a_short_one_a_single_gap(season: int, every: int):
    wave, breaks = gapped(season, every)
    assert breaks
    assert seasons_slip(wave, breaks, season) is None
    assert seasons_slip(wave, (), season) is None


def test_where_hardly_a_season_is_whole_nothing_can_be_told():
    wave, breaks = gapped(season=12, every=9)
    found = seasons_slip(wave, breaks, 12)
    assert found == (
        "100% of the rows have uneven time stamps between them and the row 12 steps before, "
        "so that a season of this length cannot be told"
    )


def test_a_season_that_begins_late_is_uncertain():
    time = np.arange(800)
    wave = 3 * np.sin(time / 12 * 2 * np.pi) * (time > 400)
    found = [f for f in series_findings(first(wave + 0.3 * noise(800))) if f.code == Code.SEASON_UNCERTAIN]
    assert len(found) == 1
    assert found[0].message.endswith("the first 75% of the rows before the holdout show none")
    assert found[0].next == "name the column of time stamps with --time"


def test_seasons_of_long_series_are_sought_in_the_latest_rows_on_one_thread(monkeypatch: pytest.MonkeyPatch):
    looked: list[tuple[int, set[int]]] = []

    def none_found(values: FloatArray, step: object) -> tuple[int, ...]:
        looked.append((len(values), {pool["num_threads"] for pool in threadpool_info()}))
        return ()

    monkeypatch.setattr(noticed_series, "find_seasons", none_found)
    monkeypatch.setattr(noticed_series, "MOST_SEASON_ROWS", 400)
    known = SimpleNamespace(
        series=Series(values=noise(1000)[:, None], names=("value",)),
        splits=SimpleNamespace(rows=1000, development=800),
        recursion=None,
        board=None,
        seasons=(12,),
    )
    with threadpool_limits(2):
        found = series_findings(known)
    assert looked == [(300, {1})]
    assert found[0].message == (
        "a season of 12 steps is uncertain: the first 75% of the latest 400 rows before the holdout show none"
    )


def test_white_noise_has_no_new_level():
    assert all(level_change(noise(500, seed), 400) is None for seed in range(20))


def test_a_jump_of_the_level_is_noticed():
    values = noise(500)
    values[400:] += 1.5
    message = level_change(values, 400)
    assert message is not None
    assert message.startswith("the median of the holdout is +")


def test_a_trend_that_leads_out_of_the_known_range_is_noticed():
    message = level_change(np.arange(500.0) + noise(500), 400)
    assert message is not None
    assert message.endswith("of the holdout lies outside the range of all earlier rows: a trend or a level shift")


def searched(curves: dict[Cell, list[tuple[int, float]]], verdict: str = "recurrent", trees: float = 0.0):
    """A search in which all sizes end with the same loss, and a first half whose trees gained something."""
    cells = list(curves)
    outcomes = [Outcome(replicate=Replicate(c, 0), state="converged", loss=0.8) for c in cells]
    spread = 0.001 * np.random.default_rng(0).normal(size=(len(cells), 4))
    table = LossTable(cells=cells, losses=0.8 + spread - spread.mean(axis=1, keepdims=True), blocks={})
    sized = SimpleNamespace(
        outcomes=outcomes,
        results={Replicate(cell, 0): SimpleNamespace(curve=curve) for cell, curve in curves.items()},
        ended="settled",
        dropped={},
    )
    second = SimpleNamespace(
        sized=sized,
        selected=SimpleNamespace(
            cell=SMALL, basis="non-inferior", excess_at_most=0.01, comparison=Comparison(table, 3)
        ),
        judgement=Judgement(verdict=verdict, lean=None, reason=""),
        plan=SimpleNamespace(
            space=Space(units=(32, 512), multiple=32, layers=(1, 3)), most_trials=12, settings=None
        ),
        final=[],
        failed=0,
        trials_cut=False,
        trainings={},
        step_seconds=None,
        gain=None,
        yardstick=None,
        used=1,
    )
    second.recommends = partial(SecondHalf.recommends, second)
    probe = ProbeRecord(name="boosted_trees", gain=trees, gain_high=trees + 0.02, folds=[])
    return SimpleNamespace(gate=SimpleNamespace(probes=[probe]), seconds={"baselines": 5.0, "gate": 2.0}), second


SLOW = [(0, 1.0), (600, 0.6), (1500, 0.2)]
QUICK = [(0, 1.0), (600, 0.25), (800, 0.2)]


@pytest.mark.parametrize(("units", "uncertain"), [((32, 512), True), ((32, 32), False)])
def test_a_size_without_another_to_choose_is_not_called_uncertain(units: tuple[int, int], uncertain: bool):
    known, second = searched({SMALL: QUICK})
    second.selected.basis, second.selected.excess_at_most = "observed-best", None
    second.plan.space = Space(units=units, multiple=32, layers=(1, 1))
    assert (Code.SIZE_UNCERTAIN in codes(size_findings(known, second, Request()))) is uncertain


def test_losses_after_a_short_training_are_compared_as_roots():
    _, second = searched({SMALL: SLOW, LARGE: QUICK})
    assert early_losses(second.sized, SMALL, 600, "rmse")[LARGE] == pytest.approx(np.sqrt(0.25 / 0.6))
    assert early_losses(second.sized, SMALL, 600, "mae")[LARGE] == pytest.approx(0.25 / 0.6)


def test_a_larger_size_that_only_learns_faster_is_named():
    found = size_findings(*searched({SMALL: SLOW, LARGE: QUICK}), Request())
    told = next(f for f in found if f.code == Code.LONG_TRAINING)
    assert told.message == "after 600 steps 128×1 looks 35.5% better than 32×1, at the end no better"


@pytest.mark.parametrize(
    ("curves", "verdict"), [({SMALL: QUICK, LARGE: SLOW}, "recurrent"), ({SMALL: SLOW, LARGE: QUICK}, "baseline")]
)
def test_it_is_not_named_where_it_would_not_tempt(curves: dict, verdict: str):
    assert Code.LONG_TRAINING not in codes(size_findings(*searched(curves, verdict), Request()))


@pytest.mark.parametrize(("trees", "named"), [(0.21, True), (0.185, True), (0.17, False)])
def test_trees_that_gain_as_much_on_the_folds_are_named(trees: float, named: bool):
    # The network gains 20 % on the folds, and the tolerance is 2 %.
    found = codes(holdout_findings(*searched({SMALL: SLOW}, trees=trees), Request()))
    assert (Code.TREES_AS_GOOD in found) == named


@pytest.mark.parametrize(
    ("network", "trees", "request_", "named"),
    [
        (0.9, 0.885, {}, False),  # their error is 15 % above the network's
        (0.9, 0.899, {}, True),
        (0.003, -0.01, {}, False),
        (0.05, -0.04, {"tolerance": 0.1}, False),
    ],
)
def test_trees_are_not_named_for_a_difference_of_gains(
    network: float, trees: float, request_: dict[str, float], named: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(noticed_holdout, "mean_fold_gain", lambda _: network)
    found = codes(holdout_findings(*searched({SMALL: SLOW}, trees=trees), Request(**request_)))
    assert (Code.TREES_AS_GOOD in found) == named


def budget_ended(budget: float, **known: object):
    """The finding about the budget of a search in which nothing was timed."""
    before, second = searched({SMALL: SLOW})
    for name, value in known.items():
        setattr(second, name, value)
    found = size_findings(before, second, Request(budget=budget))
    return next(f for f in found if f.code == Code.BUDGET_ENDED)


def test_a_first_half_that_took_longer_than_the_budget_is_named():
    found = budget_ended(5.0, sized=None, selected=None)
    assert found.message == (
        "the budget of 5s ended the search before any size was compared; baselines and gate alone took 7 s"
    )
    assert found.next == "ask again with a longer --budget; --dry-run tells about how long a run takes"


def test_all_that_the_budget_ended_is_named():
    assert budget_ended(600.0, trials_cut=True, trial_losses={"level": {0: 1.0}}).message == (
        "the budget of 10m ended the trials of input forms after 1 of up to 12, "
        "the comparison on the holdout after 0 of 5 networks"
    )


def noticed(code: Code, verdict: str, **known: object):
    before, second = searched({SMALL: SLOW, LARGE: QUICK}, verdict)
    for name, value in known.items():
        setattr(second, name, value)
    return next((f for f in size_findings(before, second, Request()) if f.code == code), None)


def on_holdout(gain: float, errors: list[float], request: Request, *, used: int = 1):
    """Findings about a search with a gain of 20 % on the folds, by each seed's constant error on the holdout."""
    before, second = searched({SMALL: SLOW}, "inconclusive")
    values = np.r_[noise(160), noise(40, 1)]
    before.series, before.splits = SimpleNamespace(target=values), SimpleNamespace(development=160)
    second.yardstick = SimpleNamespace(actual=np.zeros(40), forecast=np.ones(40), floor=0.0)
    second.gain = Gain(gain=gain, low=gain - 0.1, high=gain + 0.1, p_value=0.01)
    second.final = [SimpleNamespace(forecasts=[error] * 40, state="converged") for error in errors]
    second.used = used
    return {finding.code: finding for finding in holdout_findings(before, second, request)}


def test_a_holdout_without_the_gain_of_the_folds_disagrees_with_them():
    found = on_holdout(-0.03, [1.03] * 5, Request())
    assert found[Code.FOLDS_DISAGREE].message == "folds and holdout disagree: a gain of 20.0% and of -3.0%"
    assert Code.FOLDS_DISAGREE not in on_holdout(0.03, [0.97] * 5, Request())
    assert Code.FOLDS_DISAGREE not in on_holdout(0.1, [0.9] * 5, Request(min_gain=0.05))


def test_seeds_whose_errors_lie_far_apart_disagree():
    found = on_holdout(0.1, [0.8, 0.9, 0.9, 0.9, 1.0], Request())
    assert found[Code.SEEDS_DISAGREE].message == "the errors of 5 seeds on the holdout differ by 22.2%"
    assert Code.SEEDS_DISAGREE not in on_holdout(0.1, [0.88, 0.9, 0.9, 0.9, 0.92], Request())


def test_a_holdout_that_was_looked_at_before_is_told():
    found = on_holdout(0.1, [0.9] * 5, Request(), used=3)
    assert found[Code.HOLDOUT_REUSED].message == (
        "3 sizes or input forms have been compared on the holdout of this study: its p-value is too small, and "
        "the verdict asks for one 3 times smaller"
    )
    assert Code.HOLDOUT_REUSED not in on_holdout(0.1, [0.9] * 5, Request())


def test_a_code_for_missing_values_puts_the_answer_in_doubt():
    values = 20 + 5 * np.sin(2 * np.pi * np.arange(600) / 24) + 0.3 * noise(600)
    assert far_values(values) is None
    values[[40, 500]] = -999
    told = far_values(values)
    assert told is not None
    assert re.fullmatch(
        r"-999 \(2 times, first in row 41\) is 1\d\d times the usual spread away from all others", told
    )
    found = next(f for f in series_findings(first(values)) if f.code == Code.FAR_VALUES)
    assert (found.severity, found.message) == (Severity.DOUBT, told)
    values[300] = 1e6
    told = far_values(values)
    assert told is not None
    assert " and 1e+06 (in row 301) is " in told


@pytest.mark.parametrize(
    "values",
    [noise(5000) ** 3, np.exp(0.01 * np.arange(2000)), np.r_[np.zeros(90), np.arange(10.0)], 7.0 * np.ones(40)],
)
def test_heavy_tails_growth_and_rare_events_are_no_codes(values: FloatArray):
    assert far_values(values) is None


def test_a_level_that_shifts_in_the_holdout_is_told_although_the_gate_is_shut():
    shifted = first(np.r_[noise(400), 100 + noise(100)])
    assert shifted.gate.decision == "shut"
    (found,) = series_findings(shifted)
    assert found.code == Code.HOLDOUT_SHIFTED
    assert found.message.startswith("100% of the holdout lies outside the range of all earlier rows")


def test_a_series_that_wanders_or_grows_has_no_new_level_to_be_told():
    assert codes(series_findings(first(np.cumsum(noise(500, 3))))) == []
    grown = first(np.arange(500.0) + noise(500))
    assert grown.gate.decision == "shut"
    assert codes(series_findings(grown)) == []


def ended(why: str, **request: object):
    before, second = searched({SMALL: SLOW})
    second.sized.ended = why
    return {finding.code: finding for finding in size_findings(before, second, Request(**request))}


def test_an_effort_that_ended_and_sizes_beyond_it_are_told():
    assert ended("effort")[Code.EFFORT_ENDED].next == "narrow --units or --layers, or raise --tolerance"
    assert ended("unaffordable")[Code.LARGER_UNTRIED].next == "start higher: --units 64:512"
    assert ended("unaffordable", units=(32, 32))[Code.LARGER_UNTRIED].next is None
    assert not {Code.EFFORT_ENDED, Code.LARGER_UNTRIED} & ended("settled").keys()


def at_the_edge(cell: Cell, judgement: Judgement, request: Request):
    before, second = searched({SMALL: SLOW})
    second.selected.cell, second.judgement = cell, judgement
    return {finding.code: finding for finding in size_findings(before, second, request)}


FOUND = Judgement(verdict="recurrent", lean=None, reason="")
LEANS = Judgement(verdict="inconclusive", lean="recurrent", reason="")
NOT_FOUND = Judgement(verdict="baseline", lean=None, reason="")


@pytest.mark.parametrize("judgement", [FOUND, LEANS])
@pytest.mark.parametrize(
    ("cell", "code", "message", "advice"),
    [
        (
            SMALL,
            Code.SMALLEST_SIZE,
            "the smallest size that was allowed, 32×1, is recommended: a smaller one may do as well",
            "--units 16:32 --multiple 16",
        ),
        (
            Cell(512, 1),
            Code.LARGEST_SIZE,
            "the largest width that was allowed, 512, is recommended: a wider one may be better",
            "ask again with --units 32:1024",
        ),
        (
            Cell(64, 3),
            Code.LARGEST_SIZE,
            "the largest number of layers that was allowed, 3, is recommended: a deeper network may be better",
            "ask again with --layers 1:4",
        ),
    ],
)
def test_a_recommended_size_at_the_edge_of_what_was_allowed_is_told(
    judgement: Judgement, cell: Cell, code: Code, message: str, advice: str
):
    (found,) = at_the_edge(cell, judgement, Request()).values()
    assert (found.code, found.message, found.next) == (code, message, advice)


def test_an_edge_is_told_only_of_a_size_that_is_recommended_and_where_there_was_a_choice():
    assert at_the_edge(SMALL, NOT_FOUND, Request()) == {}
    assert list(at_the_edge(SMALL, NOT_FOUND, Request(force_search=True))) == [Code.SMALLEST_SIZE]
    assert at_the_edge(Cell(64, 2), FOUND, Request()) == {}


def test_seeds_that_all_forecast_perfectly_do_not_disagree():
    before, second = searched({SMALL: SLOW}, "baseline")
    before.series, before.splits = SimpleNamespace(target=np.zeros(40)), SimpleNamespace(development=36)
    second.yardstick = SimpleNamespace(actual=np.zeros(4), forecast=np.zeros(4), floor=0.001)
    second.gain = Gain(gain=0.0, low=0.0, high=0.0, p_value=1.0)
    second.final = [SimpleNamespace(forecasts=[0.0] * 4, state="converged")] * 5
    assert not {Code.SEEDS_DISAGREE, Code.METRICS_DISAGREE} & set(
        codes(holdout_findings(before, second, Request()))
    )


def test_the_other_error_comes_from_the_mean_of_the_losses_of_all_seeds():
    # RMSE relative to the baseline: half of it four times, and three times as much once; the mean of errors is 1.
    before, second = searched({SMALL: SLOW}, "baseline")
    before.series, before.splits = SimpleNamespace(target=np.zeros(40)), SimpleNamespace(development=36)
    second.yardstick = SimpleNamespace(actual=np.zeros(4), forecast=np.ones(4), floor=0.0)
    second.gain = Gain(gain=0.5, low=0.4, high=0.6, p_value=0.001)
    second.final = [
        SimpleNamespace(forecasts=[error] * 4, state="converged") for error in (0.5, 0.5, 0.5, 0.5, 3.0)
    ]
    found = holdout_findings(before, second, Request(metric="mae"))
    told = next(finding.message for finding in found if finding.code == Code.METRICS_DISAGREE)
    assert told == "the gain on the holdout is 50.0% in MAE, but -41.4% in RMSE"


def test_a_network_that_is_useless_although_it_converged_is_said_to_be():
    before, second = searched({SMALL: SLOW, LARGE: QUICK})
    second.sized.outcomes.append(
        Outcome(replicate=Replicate(LARGE, 1), state="converged", loss=None, reason="the error is infinite")
    )
    found = next(f for f in size_findings(before, second, Request()) if f.code == Code.FAILED_REPLICATES)
    assert found.message == "sizes are out because a training failed: 128×1 was useless: the error is infinite"


def test_networks_that_fail_on_the_holdout_put_no_size_out():
    found = noticed(Code.FAILED_REPLICATES, "inconclusive", failed=2)
    assert found.message == "2 of 5 networks on the holdout failed, so that no verdict is definite"
    assert found.next == "ask again with another --seed"


def test_a_size_that_failed_on_the_folds_is_out_for_one_reason():
    before, second = searched({SMALL: SLOW, LARGE: QUICK})
    second.sized.outcomes += [
        Outcome(replicate=Replicate(LARGE, n), state="diverged", loss=None, reason=f"the loss was nan at step {n}")
        for n in (1, 2)
    ]
    found = next(f for f in size_findings(before, second, Request()) if f.code == Code.FAILED_REPLICATES)
    assert found.message.startswith("sizes are out because a training failed: 128×1 diverged (the loss was nan at")
    assert found.message.count("128×1") == 1
    assert found.next == "ask again with another --seed, or leave these sizes out with --units and --layers"


def at_the_cap(cell: Cell) -> SimpleNamespace:
    done = [Outcome(replicate=Replicate(c, 0), state="converged", loss=0.8) for c in (SMALL, LARGE)]
    done[[SMALL, LARGE].index(cell)] = replace(done[0], replicate=Replicate(cell, 0), state="unconverged")
    return SimpleNamespace(outcomes=done, results={}, ended="settled", dropped={})


@pytest.mark.parametrize(
    ("cell", "verdict", "told", "advised"),
    [
        (SMALL, "recurrent", "32×1; the recommended size is among them", True),
        (SMALL, "baseline", "32×1; the size on the holdout is among them", False),
        (LARGE, "recurrent", "128×1", False),
    ],
)
def test_only_a_recommended_size_is_to_be_trained_longer(cell: Cell, verdict: str, told: str, advised: bool):
    found = noticed(Code.UNCONVERGED, verdict, sized=at_the_cap(cell))
    assert found.message == f"1 of 2 trainings still improved at the cap of steps ({told})"
    assert (found.next is not None) == advised


def test_networks_on_the_holdout_that_were_at_the_cap_are_told():
    found = noticed(Code.UNCONVERGED, "baseline", final=[SimpleNamespace(state="unconverged")] * 5)
    assert found.message.startswith("5 of 7 trainings still improved")


@pytest.mark.parametrize(
    ("bound", "told"),
    [
        (0.004, "ask for less with --tolerance 0.01, or narrow the space"),
        (0.0751, "ask for less with --tolerance 0.08, or narrow the space"),
        (0.991, "narrow the space"),
        (None, "narrow the space"),
    ],
)
def test_a_tolerance_is_advised_that_the_bound_keeps_and_the_command_takes(bound: float | None, told: str):
    before, second = searched({SMALL: SLOW})
    second.selected.basis, second.selected.excess_at_most = "observed-best", bound
    found = next(f for f in size_findings(before, second, Request(tolerance=0.0)) if "excess" in f.message)
    assert found.next == told


def test_a_forced_search_is_told_only_where_the_gate_is_shut():
    before = SimpleNamespace(
        gate=SimpleNamespace(decision="open", reason="why"), leaves_something=lambda forced: True
    )
    assert force_findings(before, Request(force_search=True)) == []
    before.gate.decision = "shut"
    assert codes(force_findings(before, Request(force_search=True))) == [Code.FORCED]
    assert force_findings(before, Request()) == []


@pytest.mark.parametrize(
    ("before", "holdout"),
    [
        (noise(400), 0.5 + noise(100, 1)),  # less than the spread inside
        (np.tile(noise(100), 4), noise(100) + 0.3),
        (np.repeat([0.0, 3.0, 0.0, 3.0], 100) + 0.1 * noise(400), 0.1 * noise(100, 1)),  # as it jumped before
    ],
    ids=["noise", "calm", "steps"],
)
def test_a_jump_that_is_small_or_usual_is_no_new_level(before: FloatArray, holdout: FloatArray):
    assert level_change(np.r_[before, holdout], len(before)) is None


def test_half_of_the_holdout_outside_all_earlier_rows_is_a_new_level():
    holdout = np.where(np.arange(100) % 2, 10.0, 0.0)
    told = level_change(np.r_[noise(400), holdout], 400)
    assert told is not None
    assert "50% of the holdout lies outside" in told


@pytest.mark.parametrize(("gain", "error", "told"), [(0.3, 0.9, False), (-0.05, 0.9, True), (0.015, 0.97, False)])
def test_the_other_error_is_named_where_it_lies_well_on_the_other_side(gain: float, error: float, told: bool):
    assert (Code.METRICS_DISAGREE in on_holdout(gain, [error] * 5, Request())) is told


def test_rounding_is_no_gain_in_either_error():
    found = on_holdout(1e-16, [1.0 + 1e-15] * 5, Request(min_gain=0))
    assert Code.METRICS_DISAGREE not in found
    assert "of 20.0% and of 0.0%" in found[Code.FOLDS_DISAGREE].message


def test_a_size_that_nobody_is_advised_to_take_is_not_called_uncertain():
    before, second = searched({SMALL: SLOW}, "baseline")
    second.selected.basis = "observed-best"
    assert Code.SIZE_UNCERTAIN not in codes(size_findings(before, second, Request()))
