"""Results as lines of JSON: appended as they come, so that an interrupted benchmark goes on where it was.

Each says under ``made`` from which commit, on which day and by which command it came.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from shutil import which
from typing import Any

HERE = Path(__file__).resolve().parent


def read(path: Path) -> list[dict[str, Any]]:
    """Return what a results file holds; nothing where it is not there, and no line that was cut off."""
    if not path.exists():
        return []
    whole = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in whole]


def append(path: Path, entry: dict[str, Any]) -> None:
    """Add one result, in place of a line that was cut off before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(_line({**entry, "made": made()}).encode())


def rewrite(path: Path, entries: Iterable[dict[str, Any]]) -> None:
    """Put other results in place of those of a file, all or none."""
    draft = path.with_suffix(".draft")
    draft.write_text("".join(_line({**entry, "made": made()}) for entry in entries), encoding="utf-8")
    draft.replace(path)


@cache
def commit() -> str:
    """Return the commit that the benchmarks stand in, with a plus where the code differs from it."""
    changed = _git("diff", "--name-only", "HEAD", "--", ":/src", ":/benchmarks/*.py")
    return (_git("rev-parse", "--short", "HEAD") or "unknown") + "+" * bool(changed)


def _git(*words: str) -> str:
    """What git prints; nothing where there is none, or no repository."""
    if (git := which("git")) is None:
        return ""
    done = subprocess.run([git, "-C", str(HERE), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def made() -> str:
    """Say where a result comes from; paths are left out of the command."""
    words = [Path(word).name if "/" in word else word for word in sys.argv]
    return f"{commit()} {datetime.now(UTC):%Y-%m-%d} {shlex.join(words)}"


def _line(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"
