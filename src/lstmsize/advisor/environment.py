"""The machine and the versions of a run, and the device that it asks for."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lstmsize.config import Device
from lstmsize.errors import UsageError
from lstmsize.executors import ProcessExecutor, available_cores
from lstmsize.naming import printable
from lstmsize.spawning import LoadAhead
from lstmsize.trials import has_cuda, worked_in

_SHARING = 4
"""Workers of a CUDA device, unless told otherwise: each holds memory, and large networks soon fill it."""

_PACKAGES = ("numpy", "scipy", "scikit-learn", "optuna", "torch", "numba")


def full_speed_workers(device: str) -> int:
    """Return how many workers take steps as fast as one; on a CUDA device large networks soon fill it."""
    return 2 if device == "cuda" else available_cores()


def default_jobs(device: str) -> int:
    """Return the number of workers where none is asked for."""
    return _SHARING if device == "cuda" else available_cores()


def environment_record(*, jobs: int | None, study: str | None, device: str = "cpu") -> dict[str, Any]:
    """Return versions, machine, jobs, device and paths; nothing in it bears on the answer."""
    packages = {"lstmsize": _version("lstmsize"), "python": platform.python_version()}
    packages |= {name: _version(name) for name in _PACKAGES}
    return packages | {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "jobs": jobs,
        "threads_per_job": 1,
        "device": device,
        "study": None if study is None else printable(study),
    }


def device_of(asked: Device) -> str:
    """Return where networks are trained, ``cpu`` or ``cuda``: on the processor unless a device is asked for."""
    return "cuda" if asked == "cuda" else "cpu"


def require_device(device: str) -> None:
    """Look for a CUDA device where one is to be used.

    Parameters
    ----------
    device : {'cpu', 'cuda'}
        Where networks are trained.

    Raises
    ------
    UsageError
        If there is no such device.
    WorkerError
        If no worker can be started to look for it.
    """
    if device != "cuda":
        return
    with LoadAhead(*worked_in(device)) as ahead, ProcessExecutor[None, bool](has_cuda, 1) as executor:
        ahead.wanted = True
        if [found for _, found in executor.run([None])] != [True]:
            raise UsageError(f"--device cuda: torch {_version('torch')} finds no CUDA device; use --device cpu")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
