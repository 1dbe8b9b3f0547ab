"""The request."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from lstmsize.config import Request
from lstmsize.errors import UsageError


def refused(**options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        Request(**options)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_the_defaults_are_the_documented_ones() -> None:
    request = Request()
    assert (request.units, request.multiple, request.layers) == ((32, 512), 32, (1, 3))
    assert (request.metric, request.min_gain, request.tolerance) == ("rmse", 0.02, 0.02)
    assert (request.window, request.budget, request.seed, request.force_search) == (None, None, 0, False)


def test_units_that_are_no_multiples_are_refused_with_a_range_that_works() -> None:
    assert refused(units=(40, 100)) == (
        "--units 40:100: 40 and 100 are not multiples of --multiple 32; use --units 32:96 or another --multiple"
    )
    Request(units=(32, 96))


def test_one_number_of_units_is_named_once() -> None:
    assert refused(units=(40, 40)) == (
        "--units 40: 40 is not a multiple of --multiple 32; use --units 32 or another --multiple"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": (64, 32)}, "--units 64:32: the smallest is above the largest"),
        ({"units": (0, 64)}, "--units 0:64: needs at least 1"),
        ({"layers": (3, 1)}, "--layers 3:1: the smallest is above the largest"),
        ({"layers": (0, 0)}, "--layers 0: needs at least 1"),
        ({"multiple": 0}, "--multiple 0: needs a whole number of at least 1"),
        ({"window": 0}, "--window 0: needs at least 1 step, or auto"),
        ({"metric": "mse"}, "--metric mse: is neither rmse nor mae"),
        ({"min_gain": -0.1}, "--min-gain -0.1: needs a fraction from 0 to below 1 (0.02 is 2 %)"),
        ({"min_gain": float("nan")}, "--min-gain nan: needs a fraction from 0 to below 1 (0.02 is 2 %)"),
        ({"tolerance": 2.0}, "--tolerance 2: needs a fraction from 0 to below 1 (0.02 is 2 %)"),
        ({"budget": 0.0}, "--budget 0s: needs a time above zero and of at most a year"),
        ({"budget": -5.0}, "--budget -5s: needs a time above zero and of at most a year"),
        ({"budget": float("inf")}, "--budget infs: needs a time above zero and of at most a year"),
        ({"budget": 1e10}, "--budget 1e+10s: needs a time above zero and of at most a year"),
        ({"seed": -1}, "--seed -1: needs a whole number from 0 to 2147483647"),
    ],
)
def test_what_is_wrong_is_said_in_one_clause(options: dict[str, Any], message: str) -> None:
    assert refused(**options) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 2.5}, "--window 2.5: needs a whole number of steps, or auto (None)"),
        ({"units": 64}, "--units 64: needs a smallest and a largest whole number, as in (32, 512)"),
        (
            {"units": (32, 64, 128)},
            "--units (32, 64, 128): needs a smallest and a largest whole number, as in (32, 512)",
        ),
        ({"layers": (1.5, 2)}, "--layers (1.5, 2): needs a smallest and a largest whole number, as in (1, 3)"),
        ({"multiple": "32"}, "--multiple '32': needs a whole number"),
        ({"min_gain": "0.02"}, "--min-gain '0.02': needs a fraction, as in 0.02"),
        ({"tolerance": None}, "--tolerance None: needs a fraction, as in 0.02"),
        ({"budget": "60s"}, "--budget '60s': needs a number of seconds"),
        ({"seed": 1.5}, "--seed 1.5: needs a whole number"),
        ({"force_search": "no"}, "--force-search 'no': needs True or False"),
    ],
)
def test_what_is_no_number_of_its_kind_is_said_in_one_clause(options: dict[str, Any], message: str) -> None:
    assert refused(**options) == message


def test_numbers_of_numpy_and_lists_become_plain() -> None:
    given = Request(
        window=np.int64(3),
        units=[np.int32(32), 64],  # type: ignore[arg-type]
        min_gain=np.float32(0.5),  # type: ignore[arg-type]
        seed=np.uint8(7),
        force_search=np.True_,  # type: ignore[arg-type]
    )
    assert given == Request(window=3, units=(32, 64), min_gain=0.5, seed=7, force_search=True)
    assert json.loads(json.dumps(asdict(given)))["window"] == 3


def test_all_that_is_wrong_is_said_at_once() -> None:
    message = refused(layers=(3, 1), budget=0.0)
    assert message == (
        "--layers 3:1: the smallest is above the largest; "
        "--budget 0s: needs a time above zero and of at most a year"
    )


def test_two_requests_are_the_same_question_whatever_the_budget() -> None:
    assert Request(budget=60.0).identity() == Request().identity()
    assert Request(seed=1).identity() != Request().identity()
    assert "budget" not in Request().identity()
