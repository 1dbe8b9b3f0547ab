"""How sure a mean or a gain is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lstmsize.resampling import (
    block_length,
    block_means,
    error_stderr,
    gain_interval,
    gain_of,
    mean_stderr,
    resampled_means,
)
from lstmsize.series import FloatArray


def squared_errors(seed: int, shape: tuple[int, ...], scale: float = 1.0) -> FloatArray:
    return np.square(scale * np.random.default_rng(seed).normal(size=shape))


@settings(deadline=None, max_examples=100)
@given(rows=st.integers(1, 50_000), season=st.integers(2, 1000))
def test_a_block_leaves_at_least_four_blocks(rows: int, season: int) -> None:
    length = block_length(rows, (season,))
    assert 1 <= length <= max(1, rows // 4)


@settings(deadline=None, max_examples=100)
@given(rows=st.integers(100, 50_000), season=st.integers(2, 1000))
def test_a_block_holds_a_season_that_leaves_eight_blocks(rows: int, season: int) -> None:
    length = block_length(rows, (season,))
    assert length >= rows ** (1 / 3)
    assert length <= rows / 8 + 1
    if season * 8 <= rows:
        assert length >= season


def test_blocks_of_known_sizes() -> None:
    assert block_length(1000, ()) == 20
    assert block_length(1000, (48, 336)) == 48
    assert block_length(10_000, (48, 336)) == 336
    assert block_length(3, ()) == 1


@settings(deadline=None, max_examples=40)
@given(blocks=st.integers(1, 30), block=st.integers(1, 20))
def test_blocks_that_divide_the_rows_keep_the_mean(blocks: int, block: int) -> None:
    values = np.random.default_rng(blocks * block).normal(size=blocks * block)
    means = block_means(values, block)
    assert len(means) == blocks
    assert means.mean() == pytest.approx(values.mean(), abs=1e-12)


def test_the_rest_at_the_end_goes_into_the_last_block() -> None:
    assert block_means(np.array([1.0, 3.0, 5.0, 7.0, 12.0]), 2).tolist() == [2.0, 8.0]
    assert block_means(np.array([1.0, 2.0]), 5).tolist() == [1.5]


def test_the_spread_of_a_mean_by_hand() -> None:
    values = np.array([1.0, 1.0, 3.0, 3.0, 5.0, 5.0])
    assert mean_stderr(values, 2) == pytest.approx(2 / np.sqrt(3))
    assert mean_stderr(values, 6) is None


def test_the_spread_of_a_root_is_halved_by_its_size() -> None:
    loss = np.array([4.0, 4.0, 16.0, 16.0])
    assert error_stderr(loss, "mae", 2) == pytest.approx(6.0)
    assert error_stderr(loss, "rmse", 2) == pytest.approx(6.0 / (2 * np.sqrt(10)))
    assert error_stderr(np.zeros(4), "rmse", 2) == 0.0


def test_the_spread_of_a_mean_is_that_of_many_draws() -> None:
    series = np.random.default_rng(0).normal(size=(300, 400))
    estimates = [mean_stderr(row, 8) or 0.0 for row in series]
    assert np.mean(estimates) == pytest.approx(1 / np.sqrt(400), rel=0.05)


@settings(deadline=None, max_examples=60)
@given(rows=st.integers(1, 60), block=st.integers(1, 60))
def test_a_resample_is_made_of_circular_blocks_and_as_long_as_the_rows(rows: int, block: int) -> None:
    block = min(block, rows)
    marks = np.eye(rows)  # each row is a series of its own: the means count how often it was drawn
    counts = np.round(resampled_means(marks, block, 25, 3) * rows)
    np.testing.assert_array_equal(counts.sum(axis=0), rows)
    starts = np.random.default_rng(3).integers(0, rows, (25, -(-rows // block)))
    for draw in range(25):
        drawn = ((starts[draw][:, None] + np.arange(block)) % rows).ravel()[:rows]
        np.testing.assert_array_equal(counts[:, draw], np.bincount(drawn, minlength=rows))


def test_every_row_is_drawn_equally_often() -> None:
    np.testing.assert_allclose(resampled_means(np.eye(30), 10, 2000, 1).mean(axis=1) * 30, 1.0, atol=0.12)


def test_rounding_makes_no_loss_smaller_than_nothing() -> None:
    losses = np.zeros((1, 500))
    losses[0, :100] = np.random.default_rng(0).random(100) * 1e12
    assert resampled_means(losses, 7, 500, 0).min() >= 0


@pytest.mark.parametrize("metric", ["rmse", "mae"])
def test_equal_losses_gain_nothing_and_say_so(metric: str) -> None:
    loss = squared_errors(0, (200,))
    gain = gain_interval([loss[None]], [loss], metric, (), 0)
    assert (gain.gain, gain.low, gain.high) == (0.0, 0.0, 0.0)
    assert gain.p_value == 1.0


def test_two_models_equally_good_have_zero_inside_the_interval() -> None:
    gain = gain_interval([squared_errors(11, (1, 500))], [squared_errors(12, (500,))], "rmse", (), 0)
    assert gain.low < 0 < gain.high
    assert gain.p_value > 0.05


def test_a_clear_gain_is_shown() -> None:
    other = squared_errors(3, (500,))
    gain = gain_interval([0.64 * other[None]], [other], "rmse", (), 0)
    assert gain.gain == pytest.approx(0.2)
    assert gain.low == pytest.approx(0.2)
    apart = gain_interval([squared_errors(4, (1, 500), 0.7)], [other], "rmse", (), 0)
    assert 0.15 < apart.low < apart.gain < apart.high < 0.45
    assert apart.p_value == pytest.approx(1 / 1001)


def test_the_error_of_several_seeds_is_the_mean_of_their_losses() -> None:
    other = np.ones(100)
    model = np.stack([np.full(100, 0.25), np.full(100, 0.75)])
    assert gain_interval([model], [other], "mae", (), 0).gain == pytest.approx(0.5)
    assert gain_interval([model], [other], "rmse", (), 0).gain == pytest.approx(1 - np.sqrt(0.5))


def test_seeds_that_differ_widen_the_interval_to_that_of_the_t_distribution() -> None:
    other, means = np.ones(100), np.array([0.4, 0.45, 0.5, 0.55, 0.6])
    alike = gain_interval([np.full((5, 100), 0.5)], [other], "mae", (), 0)
    apart = gain_interval([np.repeat(means[:, None], 100, axis=1)], [other], "mae", (), 0)
    assert alike.high - alike.low == 0.0
    of_seeds = 2 * stats.t.ppf(0.95, 4) * means.std(ddof=1) / 5**0.5
    # 11 blocks of 9 rows: the t distribution's 95 % point instead of the normal one's, and 11 / 10.
    assert apart.high - apart.low == pytest.approx(of_seeds * 1.8125 / 1.6449 * (11 / 10) ** 0.5, rel=0.05)


def test_seeds_that_differ_only_by_the_noise_of_the_rows_do_not_widen_the_interval() -> None:
    other, each = np.ones(400), squared_errors(9, (5, 400))
    seeds = gain_interval([each], [other], "rmse", (), 0)
    together = gain_interval([each.mean(axis=0)[None]], [other], "rmse", (), 0)
    assert seeds.gain == together.gain
    assert seeds.high - seeds.low == pytest.approx(together.high - together.low, rel=0.05)


def test_growing_variance_lets_no_block_rule() -> None:
    small, large = squared_errors(5, (100,)), 1e6 * squared_errors(6, (100,))
    gain = gain_interval([0.25 * small[None], large[None]], [small, large], "rmse", (), 0)
    assert gain.gain == pytest.approx(0.25)


def test_the_interval_depends_on_the_seed_only() -> None:
    model, other = squared_errors(7, (3, 120)), squared_errors(8, (120,))
    first, again = (gain_interval([model], [other], "rmse", (12,), 5) for _ in range(2))
    assert first == again
    assert gain_interval([model], [other], "rmse", (12,), 6) != first


def test_the_bounds_cover_the_true_gain_about_as_often_as_they_say() -> None:
    runs, above, below = 120, 0, 0
    for seed in range(runs):
        generator = np.random.default_rng(seed)
        model, other = np.square(0.9 * generator.normal(size=150)), np.square(generator.normal(size=150))
        gain = gain_interval([model[None]], [other], "rmse", (), seed)
        above, below = above + (gain.low > 0.1), below + (gain.high < 0.1)
    assert above <= 0.12 * runs
    assert below <= 0.12 * runs
    assert above + below >= 0.02 * runs


@pytest.mark.parametrize("rows", [12, 30, 100])
def test_with_few_rows_a_gain_is_shown_by_chance_no_more_often_than_the_bound_says(rows: int) -> None:
    runs, shown, significant = 500, 0, 0
    for seed in range(runs):
        shared, one, two = np.random.default_rng([rows, seed]).normal(size=(3, rows))
        model, other = np.square(shared + 0.3 * one), np.square(shared + 0.3 * two)
        gain = gain_interval([np.stack([model] * 5)], [other], "rmse", (), seed)
        shown, significant = shown + (gain.low > 0), significant + (gain.p_value <= 0.05)
    assert 0.02 * runs <= shown <= 0.075 * runs
    assert 0.02 * runs <= significant <= 0.075 * runs


def test_a_model_worse_than_a_perfect_one_has_an_interval() -> None:
    gain = gain_interval([np.ones((1, 40)), np.ones((1, 40))], [np.ones(40), np.zeros(40)], "rmse", (), 0)
    assert not np.isnan([gain.gain, gain.low, gain.high]).any()
    assert gain.p_value == 1.0


def test_below_the_floor_all_errors_are_alike() -> None:
    tiny, less = squared_errors(0, (200,), 1e-5), squared_errors(1, (200,), 1e-6)
    gain = gain_interval([less[None]], [tiny], "rmse", (), 0, floor=1e-3)
    assert (gain.gain, gain.low, gain.high) == (0.0, 0.0, 0.0)
    assert gain_of(less, tiny, "rmse", 1e-3) == 0.0
    assert gain_of(less, tiny, "rmse") > 0.8


def test_nobody_gains_more_than_everything() -> None:
    once = np.where(np.arange(12) == 5, 1.0, 0.0)
    assert gain_interval([once[None]], [np.ones(12)], "rmse", (), 0).high == 1.0


def test_the_interval_over_several_folds_is_that_of_a_mean_of_independent_ones() -> None:
    generator = np.random.default_rng(0)
    model, other = [np.square(0.9 * generator.normal(size=400)) for _ in range(3)], np.ones(400)
    single = [gain_interval([losses[None]], [other], "mae", (), 0) for losses in model]
    three = gain_interval([losses[None] for losses in model], [other] * 3, "mae", (), 0)
    blocks = 400 // block_length(400, ())

    def narrowness(count: int) -> float:
        return float(stats.t.ppf(0.95, count - 1) / stats.norm.ppf(0.95) * np.sqrt(count / (count - 1)))

    width = np.sqrt(np.sum([(found.high - found.low) ** 2 for found in single])) / 3
    assert three.high - three.low == pytest.approx(width * narrowness(3 * blocks) / narrowness(blocks), rel=0.04)


def test_folds_are_resampled_apart() -> None:
    losses = np.square(np.random.default_rng(1).normal(size=300))
    one = gain_interval([losses[None]], [np.ones(300)], "mae", (), 0)
    two = gain_interval([losses[None]] * 2, [np.ones(300)] * 2, "mae", (), 0)
    assert (two.high - two.low) / (one.high - one.low) == pytest.approx(0.5**0.5, rel=0.12)
