"""What is compiled: products in tiles, and the activations."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmsize.kernels import Memory, _add_product, _lay_out, _logistic, _tanh


@settings(deadline=None, max_examples=60)
@given(
    rows=st.integers(1, 70),
    depth=st.integers(1, 300),
    panels=st.integers(1, 3),
    unused=st.integers(0, 15),
    transposed=st.booleans(),
    laid_out=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_a_product_in_tiles_is_added_and_nothing_else_changes(
    rows: int, depth: int, panels: int, unused: int, transposed: bool, laid_out: bool, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    left = generator.normal(size=(depth, rows) if transposed else (rows, depth)).astype(np.float32)
    left = left.T if transposed else left
    right = generator.normal(size=(depth, 16 * panels - unused * laid_out)).astype(np.float32)
    factor = right
    if laid_out:
        factor = np.zeros((panels, depth, 16), np.float32)
        _lay_out(right, factor)
    around = generator.normal(size=(rows + 2, 16 * panels)).astype(np.float32)
    before = around.copy()
    _add_product(left, factor, around[1:-1])
    before[1:-1, : right.shape[1]] += left @ right
    np.testing.assert_allclose(around, before, atol=2e-3)
    np.testing.assert_array_equal(around[[0, -1]], before[[0, -1]])


def test_what_is_no_number_goes_through_a_product() -> None:
    left, in_panels = np.ones((5, 3), np.float32), np.ones((1, 3, 16), np.float32)
    left[2, 1], in_panels[0, 0, 7] = np.nan, np.inf
    to = np.zeros((5, 16), np.float32)
    _add_product(left, in_panels, to)
    assert np.isnan(to[2]).all()
    assert np.isposinf(to[[0, 1, 3, 4], 7]).all()
    np.testing.assert_array_equal(to[0, :7], 3)


def test_its_tangent_is_that_of_single_precision_and_what_is_no_number_stays() -> None:
    values = np.concatenate([np.linspace(-12, 12, 4001), [1e-30, -1e30, np.inf, -np.inf]]).astype(np.float32)
    tangents = np.array([_tanh(value) for value in values])
    logistics = np.array([_logistic(value) for value in values])
    exact = values.astype(np.float64)
    np.testing.assert_allclose(tangents, np.tanh(exact), atol=3e-7)
    np.testing.assert_allclose(logistics, 0.5 + 0.5 * np.tanh(exact / 2), atol=3e-7)
    assert np.isnan(_tanh(np.float32("nan")))


def test_arrays_begin_where_a_line_of_the_cache_does() -> None:
    memory = Memory.of(channels=3, units=40, layers=2, window=7, batch=5)
    found = [array for part in memory for array in (part if isinstance(part, tuple) else (part,))]
    assert len(found) > 20
    assert all(array.ctypes.data % 64 == 0 for array in found)
    assert memory.by_step[-1].tolist() == [[1.0] * 5]
