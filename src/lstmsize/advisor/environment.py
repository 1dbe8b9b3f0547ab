"""The machine and the versions of a run; nothing here bears on the answer."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("numpy", "scipy", "scikit-learn", "optuna", "torch")


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def environment_record(*, jobs: int | None, study: str | None) -> dict[str, Any]:
    """Return versions, machine, jobs and paths; nothing in it bears on the answer."""
    packages = {"lstmsize": _version("lstmsize"), "python": platform.python_version()}
    packages |= {name: _version(name) for name in _PACKAGES}
    return packages | {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "jobs": jobs,
        "threads_per_job": 1,
        "device": "cpu",
        "study": study,
    }


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
