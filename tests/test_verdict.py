"""The verdict, branch by branch."""

from __future__ import annotations

import numpy as np
import pytest

from lstmsize.config import Request
from lstmsize.resampling import Gain
from lstmsize.verdict import Judgement, judge, rows_needed

ANY = Request(min_gain=0).least_gain
"""The gain from which one counts where any is worth having."""


def gain(value: float, low: float, high: float) -> Gain:
    return Gain(gain=value, low=low, high=high, p_value=0.1)


def judged(value: float, low: float, high: float, folds: list[float], **other: bool) -> Judgement:
    return judge(holdout=gain(value, low, high), folds=np.array(folds), min_gain=0.02, simple="baseline", **other)


def test_a_proved_gain_that_the_folds_confirm_is_recurrent() -> None:
    judgement = judged(0.084, 0.051, 0.112, [0.05, 0.10, 0.09])
    assert (judgement.verdict, judgement.lean) == ("recurrent", None)
    assert judgement.reason == "gain 8.4% on the holdout (90 % interval 5.1% to 11.2%), 8.0% on the folds"


def test_a_gain_of_exactly_the_smallest_worth_having_counts() -> None:
    assert judged(0.02, 0.001, 0.04, [0.02, 0.02, 0.02]).verdict == "recurrent"


def test_a_proved_gain_that_is_too_small_is_no_reason_for_a_network() -> None:
    judgement = judged(0.015, 0.01, 0.018, [0.01, 0.01, 0.01])
    assert (judgement.verdict, judgement.lean) == ("baseline", None)
    assert judgement.reason.endswith("a gain above 1.8% is excluded")


def test_no_gain_anywhere_is_the_simple_answer_and_says_what_is_not_excluded() -> None:
    judgement = judged(-0.03, -0.08, 0.025, [-0.01, 0.0, -0.02])
    assert judgement.verdict == "baseline"
    assert "a gain above 2.5% is excluded" in judgement.reason


def test_where_nothing_is_forecastable_the_simple_answer_is_unpredictable() -> None:
    judgement = judge(holdout=gain(-0.01, -0.02, 0.01), folds=np.zeros(3), min_gain=0.02, simple="unpredictable")
    assert (judgement.verdict, judgement.lean) == ("unpredictable", None)


@pytest.mark.parametrize("rounding", [-1e-16, 0.0, 1e-16])
def test_a_network_that_learnt_nothing_is_no_gain_even_where_any_gain_would_do(rounding: float) -> None:
    nothing = gain(rounding, -0.01, 0.01)
    judgement = judge(holdout=nothing, folds=np.zeros(3), min_gain=ANY, simple="baseline")
    assert (judgement.verdict, judgement.lean) == ("baseline", None)
    some = judge(
        holdout=gain(0.004, 0.001, 0.007),
        folds=np.full(3, 0.003),
        min_gain=ANY,
        simple="baseline",
    )
    assert some.verdict == "recurrent"


def test_a_large_gain_that_is_not_significant_is_inconclusive_and_leans_to_the_network() -> None:
    judgement = judged(0.06, -0.01, 0.12, [0.05, 0.06, 0.04])
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "recurrent")
    assert judgement.reason.endswith("is not significant")


def test_a_gain_on_the_holdout_that_the_folds_deny_leans_to_the_simple_model() -> None:
    judgement = judged(0.06, 0.03, 0.09, [-0.05, 0.01, -0.02])
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "baseline")
    assert judgement.reason.endswith(", but -2.0% on the folds")


def test_a_proved_gain_on_the_holdout_outweighs_folds_that_show_less() -> None:
    judgement = judged(0.06, 0.03, 0.09, [0.01, 0.02, 0.00])
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "recurrent")
    assert judgement.reason.endswith(", but 1.0% on the folds")
    assert judged(0.025, 0.01, 0.04, [0.01, 0.01, 0.0]).lean == "baseline"  # together they are below the smallest
    assert judged(0.06, -0.01, 0.12, [0.01, 0.02, 0.0]).lean == "baseline"  # not proved


