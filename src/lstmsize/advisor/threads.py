"""One thread for the linear algebra of a block: the same sums on every run, and cores for others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from threadpoolctl import threadpool_limits


@dataclass
class _Held:
    lock: threading.Lock
    blocks: int = 0
    limits: threadpool_limits | None = None


_held = _Held(lock=threading.Lock())


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the process's thread pools at one thread until the last of its threads has left such a block."""
    with _held.lock:
        if _held.blocks == 0:
            _held.limits = threadpool_limits(1)
        _held.blocks += 1
    try:
        yield
    finally:
        with _held.lock:
            _held.blocks -= 1
            if _held.blocks == 0 and _held.limits is not None:
                _held.limits.unregister()
