"""How the parts of a request are written."""

from __future__ import annotations

import pytest

from lstmsize.errors import UsageError
from lstmsize.notation import duration_text, parse_duration, parse_fraction, parse_range, parse_window


@pytest.mark.parametrize(("text", "values"), [("32:512", (32, 512)), ("64", (64, 64)), (" 1 : 3 ", (1, 3))])
def test_a_range_is_two_numbers_or_one(text: str, values: tuple[int, int]) -> None:
    assert parse_range(text, "--units") == values


@pytest.mark.parametrize("text", ["", "a", "32-64", "32:", ":64", "1:2:3", "-1", "1.5"])
def test_anything_else_is_no_range(text: str) -> None:
    with pytest.raises(UsageError, match="needs a whole number, or two with a colon between, as in 32:512"):
        parse_range(text, "--units")


@pytest.mark.parametrize(("text", "steps"), [("auto", None), ("AUTO", None), ("48", 48), (" 7 ", 7)])
def test_a_window_is_a_number_or_auto(text: str, steps: int | None) -> None:
    assert parse_window(text) == steps


@pytest.mark.parametrize("text", ["", "long", "-1", "4.5"])
def test_anything_else_is_no_window(text: str) -> None:
    with pytest.raises(UsageError, match="needs a whole number of steps, or auto"):
        parse_window(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("60s", 60), ("5m", 300), ("1h", 3600), ("90", 90), ("1.5H", 5400), ("500ms", 0.5)]
)
def test_a_duration_is_a_number_with_its_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-5s", "5 days", "1h30m", "inf"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError, match="needs a time such as 60s, 5m or 1h"):
        parse_duration(text)


@pytest.mark.parametrize(("text", "fraction"), [("0.02", 0.02), ("2%", 0.02), (" 2.5 % ", 0.025), ("0", 0.0)])
def test_a_fraction_may_be_a_percentage(text: str, fraction: float) -> None:
    assert parse_fraction(text, "--min-gain") == pytest.approx(fraction)


@pytest.mark.parametrize("text", ["", "%", "two", "2 %%", "1,5"])
def test_anything_else_is_no_fraction(text: str) -> None:
    with pytest.raises(UsageError, match=r"--min-gain .*: needs a fraction, as in 0\.02 or 2%"):
        parse_fraction(text, "--min-gain")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.001, "0.001s"), (45, "45s"), (90, "90s"), (480, "8m"), (7200, "2h"), (1234567, "1234567s")],
)
def test_a_time_is_written_as_it_is_read(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
    assert parse_duration(text) == seconds
