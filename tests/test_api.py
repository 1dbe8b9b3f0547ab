"""The library: any kind of series in, one call, silence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import lstmsize
from conftest import Journey
from lstmsize import DataError, Request, Series, UsageError, baseline, read_series, recommend
from records import RECURRENT, SHUT

VALUES = [float(value * value % 17) for value in range(50)]


def test_every_public_name_can_be_had_and_is_listed() -> None:
    assert [name for name in lstmsize.__all__ if not hasattr(lstmsize, name)] == []
    assert set(lstmsize.__all__) <= set(dir(lstmsize))
    assert lstmsize.__version__.count(".") == 2


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'recomend'"):
        _ = lstmsize.recomend


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, lstmsize; print(sorted(name for name in sys.modules if name.startswith('lstmsize')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert done.stdout == "['lstmsize']\n"


@pytest.mark.parametrize(
    "data",
    [
        VALUES,
        np.array(VALUES),
        pd.Series(VALUES),
        pl.Series(VALUES),
        pd.DataFrame({"value": VALUES}),
        pl.DataFrame({"value": VALUES}),
        Series(values=np.array(VALUES)[:, None], names=("value",)),
    ],
    ids=lambda data: f"{type(data).__module__.split('.')[0]}.{type(data).__name__}",
)
def test_whatever_holds_a_series_is_taken_in_silence(
    data: object, journey: Journey, capfd: pytest.CaptureFixture[str]
) -> None:
    assert recommend(data) is RECURRENT
    assert baseline(data) is SHUT
    for _, series, request, _ in journey.calls:
        np.testing.assert_array_equal(series.target, VALUES)
        assert request == Request()
    assert capfd.readouterr() == ("", "")


def test_a_path_is_read_with_target_and_time(journey: Journey, tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("day,a,b\n" + "".join(f"2024-01-{day:02d},{day},{day * day}\n" for day in range(1, 29)))
    recommend(path, target="b", time="day")
    baseline(str(path), target="b", time="day")
    for _, series, _, _ in journey.calls:
        assert (series.names, series.time_name, series.target[-1]) == (("b",), "day", 784.0)


def test_everything_else_reaches_the_journey(journey: Journey, tmp_path: Path) -> None:
    told: list[object] = []
    request = Request(window=3)
    recommend(VALUES, request, jobs=2, device="cpu", study=tmp_path / "s.db", progress=told.append)
    ((_, _, asked, others),) = journey.calls
    assert asked is request
    assert others == {"jobs": 2, "device": "cpu", "study": str(tmp_path / "s.db"), "progress": told.append}


def test_contradicting_arguments_are_refused(journey: Journey) -> None:
    with pytest.raises(UsageError, match="jobs=0: needs a whole number of at least 1"):
        recommend(VALUES, jobs=0)
    with pytest.raises(UsageError, match=r"jobs=1\.5: needs a whole number of at least 1"):
        recommend(VALUES, jobs=1.5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="study='': needs the name of a file"):
        recommend(VALUES, study="")
    with pytest.raises(UsageError, match="--device tpu: is none of auto, cpu, cuda"):
        recommend(VALUES, device="tpu")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="has been read already"):
        baseline(read_series(VALUES), target="b")
    two = Series(values=np.column_stack([VALUES, VALUES]), names=("a", "b"))
    with pytest.raises(DataError, match=r"a series of 2 channels; only the first would be used: give Series\("):
        recommend(two)
    assert journey.calls == []


def test_a_dictionary_is_no_request() -> None:
    with pytest.raises(UsageError, match=r"request=\{'metric': 'mae'\}: needs a Request, as in Request"):
        baseline(VALUES, {"metric": "mae"})  # type: ignore[arg-type]


def test_the_examples_in_the_docstrings_are_true() -> None:
    import doctest

    from lstmsize import api

    assert doctest.testmod(api).failed == 0
