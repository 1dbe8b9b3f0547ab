"""One thread for the linear algebra of a block: the same sums on every run, and cores for others."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_turn = threading.RLock()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the numerical libraries at one thread; another thread that asks for the same waits for its turn.

    OpenBLAS has one setting for the whole process, and `threadpoolctl` lets one thread at a time change it: a
    second block beside the first would get threads back when the first ends.
    """
    with _turn, threadpool_limits(1):
        yield


def _after_fork() -> None:
    """In a forked child nobody holds a turn; the thread that held it is the parent's."""
    global _turn
    _turn = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