def test_a_gain_on_the_folds_that_the_holdout_denies_leans_to_the_simple_model() -> None:
    judgement = judged(0.0, -0.02, 0.02, [0.05, 0.06, 0.07])
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "baseline")
    assert judgement.reason.endswith(", but 6.0% on the folds")


def test_a_gain_that_comes_from_one_fold_is_not_confirmed_by_the_folds() -> None:
    judgement = judged(0.19, 0.08, 0.30, [-0.08, 0.01, 0.26])
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "recurrent")
    assert judgement.reason.endswith(", but the 6.3% on the folds come from one of them")
    assert judged(0.19, 0.08, 0.30, [-0.01, 0.02, 0.26]).verdict == "recurrent"


def test_one_lucky_fold_is_not_agreement() -> None:
    judgement = judged(0.06, 0.03, 0.09, [0.30, -0.01, -0.01])
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "baseline")


def test_one_of_two_folds_is_not_most_of_them() -> None:
    judgement = judged(0.06, 0.03, 0.09, [0.10, -0.05])
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "baseline")
    assert judgement.reason.endswith("come from one of them")
    assert judged(0.06, 0.03, 0.09, [0.10, 0.02]).verdict == "recurrent"


def test_a_search_that_was_cut_short_cannot_say_no() -> None:
    judgement = judged(0.0, -0.02, 0.01, [0.0, 0.0, 0.0], searched=False)
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "baseline")
    assert judgement.reason.endswith("and some of what may be better was not tried")


def test_a_search_that_was_cut_short_can_still_say_yes() -> None:
    assert judged(0.06, 0.03, 0.09, [0.05, 0.05, 0.05], searched=False).verdict == "recurrent"


@pytest.mark.parametrize("low", [-0.1, 0.0, 0.05])
@pytest.mark.parametrize("folds", [-0.1, 0.0, 0.019, 0.02, 0.1])
@pytest.mark.parametrize("value", [-0.1, 0.0, 0.019, 0.02, 0.1])
@pytest.mark.parametrize("searched", [True, False])
def test_every_judgement_keeps_its_word(value: float, folds: float, low: float, searched: bool) -> None:
    judgement = judged(value, low, value + 0.1, [folds] * 3, searched=searched)
    if judgement.verdict == "recurrent":
        assert value >= 0.02
        assert low > 0
        assert folds >= 0.02
    if judgement.verdict == "baseline":
        assert max(value, folds) < 0.02
        assert searched
    assert (judgement.lean is None) == (judgement.verdict != "inconclusive")


def rows(holdout: Gain, folds: float, scored: int = 100, series: int = 500) -> int | None:
    return rows_needed(holdout, folds, min_gain=0.02, scored=scored, rows=series)


def test_the_rows_that_would_prove_a_gain_by_hand() -> None:
    # Standard error .16 / 1.64485 = .09727; 80 % power needs .08 / 2.48647 = .03217: 9.14 times the rows. To be
    # observed above .02 as often, .06 / .84162 = .0713 would do.
    assert rows(gain(0.08, -0.08, 0.24), 0.08) == 4571


def test_the_rows_with_which_a_gain_is_observed_to_be_large_enough_by_hand() -> None:
    # Standard error .0304; .01 above the least worth having must be .8416 of the new ones, .01188: 6.55 times.
    assert rows(gain(0.03, -0.02, 0.08), 0.03) == 3273


def test_the_rows_that_would_show_a_gain_to_be_too_small_by_hand() -> None:
    assert rows(gain(0.03, -0.02, 0.08), -0.01) == 3273


def test_the_estimate_is_the_mean_of_folds_and_holdout() -> None:
    assert rows(gain(0.03, -0.02, 0.08), 0.05) == rows(gain(0.05, 0.0, 0.1), 0.03) is not None


