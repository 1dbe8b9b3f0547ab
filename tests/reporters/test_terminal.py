"""The text for people: what stands first, what is marked, and that it fits."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from lstmsize.naming import spoken
from lstmsize.reporters.page import Page
from lstmsize.reporters.terminal import render, render_findings
from lstmsize.reporters.wording import column, number, p_value, percent, runs, settings
from lstmsize.results import Recommendation
from records import DOUBT, INCONCLUSIVE, OPEN, RECURRENT, SHUT, WARNING, simple_model

ALL = [RECURRENT, INCONCLUSIVE, OPEN, SHUT]


def section(text: str, heading: str) -> list[str]:
    """Lines under a heading."""
    _, _, rest = text.partition(f"\n{heading}")
    return rest.split("\n\n")[0].splitlines()[1:]


def row(lines: list[str], start: str) -> str:
    return next(line for line in lines if line.strip().startswith(start))


@pytest.mark.parametrize("record", ALL)
def test_the_verdict_is_the_whole_first_line(record: Recommendation) -> None:
    assert render(record).splitlines()[0] == record.summary


@pytest.mark.parametrize("record", ALL)
@pytest.mark.parametrize("width", [40, 50, 80, 100, 240])
def test_a_terminal_is_never_overrun(record: Recommendation, width: int) -> None:
    assert max(map(len, render(record, width=width).splitlines())) <= min(width, 100)


@pytest.mark.parametrize("width", [40, 44, 50, 60])
def test_a_narrow_terminal_gets_fewer_columns_with_whole_names_and_numbers(width: int) -> None:
    lines = section(render(OPEN, width=width), "Simple models")
    for model in OPEN.baselines:
        assert row(lines, model.name.replace("_", " ")).split("  ")[-1].strip()
    assert row(lines, "log polynomial autoregression").split()[3] == "830.9"
    text = render(RECURRENT, width=width)
    for told in ("units  layers", "0.951", "0.910", "recommended"):
        assert told in text
    assert ("5,256,705" in text) is ("parameters" in text.split("Sizes")[1])


@pytest.mark.parametrize("record", ALL)
def test_a_file_gets_every_column(record: Recommendation) -> None:
    text = render(record)
    assert all(f"{model.mase:.4f}" in text for model in record.baselines[:8] if model.mase)


def test_sentences_that_end_with_a_number_are_wrapped_as_words() -> None:
    page = Page(width=40, colour=False)
    page.table(
        ["size", "why"],
        [[size, f"failed: the loss was nan at step {step}"] for size, step in (("a", 25), ("b", 5))],
    )
    lines = page.text().splitlines()
    assert max(map(len, lines)) <= 40
    assert lines[1].startswith("a     failed: the loss")


def test_names_break_between_words_where_nothing_else_helps() -> None:
    text = render(OPEN, width=20)
    assert "polynomial        841.2\nautoregression\n" in text


@pytest.mark.parametrize("record", ALL)
def test_there_are_no_codes_without_colour(record: Recommendation) -> None:
    assert "\x1b" not in render(record, width=80)
    assert "\x1b[1m" in render(record, width=80, colour=True)


def test_the_recommended_configuration_can_be_repeated() -> None:
    lines = section(render(RECURRENT), "Recommended")
    assert row(lines, "network").endswith("LSTM, 64 units, 1 layer (17,217 parameters)")
    assert row(lines, "window").endswith("48 steps (one season)")
    assert "the forecast of exponential smoothing of the logarithm, whose" in row(lines, "it sees")
    assert row(lines, "training").endswith(
        "1,400 steps, batches of 32, learning rate 0.016, weights averaged with decay 0.98"
    )
    assert row(lines, "last step").endswith("4,200 steps if the loss is on the last step of each window only")
    assert "shown to be as good: at most 1.7% above the error of any other" in " ".join(lines)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"excess_at_most": None, "basis": "observed-best"}, "too few trainings to say how sizes compare"),
        ({"excess_at_most": 0.08, "basis": "observed-best"}, "the lowest error so far: at most 8.0% above"),
        ({"excess_at_most": -0.01}, "no other size does better"),
    ],
)
def test_the_basis_says_how_sure_the_size_is(changes: dict[str, object], told: str) -> None:
    assert RECURRENT.recommendation is not None
    record = replace(RECURRENT, recommendation=replace(RECURRENT.recommendation, **changes))
    assert told in render(record)


@pytest.mark.parametrize("alone", [{"mean": None}, {"state": "failed"}])
def test_a_size_that_stands_alone_was_compared_with_no_other(alone: dict[str, str | None]) -> None:
    assert RECURRENT.recommendation is not None
    choice = replace(RECURRENT.recommendation, excess_at_most=None)
    others = [replace(size, **alone) for size in RECURRENT.sizes[1:]]  # type: ignore[arg-type]
    record = replace(RECURRENT, recommendation=choice, sizes=[RECURRENT.sizes[0], *others])
    assert "no other size was compared with it" in render(record)


def test_a_size_beside_which_all_others_were_given_up_says_so() -> None:
    assert RECURRENT.recommendation is not None
    choice = replace(RECURRENT.recommendation, excess_at_most=None)
    others = [replace(size, state="dropped") for size in RECURRENT.sizes[1:]]
    record = replace(RECURRENT, recommendation=choice, sizes=[RECURRENT.sizes[0], *others])
    assert "every other size was given up as worse" in render(record)


def test_a_forced_choice_is_not_called_the_lowest_and_the_simple_model_stays_recommended() -> None:
    assert RECURRENT.recommendation is not None
    choice = replace(RECURRENT.recommendation, basis="forced", excess_at_most=0.015)
    text = render(replace(RECURRENT, recommendation=choice, verdict="baseline"))
    assert row(section(text, "Best network, shown because of --force-search"), "basis").endswith(
        "at most 1.5% above the error of any other (90 % bound)"
    )
    assert "lowest error so far" not in text
    assert spoken(RECURRENT.best_baseline) in " ".join(section(text, "Recommended"))


@pytest.mark.parametrize(
    ("changes", "basis", "heading"),
    [
        ({}, "non-inferior", "Recommended\n"),
        ({"verdict": "inconclusive", "lean": "recurrent"}, "non-inferior", "If a network is wanted now\n"),
        ({"verdict": "baseline"}, "forced", "Best network, shown because of --force-search\n"),
    ],
)
def test_the_heading_says_what_the_configuration_is_worth(
    changes: dict[str, object], basis: str, heading: str
) -> None:
    assert RECURRENT.recommendation is not None
    choice = replace(RECURRENT.recommendation, basis=basis)
    assert f"\n{heading}" in render(replace(RECURRENT, recommendation=choice, **changes))


def test_the_sizes_stand_in_order_with_their_marks() -> None:
    lines = section(render(RECURRENT), "Sizes")
    assert [line.split()[0] for line in lines[1:]] == ["32", "64", "128", "512"]
    assert row(lines, "32").split()[2:6] == ["4,513", "0.951", "0.011", "3"]
    assert row(lines, "32").endswith("dropped: shown to be worse than 64×1")
    assert row(lines, "64").endswith("recommended")
    assert row(lines, "128").endswith("not told apart, lowest error")
    assert row(lines, "512").endswith("failed: out of memory")


def test_the_holdout_has_both_errors_and_the_interval() -> None:
    lines = section(render(RECURRENT), "Holdout: 2,064 rows")
    assert row(lines, "network, mean of 3 seeds").endswith("744.0")
    assert row(lines, "linear autoregression").endswith("812.2")
    assert lines[-1] == "gain 8.4% (90 % interval 5.1% to 11.2%, p = 0.0004)"


def test_an_open_question_says_which_model_is_safer() -> None:
    text = render(INCONCLUSIVE)
    assert section(text, "Until it is settled") == ["linear autoregression: lags 1 to 3, 48, 336, penalty 0.1"]


def test_a_shut_gate_recommends_the_simple_model() -> None:
    assert section(render(SHUT), "Recommended") == ["linear autoregression: lags 1 to 3, 48, 336, penalty 0.1"]


def test_an_unpredictable_series_gets_no_recommendation() -> None:
    assert "Recommended" not in render(replace(SHUT, verdict="unpredictable"))


def test_the_first_half_shows_every_simple_model_and_what_is_left() -> None:
    text = render(OPEN)
    lines = section(text, "Simple models on 6,190 rows")
    assert len(lines) == 1 + len(OPEN.baselines)
    assert row(lines, "linear autoregression").split()[2:] == ["812.1", "11.00", "568.5", "0.6247", "57.3%"]
    assert row(lines, "mean").split()[1:] == ["6,950.0", "4,865.0", "-265.8%"]
    left = section(text, "What could still be forecast in the errors of linear autoregression")
    assert row(left, "boosted trees").split()[-2:] == ["4.2%", "6.1%"]
    assert row(text.splitlines(), "McLeod-Li").endswith("< 0.0001")
    assert row(text.splitlines(), "Teräsvirta").endswith("too few rows")
    assert f"The gate is open: {OPEN.gate.reason if OPEN.gate else ''}." in text


def test_the_whole_journey_shows_the_best_simple_models_and_counts_the_rest() -> None:
    lines = section(render(RECURRENT), "Simple models")
    assert len(lines) == 1 + 8 + 1
    assert lines[-1] == "and 2 more"


def test_the_deciding_error_stands_first() -> None:
    headers = section(render(replace(SHUT, request={"metric": "mae"})), "Simple models")[0].split()
    assert headers == ["model", "MAE", "±", "s.e.", "RMSE", "MASE", "skill"]


def test_an_unknown_column_is_left_out() -> None:
    exact = simple_model("exact_recursion", 0.0, mae=0.0, mase=None, stderr=None, skill=1.0)
    text = render(replace(SHUT, baselines=[exact], best_baseline="exact_recursion"))
    assert section(text, "Simple models")[0].split() == ["model", "RMSE", "MAE", "skill"]


def test_how_the_input_was_read_stands_in_one_line() -> None:
    assert section(render(RECURRENT), "Input") == [
        "taxi.csv, 10,320 rows, target value, time timestamp, step 30min, seasons of 48 and 336 steps; "
        "read as utf-8, commas, decimal point, with header"
    ]


def test_a_name_cannot_break_the_line_or_command_the_terminal() -> None:
    named = replace(RECURRENT.input, target="va\nlue", time="\x1b[31mtime")
    (line,) = section(render(replace(RECURRENT, input=named)), "Input")
    assert r"target va\nlue, time \x1b[31mtime," in line


@pytest.mark.parametrize("record", ALL)
def test_no_number_is_shown_that_the_record_lacks(record: Recommendation) -> None:
    known = [float(found) for found in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", json.dumps(record.to_dict()))]
    known += [value * 100 for value in known]
    known += [len(size.replicates) for size in record.sizes]
    known += [len(record.holdout.seeds)] if record.holdout else []
    known += [len(record.baselines) - 8, 90, 0.0001, 1]  # counted, confidence, "<", "below 1 is better"
    for shown in re.findall(r"(?<![\w-])-?\d[\d,]*\.?\d*", render(record)):
        text = shown.replace(",", "")
        decimals = len(text.partition(".")[2])
        assert any(abs(value - float(text)) <= 0.51 * 10**-decimals for value in known), shown


def test_findings_stand_one_to_a_line_with_code_and_next_step() -> None:
    assert render_findings([DOUBT, WARNING]).splitlines() == [
        "lstmsize: doubt L003: no size was shown to be within 2.0% of every other; "
        "next: ask for less with --tolerance 0.04",
        "lstmsize: warning L009: 144 rows are few",
    ]


def test_no_finding_is_no_text() -> None:
    assert render_findings([]) == ""


def test_numbers_are_written_with_sensible_digits() -> None:
    assert [number(v) for v in (None, 0.0, 0.0123456, 8.25, 1234.56, 123456.7, 1e20)] == [
        "",
        "0",
        "0.01235",
        "8.25",
        "1,234.6",
        "123,457",
        "1e+20",
    ]
    assert column([812.14, 6950.0, None]) == ["812.1", "6,950.0", ""]
    assert column([1e-9, 5.0]) == ["1e-09", "5"]
    assert column([]) == []
    assert [percent(v) for v in (None, -0.0001, 0.084)] == ["", "0.0%", "8.4%"]
    assert [p_value(v) for v in (None, 1e-9, 0.0321)] == ["too few rows", "< 0.0001", "0.032"]


def test_names_and_lists_are_written_for_people() -> None:
    assert spoken("log_linear_autoregression") == "linear autoregression of the logarithm"
    both = "the average of exponential smoothing and linear autoregression"
    assert spoken("average_smoothing_linear") == both
    assert spoken("log_average_smoothing_linear") == f"{both}, both of the logarithm"
    assert runs([1, 2, 3, 10, 11, 48]) == "1 to 3, 10, 11, 48"
    assert settings({"lags": [1], "added_to": "linear", "alpha": 0.2000001, "none": []}) == (
        "lags 1, added to linear, alpha 0.2"
    )
