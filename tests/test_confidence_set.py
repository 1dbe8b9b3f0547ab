"""The model confidence set, on means and covariances by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lstmsize.confidence_set import confidence_p_values


def test_for_two_models_it_is_the_two_sided_t_test():
    # The difference of .02 has a spread of .01.
    found = confidence_p_values(np.array([0.90, 0.92]), np.eye(2) * 5e-5, freedom=6.0)
    assert found[0] == 1.0
    assert found[1] == pytest.approx(2 * stats.t.sf(2.0, 6.0), abs=0.02)


def test_noise_that_all_models_share_does_not_matter():
    alone = confidence_p_values(np.array([0.90, 0.92, 0.95]), np.eye(3) * 1e-4, freedom=20.0)
    shared = confidence_p_values(np.array([0.90, 0.92, 0.95]), np.eye(3) * 1e-4 + 0.01, freedom=20.0)
    assert shared == pytest.approx(alone, abs=0.03)


def test_a_model_that_is_far_off_leaves_and_the_rest_are_judged_without_it():
    found = confidence_p_values(np.array([0.900, 0.901, 1.5]), np.eye(3) * 1e-4, freedom=20.0)
    assert found[2] < 0.001
    assert found[1] > 0.8


def test_without_any_noise_only_the_best_remains_and_ties_stay():
    found = confidence_p_values(np.array([0.9, 0.9, 0.95]), np.zeros((3, 3)), freedom=5.0)
    assert found.tolist() == [1.0, 1.0, 0.0]


def test_rounding_is_no_difference():
    means = np.array([0.9, np.nextafter(0.9, 1.0), np.nextafter(0.9, 0.0)])
    assert confidence_p_values(means, np.zeros((3, 3)), freedom=5.0).tolist() == [1.0, 1.0, 1.0]


def test_shared_noise_alone_leaves_no_doubt() -> None:
    assert confidence_p_values(np.array([0.0, 1.0, 2.0]), np.full((3, 3), 0.37), freedom=5.0).tolist() == [1, 0, 0]


def test_a_p_value_never_falls_below_that_of_a_model_that_left_before():
    means = np.array([0.90, 0.93, 0.931, 0.97, 0.99])
    found = confidence_p_values(means, np.eye(5) * 2e-4, freedom=12.0)
    assert (np.diff(found) <= 0).all()


def test_the_best_model_is_kept_as_often_as_promised():
    generator = np.random.default_rng(1)
    kept = []
    for _ in range(300):
        freedom, scale = 10, 0.02
        drawn = scale * generator.normal(size=4)
        variance = scale**2 * generator.chisquare(freedom) / freedom
        kept.append(bool((confidence_p_values(0.9 + drawn, np.eye(4) * variance, freedom) > 0.1).all()))
    assert np.mean(kept) == pytest.approx(0.9, abs=0.05)


def test_the_one_furthest_above_in_its_spread_leaves_first_and_not_the_highest() -> None:
    found = confidence_p_values(np.array([0.90, 0.92, 0.95]), np.diag([1e-6, 1e-6, 0.05**2]), freedom=50.0)
    assert found[1] < 0.001
    assert found[2] > 0.1