def test_four_times_the_spread_in_variance_need_four_times_the_rows() -> None:
    wide, narrow = (rows(gain(0.04, 0.04 - spread, 0.1), 0.04, scored=10) for spread in (0.2, 0.1))
    assert wide is not None
    assert narrow is not None
    assert wide == pytest.approx(4 * narrow, abs=4)


@pytest.mark.parametrize(
    ("holdout", "folds"),
    [
        (gain(0.05, 0.05, 0.05), 0.05),  # no spread
        (gain(0.08, 0.07, 0.09), 0.03),  # enough rows: folds and holdout disagree for another reason
    ],
)
def test_no_rows_are_named_where_they_are_not_what_is_lacking(holdout: Gain, folds: float) -> None:
    assert rows(holdout, folds) is None


def test_no_number_of_rows_tells_a_gain_that_is_all_but_the_smallest_one() -> None:
    assert rows(gain(0.03, -0.02, 0.08), 0.0101) == np.inf
    assert rows(gain(0.03, -0.02, 0.08), 0.01) == np.inf


def test_a_second_look_at_the_holdout_asks_for_more_rows() -> None:
    # .08 / (1.95996 + .84162) = .02856 instead of .08 / 2.48647 = .03217.
    asked = gain(0.08, -0.08, 0.24)
    assert rows_needed(asked, 0.08, min_gain=0.02, scored=100, rows=500, used=2) == 5803


def test_no_rows_are_named_that_would_not_be_scored() -> None:
    assert rows(gain(0.03, -0.02, 0.08), 0.03, scored=600) == 3273
    assert rows(gain(0.03, -0.02, 0.08), 0.03, scored=700) == np.inf


@pytest.mark.parametrize(("used", "verdict"), [(1, "recurrent"), (2, "recurrent"), (3, "inconclusive")])
def test_a_holdout_used_again_proves_less(used: int, verdict: str) -> None:
    observed = Gain(gain=0.06, low=0.01, high=0.1, p_value=0.02)
    judgement = judge(holdout=observed, folds=np.full(3, 0.05), min_gain=0.02, simple="baseline", used=used)
    assert judgement.verdict == verdict


def test_nothing_is_definite_where_a_network_is_missing() -> None:
    verdicts = [
        judge(
            holdout=gain(value, value - 0.01, value + 0.01),
            folds=np.full(3, value),
            min_gain=0.02,
            simple="baseline",
            complete=False,
        ).verdict
        for value in (-0.1, 0.3)
    ]
    assert verdicts == ["inconclusive", "inconclusive"]


def test_the_gain_of_a_corrected_model_speaks_for_no_network() -> None:
    judgement = judged(0.1, 0.05, 0.15, [0.1, 0.1, 0.1], learnt=False)
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "baseline")
    assert judgement.reason.endswith(", but none of it is the networks' own: most of them took no step")
    assert judged(0.0, -0.1, 0.1, [0.0, 0.0, 0.0], learnt=False).verdict == "baseline"


def test_a_single_fold_confirms_nothing() -> None:
    judgement = judged(0.084, 0.051, 0.112, [0.08])
    assert (judgement.verdict, judgement.lean) == ("inconclusive", "recurrent")
    assert "come from one of them" in judgement.reason


def test_a_gain_that_lacks_a_network_leans_to_it_and_says_what_is_lacking() -> None:
    found = judged(0.06, 0.03, 0.09, [0.05, 0.05, 0.05], complete=False)
    assert (found.verdict, found.lean) == ("inconclusive", "recurrent")
    assert found.reason.endswith(", and not all networks could be trained")


def test_no_number_of_rows_is_named_beyond_a_hundred_times_as_many() -> None:
    assert rows_needed(gain(0.03, -0.3, 0.4), 0.03, min_gain=0.02, scored=10, rows=50) == np.inf


def test_any_gain_that_is_more_than_rounding_counts_where_none_is_asked() -> None:
    found = judge(
        holdout=gain(5e-4, 3e-4, 7e-4),
        folds=np.full(3, 5e-4),
        min_gain=ANY,
        simple="baseline",
    )
    assert found.verdict == "recurrent"
