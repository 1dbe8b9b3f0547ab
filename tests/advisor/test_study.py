"""Which question a study belongs to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstmsize.advisor import study
from lstmsize.advisor.study import open_ledger
from lstmsize.config import Request
from lstmsize.errors import UsageError
from lstmsize.series import Series


def series(values: list[float], name: str = "value") -> Series:
    return replace(Series(values=np.array(values)[:, None], names=(name,)), sha256="a" * 64)


def test_a_study_belongs_to_one_series_one_question_and_one_way_of_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path, values = str(tmp_path / "study.db"), [1.0, 2.0, 3.0]
    open_ledger(series(values), Request(), path).close()
    open_ledger(series(values), Request(budget=5.0), path).close()
    with pytest.raises(UsageError, match="its data are others"):
        open_ledger(series([1.0, 2.0, 4.0]), Request(), path)
    with pytest.raises(UsageError, match="target was value, is other"):
        open_ledger(series(values, "other"), Request(), path)
    monkeypatch.setattr(study, "RECIPE", replace(study.RECIPE, batch=7))
    with pytest.raises(UsageError, match="batch was 32, is 7"):
        open_ledger(series(values), Request(), path)
