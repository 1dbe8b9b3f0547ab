"""Training steps on a CUDA device: recorded once as a CUDA graph and replayed.

A step of a small network is some forty kernels of a few microseconds each. Launched one by one from Python they
take two milliseconds whatever the width, as one graph a tenth of that (``docs/evidence.md``, *A CUDA device*).
"""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

LONGEST_BLOCK = 100
"""Steps between two looks at the losses, each of which waits for the device."""

_EAGER_STEPS = 2
"""Steps taken before one is recorded: libraries make their handles and workspaces in the first."""

Step = Callable[[Tensor, Tensor], Tensor]

_turn = threading.Lock()
"""Held by the thread that uses torch; the others replay meanwhile, or wait for that, so that the device is full.

While a step is recorded cuDNN refuses other threads, and a recording may fail by what they do."""

_of_thread = threading.local()


@contextmanager
def on_cuda() -> Iterator[None]:
    """Prepare what training on a CUDA device needs for as long as a block lasts.

    The block has a stream of its thread's own, and takes turns with those of other threads but where steps are
    replayed; products are not rounded to ten bits (TF32), which would be the largest error on a smooth series; and
    sums are always taken in the same order.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:2")  # torch, *Reproducibility*: read when CUDA begins
    torch.backends.cudnn.allow_tf32 = False
    with _turn, torch.cuda.stream(_stream()):
        try:
            yield
        except BaseException as error:
            _clear(error)
            raise


def _stream() -> torch.cuda.Stream:
    # One for all trainings of a thread: workspaces are kept for each. Only a stream of one's own can be recorded.
    if not hasattr(_of_thread, "stream"):
        _of_thread.stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream: torch.cuda.Stream = _of_thread.stream
    return stream


def _clear(error: BaseException | None) -> None:
    # What failed is held by the frames of its error, and would be freed in another thread's turn.
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


@contextmanager
def _others_turn() -> Iterator[None]:
    _turn.release()
    try:
        yield
    finally:
        _turn.acquire()


class StepGraph:
    """Take training steps as replays of one recorded step.

    It does not hold what it records: in a cycle of references graphs would wait for the garbage collector, which
    breaks a recording if it frees one meanwhile.

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
            Takes one step, the same in every call, and returns its loss. It is given the last rows of its windows
            and its numbers; of these tensors, and of all others that it uses, the places in memory are recorded.
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
            with _others_turn():
                for _ in range(steps - eager):
                    self._graph.replay()
                done = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
                done.record(_stream())
                done.synchronize()
        losses: list[float] = self._losses[:steps].tolist()
        return losses

    def _recorded(self, step: Step) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, stream=_stream(), capture_error_mode="thread_local"):
                self._take(step)
        except RuntimeError as error:  # to end a recording that failed fails as well, and hides a lack of memory
            raise error.__context__ or error from None
        return graph

    def _take(self, step: Step) -> None:
        ends, numbers = (table.index_select(0, self._row)[0] for table in (self._ends, self._numbers))
        self._losses.index_copy_(0, self._row, step(ends, numbers).reshape(1))
        self._row += 1
