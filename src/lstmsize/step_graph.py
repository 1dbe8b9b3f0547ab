"""Training steps on a CUDA device: recorded once as a CUDA graph and replayed.

A step of a small network is some forty kernels of a few microseconds each. Launched one by one from Python they
take two milliseconds whatever the width, as one graph a tenth of that (``docs/evidence.md``, *A CUDA device*).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import torch
from torch import Tensor

LONGEST_BLOCK = 100
"""Steps between two looks at the losses, each of which waits for the device."""

_EAGER_STEPS = 2
"""Steps taken before one is recorded: libraries make their handles and workspaces in the first."""

Step = Callable[[Tensor, Tensor], Tensor]


@contextmanager
def training_on(device: str) -> Iterator[None]:
    """Prepare what training on a device needs for as long as a block lasts.

    Parameters
    ----------
    device : {'cpu', 'cuda'}
        With the processor, nothing is done. On a CUDA device, steps can only be recorded on a stream of their own,
        and products are not rounded to ten bits (TF32), which would be the largest error on a smooth series.
    """
    if device != "cuda":
        yield
        return
    torch.backends.cudnn.allow_tf32 = False
    with torch.cuda.stream(_stream()):
        yield


@cache
def _stream() -> torch.cuda.Stream:
    # One for all trainings of a process: workspaces are kept for each.
    return torch.cuda.Stream()  # type: ignore[no-untyped-call]


class StepGraph:
    """Take training steps as replays of one recorded step.

    Parameters
    ----------
    batch, numbers : int
        How many windows a step has, and how many numbers that change from step to step.
    """

    def __init__(self, batch: int, numbers: int) -> None:
        self._ends = torch.zeros(LONGEST_BLOCK, batch, dtype=torch.int64, device="cuda")
        self._numbers = torch.zeros(LONGEST_BLOCK, numbers, device="cuda")
        self._losses = torch.zeros(LONGEST_BLOCK, device="cuda")
        self._row = torch.zeros(1, dtype=torch.int64, device="cuda")
        self._eager = _EAGER_STEPS
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, step: Step, ends: Tensor, numbers: Tensor) -> list[float]:
        """Take some steps and wait for them.

        Parameters
        ----------
        step : callable
            Takes one step, always the same: of the tensors that it is given, the last rows of its windows and its
            numbers, and of what else it uses, the places in memory are recorded. Returns the loss.
        ends : Tensor of int, shape (steps, batch)
            Last rows of the windows, at most `LONGEST_BLOCK` steps.
        numbers : Tensor, shape (steps, numbers)
            What changes from step to step.

        Returns
        -------
        list of float
            The loss of each step.
        """
        steps = len(ends)
        self._ends[:steps].copy_(ends)
        self._numbers[:steps].copy_(numbers)
        self._row.zero_()
        eager = min(steps, self._eager)
        self._eager -= eager
        for _ in range(eager):
            self._take(step)
        if steps > eager:
            self._graph = self._graph or self._recorded(step)
            for _ in range(steps - eager):
                self._graph.replay()
        losses: list[float] = self._losses[:steps].tolist()
        return losses

    def _recorded(self, step: Step) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=_stream()):
            self._take(step)
        return graph

    def _take(self, step: Step) -> None:
        ends, numbers = (table.index_select(0, self._row)[0] for table in (self._ends, self._numbers))
        self._losses.index_copy_(0, self._row, step(ends, numbers).reshape(1))
        self._row += 1
