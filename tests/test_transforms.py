"""Input forms: back to the values exactly, and nothing of the future inside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmsize.series import FloatArray
from lstmsize.transforms import InputForm, Shaped, candidate_forms, shape
from lstmsize.windows import lagged

WINDOW = 6
FORMS = [
    InputForm(kind="level"),
    InputForm(kind="difference"),
    InputForm(kind="last_value"),
    InputForm(kind="seasonal_difference", seasons=(7,)),
    InputForm(kind="seasonal_lags", seasons=(4, 7)),
    InputForm(kind="correction", seasons=(4, 7)),
    InputForm(kind="correction"),
    InputForm(kind="level", log=True),
    InputForm(kind="seasonal_difference", seasons=(7,), log=True),
    InputForm(kind="correction", seasons=(7,), log=True),
]
EVERY_FORM = pytest.mark.parametrize("form", FORMS, ids=str)


def series(seed: int, rows: int = 80) -> FloatArray:
    return np.asarray(np.exp(0.2 * np.random.default_rng(seed).normal(size=rows)).cumsum() + 5.0)


def linear_forecast(values: FloatArray, form: InputForm) -> FloatArray | None:
    """Forecast a row by the two before it, with fixed coefficients."""
    if not form.needs_base:
        return None
    level = np.log(values) if form.log else values
    forecast = np.full(len(level), np.nan)
    forecast[2:] = 1.5 * level[1:-1] - 0.5 * level[:-2]
    return forecast


def shaped(values: FloatArray, form: InputForm, stop: int = 50) -> Shaped:
    return shape(values, form, stop=stop, window=WINDOW, base=linear_forecast(values, form))


@EVERY_FORM
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), stop=st.integers(20, 80))
def test_a_network_that_says_the_targets_gives_back_the_values(form: InputForm, seed: int, stop: int) -> None:
    values = series(seed)
    found = shaped(values, form, stop)
    rows = np.arange(found.first, len(values))
    restored = found.restore(rows, found.targets[rows].astype(np.float64))
    np.testing.assert_allclose(restored, values[rows], rtol=1e-5)


@EVERY_FORM
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), row=st.integers(50, 79))
def test_inputs_of_a_row_know_nothing_of_it_or_of_later_rows(form: InputForm, seed: int, row: int) -> None:
    values = series(seed)
    altered = values.copy()
    altered[row:] = series(seed + 1)[row:] * 3
    before, after = shaped(values, form), shaped(altered, form)
    np.testing.assert_array_equal(before.inputs[: row + 1], after.inputs[: row + 1])
    np.testing.assert_array_equal(before.offset[: row + 1], after.offset[: row + 1])
    np.testing.assert_array_equal(before.targets[:row], after.targets[:row])
    assert (before.scale, before.first) == (after.scale, after.first)


@EVERY_FORM
def test_the_stated_channels_are_those_of_the_inputs(form: InputForm) -> None:
    found = shaped(series(0), form)
    assert form.channels == found.channels == found.inputs.shape[1]


@EVERY_FORM
def test_everything_is_finite_and_standardised_on_the_rows_to_learn_from(form: InputForm) -> None:
    noise = np.random.default_rng(0).normal(size=3000)
    found = shaped(np.asarray(5 + np.exp(0.3 * noise)), form, stop=2000)
    assert np.isfinite(found.inputs).all()
    assert np.isfinite(found.targets).all()
    assert (found.inputs.dtype, found.targets.dtype) == (np.float32, np.float32)
    assert found.targets[found.first : 2000].std() == pytest.approx(1.0, abs=0.02)


@EVERY_FORM
def test_an_untrained_network_that_says_zero_forecasts_the_offset(form: InputForm) -> None:
    found = shaped(series(0), form)
    rows = np.arange(found.first, 80)
    offset = found.offset[rows]
    np.testing.assert_allclose(found.restore(rows, np.zeros(len(rows))), np.exp(offset) if form.log else offset)


@pytest.mark.parametrize(("form", "first"), [(FORMS[0], 1), (FORMS[1], 2), (FORMS[3], 8), (FORMS[4], 7)], ids=str)
def test_the_first_row_is_the_first_whose_past_reaches_back_far_enough(form: InputForm, first: int) -> None:
    assert shaped(series(0), form).first == first


def test_what_each_form_shows_and_asks_by_hand() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    level = shape(values, InputForm(kind="level"), stop=6, window=2)
    spread = values.std()
    np.testing.assert_allclose(level.inputs[1:, 0], (values[:-1] - values.mean()) / spread, rtol=1e-6)
    np.testing.assert_allclose(level.targets, (values - values.mean()) / spread, rtol=1e-6)
    changes = shape(values, InputForm(kind="difference"), stop=6, window=2)
    np.testing.assert_allclose(changes.targets[1:], np.diff(values) / np.diff(values).std(), rtol=1e-6)
    np.testing.assert_allclose(changes.inputs[2:, 0], np.diff(values)[:-1] / np.diff(values)[:-1].std(), rtol=1e-6)


def test_a_large_level_keeps_its_digits() -> None:
    values = 1e8 + series(3)
    for form in FORMS[:7]:
        found = shaped(values, form)
        rows = np.arange(found.first, len(values))
        restored = found.restore(rows, found.targets[rows].astype(np.float64))
        assert np.abs(restored - values[rows]).max() < 1e-4


@EVERY_FORM
@pytest.mark.parametrize("value", [3.0, 0.1])
def test_a_constant_part_to_learn_from_divides_by_nothing(form: InputForm, value: float) -> None:
    found = shaped(np.append(np.full(79, value), value + 1), form)
    assert np.abs(found.inputs).max() < 100
    np.testing.assert_allclose(found.restore(np.arange(20, 79), np.zeros(59)), value)


def test_a_forecast_beyond_all_numbers_is_infinite_and_no_warning() -> None:
    found = shaped(series(0), InputForm(kind="level", log=True))
    assert np.isinf(found.restore(np.array([10]), np.array([1e9]))).all()


def test_a_forecast_of_the_latest_rows_is_corrected_there() -> None:
    values = series(0)
    base = lagged(values, 1)
    form = InputForm(kind="correction")
    whole, late = (shape(values, form, stop=80, window=WINDOW, base=known) for known in (base, base[40:]))
    assert whole.first < 40 <= late.first
    np.testing.assert_array_equal(late.offset[40:], whole.offset[40:])
    assert np.isnan(late.offset[:40]).all()


def test_the_correction_needs_a_forecast_to_correct() -> None:
    with pytest.raises(ValueError, match="the correction form needs a forecast to correct"):
        shape(series(0), InputForm(kind="correction"), stop=50, window=WINDOW)


def test_the_forms_worth_a_trial_stand_the_plain_ones_first() -> None:
    kinds = [form.kind for form in candidate_forms((48, 336), window=12, log=False, base=True)]
    assert kinds == ["level", "difference", "last_value", "seasonal_lags", "seasonal_difference", "correction"]
    assert [form.kind for form in candidate_forms((), window=12, log=False, base=False)] == kinds[:3]


def test_the_network_is_shown_the_seasons_that_the_baselines_may_use() -> None:
    forms = {form.kind: form for form in candidate_forms((48, 336), window=12, log=True, base=True)}
    assert forms["seasonal_lags"].detail == {"seasonal_lags": [48, 336]}
    assert forms["correction"].seasons == (48, 336)
    assert forms["seasonal_difference"].seasons == (336,)
    assert all(form.log for form in forms.values())


def test_a_form_is_named_in_words() -> None:
    assert str(InputForm(kind="seasonal_lags", seasons=(7,))) == "seasonal lags"
    assert str(InputForm(kind="level", log=True)) == "level of the logarithm"
