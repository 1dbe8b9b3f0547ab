from __future__ import annotations

import operator

import pytest
import torch

from lstmsize import UsageError
from lstmsize.advisor import environment
from lstmsize.advisor.environment import device_of, environment_record, require_device


def test_networks_are_trained_on_the_processor_unless_told_otherwise():
    assert [device_of(asked) for asked in ("auto", "cpu", "cuda")] == ["cpu", "cpu", "cuda"]
    require_device("cpu")
    assert environment_record(jobs=2, study=None)["device"] == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_a_device_that_is_not_there_is_wrong_usage():
    with pytest.raises(UsageError, match=r"--device cuda: torch [\w.+]+ finds no CUDA device; use --device cpu"):
        require_device("cuda")


def test_a_device_that_a_worker_finds_is_used(monkeypatch):
    monkeypatch.setattr(environment, "has_cuda", operator.not_)  # of None, which is what the worker is asked
    require_device("cuda")


@pytest.mark.parametrize("cores", [16, 2])
def test_a_cuda_device_is_shared_by_four_workers(monkeypatch, cores: int):
    monkeypatch.setattr(environment, "available_cores", lambda: cores)
    assert environment.default_jobs("cuda") == 4
    assert environment.default_jobs("cpu") == cores


def test_a_study_whose_name_is_no_text_can_be_written():
    assert environment_record(jobs=2, study="s\udcff.db")["study"] == "s\\xff.db"
