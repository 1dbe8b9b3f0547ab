"""Numerical libraries have one thread in a block, in every thread that asks, and theirs again after it."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from lstmsize.advisor.threads import one_thread

pytestmark = pytest.mark.skipif(os.cpu_count() == 1, reason="one core has one thread anyway")


def settings() -> set[int]:
    np.eye(2) @ np.eye(2)
    return {pool["num_threads"] for pool in threadpool_info()}


def test_a_block_in_a_block_keeps_one_thread_and_the_last_gives_back():
    assert torch.get_num_threads() >= 1  # with which its pool of threads is loaded
    with threadpool_limits(2):
        with one_thread():
            with one_thread():
                assert settings() == {1}
            assert settings() == {1}
        assert settings() == {2}


def test_a_thread_waits_for_its_turn_and_all_settings_are_as_before():
    inside, leave, seen = threading.Event(), threading.Event(), []

    def other() -> None:
        with one_thread():
            seen.append(settings())
            inside.set()
            leave.wait()
            seen.append(settings())

    before = settings()
    thread = threading.Thread(target=other)
    with one_thread():
        thread.start()
        assert not inside.wait(0.2)
        assert settings() == {1}
    leave.set()
    thread.join()
    assert seen == [{1}, {1}]
    assert settings() == before


def test_a_failing_block_gives_back():
    with threadpool_limits(2):
        with pytest.raises(ZeroDivisionError), one_thread():
            raise ZeroDivisionError
        assert settings() == {2}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_child_forked_while_another_thread_has_its_turn_does_not_wait_for_it():
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with one_thread():
            inside.set()
            leave.wait()

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait()
    child = os.fork()
    if child == 0:
        threading.Timer(5, os._exit, [1]).start()
        with one_thread():
            os._exit(0)
    leave.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
