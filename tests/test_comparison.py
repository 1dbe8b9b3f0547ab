"""Paired comparisons of sizes, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from lstmsize.comparison import Difference, clearly_worse
from lstmsize.space import Cell
from tables import LARGE, MIDDLE, SMALL, compared, noisy


def test_the_best_is_not_the_one_that_happened_to_get_the_easy_replicates() -> None:
    nan = float("nan")
    hard_and_easy = [0.70, 1.10, 0.70, 1.10]
    easy_only = [0.75, nan, 0.75, nan]
    assert compared({SMALL: hard_and_easy, LARGE: easy_only}).best == SMALL


def test_a_difference_by_hand() -> None:
    difference = compared({SMALL: [0.5, 0.8, 0.9], LARGE: [0.4, 0.8, 0.8]}).difference(SMALL, LARGE)
    assert difference is not None
    assert difference.mean == pytest.approx((5 / 4 * 9 / 8) ** (1 / 3) - 1)
    assert difference.stderr == pytest.approx(np.std(np.log([5 / 4, 1, 9 / 8]), ddof=1) / np.sqrt(3))


def test_a_bound_is_a_quantile_of_student() -> None:
    difference = Difference(logarithm=0.01, stderr=0.02, freedom=5.0)
    assert difference.upper(0.91) == pytest.approx(np.exp(0.01 + 1.5579 * 0.02) - 1, abs=1e-5)
    assert difference.lower(0.95) == pytest.approx(np.exp(0.01 - 2.0150 * 0.02) - 1, abs=1e-5)


def test_so_many_per_cent_on_folds_where_much_and_little_is_gained_are_no_noise() -> None:
    folds = np.array([0.9, 0.3, 0.05, 0.9, 0.3, 0.05])
    difference = compared({SMALL: list(1.1 * folds), LARGE: list(folds)}).difference(SMALL, LARGE)
    assert difference is not None
    assert (difference.mean, difference.stderr) == pytest.approx((0.1, 0), abs=1e-9)


def test_two_sizes_have_no_more_degrees_of_freedom_than_their_pairs_less_one() -> None:
    difference = noisy({SMALL: 1.0, LARGE: 1.0}, 3, 0.05, 0).difference(SMALL, LARGE)
    assert difference is not None
    assert difference.freedom <= 2


def test_the_noise_of_the_scored_windows_is_not_lowered_by_more_seeds() -> None:
    generator = np.random.default_rng(0)
    blocks = {(cell, fold): generator.normal(1, 0.3, 20) for cell in (SMALL, LARGE) for fold in range(3)}
    losses = {SMALL: [1.0] * 12, LARGE: [1.0] * 12}
    without, difference = (
        compared(losses).difference(SMALL, LARGE),
        compared(losses, blocks).difference(SMALL, LARGE),
    )
    assert without is not None
    assert difference is not None
    assert without.stderr == 0.0
    variances = [np.var(blocks[SMALL, fold] - blocks[LARGE, fold], ddof=1) / 20 for fold in range(3)]
    assert difference.stderr == pytest.approx(np.sqrt(sum(variances)) / 3)


def test_clearly_worse_means_by_more_than_the_margin_with_confidence() -> None:
    comparison = noisy({SMALL: 1.0, LARGE: 0.9}, 12, 0.005, 3)
    assert clearly_worse(comparison, SMALL, LARGE, 0.0, 0.99)
    assert clearly_worse(comparison, SMALL, LARGE, 0.09, 0.99)
    assert not clearly_worse(comparison, SMALL, LARGE, 0.15, 0.99)
    assert not clearly_worse(comparison, LARGE, SMALL, 0.0, 0.99)
    assert not clearly_worse(comparison, LARGE, LARGE, 0.0, 0.99)


def uneven(generator: np.random.Generator, means: list[float], spreads: list[float]) -> dict[Cell, list[float]]:
    common = 0.05 * generator.normal(size=9)
    rows = np.array(means)[:, None] + np.array(spreads)[:, None] * generator.normal(size=(4, 9)) + common
    return {Cell(32 * (1 + row), 1): list(losses) for row, losses in enumerate(rows)}


def test_a_size_of_uneven_luck_does_not_keep_a_worse_one_among_the_best() -> None:
    generator = np.random.default_rng(0)
    best, worse = [], []
    for _ in range(100):
        comparison = compared(uneven(generator, [0.94, 0.9, 0.9, 0.9], [0.01, 0.01, 0.01, 0.06]))
        p_values = list(comparison.p_values(comparison.table.cells).values())
        best.append(min(p_values[1:3]) > 0.1)
        worse.append(p_values[0] > 0.1)
    assert np.mean(best) >= 0.85
    assert np.mean(worse) <= 0.05


def test_a_size_on_one_fold_does_not_make_the_windows_of_the_others_noisier() -> None:
    generator = np.random.default_rng(0)
    level = {fold: 1 + 0.3 * generator.normal(size=20) for fold in range(3)}
    cheap = {(c, f): level[f] + 0.05 * generator.normal(size=20) for c in (SMALL, MIDDLE) for f in range(3)}
    losses = {SMALL: [1.0, 1.0, 1.0], MIDDLE: [1.0, 1.0, 1.0]}
    without = compared(losses, cheap).window_covariance([SMALL, MIDDLE])
    dear = cheap | {(LARGE, 2): level[2] + 0.05 * generator.normal(size=20)}
    beside = compared(losses | {LARGE: [1.0, np.nan, np.nan]}, dear).window_covariance([SMALL, MIDDLE, LARGE])
    contrast = np.array([1.0, -1.0])
    assert contrast @ beside[:2, :2] @ contrast == pytest.approx(contrast @ without @ contrast)
    alone = np.array([1.0, 0.0, -1.0])
    assert 2 < alone @ beside @ alone / (contrast @ without @ contrast) < 4


def test_all_folds_count_alike_however_many_replicates_they_have() -> None:
    nan = np.nan
    even, uneven = compared({SMALL: [0.9, 1.0, 1.1]}), compared({SMALL: [0.9, 1.0, 1.1, 0.9, 1.0, nan]})
    assert uneven.effects([SMALL]) == pytest.approx(even.effects([SMALL]))


def test_the_noise_of_the_windows_is_that_of_relative_losses() -> None:
    generator = np.random.default_rng(0)
    blocks = {(cell, fold): generator.normal(1, 0.3, 20) for cell in (SMALL, LARGE) for fold in range(3)}
    losses = {SMALL: [1.0, 0.99, 1.01], LARGE: [1.0, 1.0, 1.02]}
    one = compared(losses, blocks).difference(SMALL, LARGE)
    tenths = {cell: [0.1 * loss for loss in each] for cell, each in losses.items()}
    tenth = compared(tenths, {key: 0.1 * block for key, block in blocks.items()}).difference(SMALL, LARGE)
    assert one is not None
    assert tenth is not None
    assert tenth.stderr == pytest.approx(one.stderr)
    alike = compared({SMALL: [1.0] * 3, LARGE: [1.0] * 3}, blocks)
    contrast, difference = np.array([1.0, -1.0]), alike.difference(SMALL, LARGE)
    assert difference is not None
    assert contrast @ alike.window_covariance([SMALL, LARGE]) @ contrast == pytest.approx(difference.stderr**2)


def test_gains_are_means_of_their_fold() -> None:
    assert compared({SMALL: [0.9, 0.8, 0.7, 0.7, np.nan]}).gains(SMALL) == pytest.approx([0.3, 0.2, 0.2])
