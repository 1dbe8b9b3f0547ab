"""Who takes the steps on the processor, and that torch is not imported where it has nothing to do."""

from __future__ import annotations

import subprocess
import sys

import pytest
from llvmlite import binding

from lstmsize import cpu_step
from lstmsize.compiled_step import CompiledStep
from lstmsize.space import Cell
from lstmsize.torch_step import TorchStep

WIDE = {"avx2": True, "avx512f": True, "avx512bw": True, "avx512dq": True, "avx512vl": True}


@pytest.fixture
def avx2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binding, "get_host_cpu_features", lambda: {"avx2": True, "avx512f": False})


def test_wide_layers_are_left_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_step, "COMPILED", CompiledStep)
    assert cpu_step.cpu_step(Cell(256, 1)) is CompiledStep
    assert cpu_step.cpu_step(Cell(257, 1)) is TorchStep
    monkeypatch.setattr(cpu_step, "COMPILED", None)
    assert cpu_step.cpu_step(Cell(32, 1)) is TorchStep


def test_with_avx512_torch_is_quick_itself(avx2: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cpu_step._compiled_step() is CompiledStep
    monkeypatch.setattr(binding, "get_host_cpu_features", lambda: WIDE)
    assert cpu_step._compiled_step() is None
    monkeypatch.setattr(binding, "get_host_cpu_features", lambda: WIDE | {"avx512vl": False})
    assert cpu_step._compiled_step() is CompiledStep


@pytest.mark.parametrize(
    "reason",
    [
        ImportError("Numba needs NumPy 2.4 or less"),
        RuntimeError("cannot cache function: no locator available"),
        OSError(28, "No space left on device"),
        EOFError("Ran out of input"),
    ],
)
def test_where_nothing_can_be_compiled_for_good_torch_takes_over(
    reason: Exception, avx2: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise reason

    for name in ("lstmsize.compiled_step", "lstmsize.kernels"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numba", Broken())  # type: ignore[arg-type]
    assert cpu_step._compiled_step() is None


@pytest.mark.skipif(cpu_step.COMPILED is None, reason="torch takes all steps here")
def test_a_worker_trains_narrow_networks_without_torch_and_a_wide_one_with_it_on_one_thread() -> None:
    code = """
import os, sys
os.environ.pop("OMP_NUM_THREADS", None)
import numpy as np
from lstmsize.config import Request
from lstmsize.recipe import Recipe
from lstmsize.replicates import Replicate
from lstmsize.space import Cell
from lstmsize.splits import cut
from lstmsize.transforms import InputForm
from lstmsize.trials import HOLDOUT, Approach, Job, Trainer
splits = cut(200)
trainer = Trainer(
    values=np.sin(np.arange(200.0)), folds={HOLDOUT: splits.final}, bases={}, window=8, metric="rmse", seed=0,
    recipe=Recipe(most_steps=25),
)
for units in (32, 257):
    replicate = Replicate(Cell(units, 1), 0)
    result = trainer(Job(approach=Approach(form=InputForm(kind="level")), replicate=replicate, fold=HOLDOUT))
    print(result.state, "torch" in sys.modules)
print(sys.modules["torch"].get_num_threads())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.splitlines() == ["unconverged False", "unconverged True", "1"]
