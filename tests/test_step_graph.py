"""What is replayed on a CUDA device is what the processor computes, and again the same.

Without a device all but the kernels and their recording is tested: the processor stands in for it, and takes a
step where a recorded one would be replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from lstmsize import cpu_step, step_graph
from lstmsize.learning import Run, training_on
from lstmsize.recipe import Recipe
from lstmsize.space import Cell
from lstmsize.step_graph import LONGEST_BLOCK, Step, StepGraph
from lstmsize.torch_step import TorchStep
from lstmsize.transforms import Shaped

torch.set_num_threads(1)  # two threads on shared cores wait for each other

needs_device = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

WINDOW = 24
ROWS = 500


def trained(device: str, *blocks: int) -> Run:
    noise = np.random.default_rng(0).normal(size=(ROWS, 2)).astype(np.float32)
    targets = np.sin(3 * noise[:, 0]) * noise[:, 1]
    shaped = Shaped(
        inputs=noise, targets=targets, offset=np.zeros(ROWS), scale=1.0, first=0, anchored=False, log=False
    )
    with training_on(device):
        run = Run(shaped, WINDOW, Cell(32, 2), 0, Recipe(weight_decay=1.0), "rmse", device)
        for steps in blocks:
            run.advance(steps, ROWS)
    return run


class OnProcessor(TorchFunctionMode):
    """Makes on the processor what is asked for on a CUDA device."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        def moved(value: object) -> object:
            return "cpu" if isinstance(value, str) and value == "cuda" else value

        return func(*map(moved, args), **{name: moved(value) for name, value in (kwargs or {}).items()})


@pytest.fixture
def processor_as_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Yield a list that a number is added to by every replay."""
    replays: list[int] = []

    def recorded(self: StepGraph, step: Step) -> SimpleNamespace:
        def places() -> list[int]:
            return [table.data_ptr() for table in (self._ends, self._numbers, self._losses, self._row)]

        def replay() -> None:
            assert places() == known, "a recorded step reads and writes where it was recorded"
            replays.append(len(replays))
            self._take(step)

        known = places()
        return SimpleNamespace(replay=replay)

    event = SimpleNamespace(record=lambda _: None, synchronize=lambda: None)
    monkeypatch.setattr(StepGraph, "_recorded", recorded)
    monkeypatch.setattr(step_graph, "_stream", lambda: None)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: nullcontext())
    monkeypatch.setattr(torch.cuda, "Event", lambda **_: event)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", torch.backends.cudnn.allow_tf32)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:2")
    with OnProcessor():
        yield replays


def test_steps_in_blocks_are_those_that_the_processor_takes_one_by_one(
    processor_as_device: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = trained("cuda", 1, 4, LONGEST_BLOCK + 25)
    assert len(processor_as_device) == LONGEST_BLOCK + 28, "all but the first two are replayed"
    monkeypatch.setattr(cpu_step, "cpu_step", lambda _: TorchStep)
    here = trained("cpu", LONGEST_BLOCK + 30)
    assert there.engine.longest == LONGEST_BLOCK
    assert here.engine.longest == 1
    np.testing.assert_allclose(there._losses, here._losses, rtol=1e-3)
    rows = np.arange(WINDOW, ROWS)
    np.testing.assert_allclose(there.forecast(rows), here.forecast(rows), atol=1e-3)


@needs_device
def test_the_first_losses_are_those_of_the_processor() -> None:
    here, there = (np.array(trained(device, 10)._losses) for device in ("cpu", "cuda"))
    np.testing.assert_allclose(there, here, rtol=1e-3)


@needs_device
def test_trainings_in_threads_have_the_bits_of_one_alone() -> None:
    alone = trained("cuda", 150)._losses
    with ThreadPoolExecutor(6) as threads:
        together = [threads.submit(trained, "cuda", *[25] * 6) for _ in range(12)]
        assert all(run.result()._losses == alone for run in together)


@needs_device
def test_a_training_in_few_blocks_has_the_bits_of_one_in_many() -> None:
    first, again = trained("cuda", 2 * LONGEST_BLOCK + 30), trained("cuda", 1, 4, *[25] * 9)
    assert len(first._losses) == 2 * LONGEST_BLOCK + 30
    assert first._losses == again._losses
    rows = np.arange(WINDOW, ROWS)
    with training_on("cuda"):
        np.testing.assert_array_equal(first.forecast(rows), again.forecast(rows))
    assert np.mean(first._losses[-20:]) < 0.9 * np.mean(first._losses[:20])
