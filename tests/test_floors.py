"""The house: who may import whom, where the heavy dependencies live, how long a function may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "lstmsize"

FLOORS = {
    "words": "errors naming config notation recipe findings events series results",
    "numbers": "space splits windows metrics transforms resampling periodicity seasonality replicates yardstick",
    "judges": "gate confidence_set comparison pooling selection forms expansion strategy verdict foresight",
    "hands": "readers baselines probes draws weights network optimizer step_graph torch_step kernels "
    "compiled_step cpu_step learning training trials spawning executors ledger",
    "run": "scoring prospect search approaches",
    "journey": "advisor",
    "voice": "reporters",
    "door": "options delivery questions api cli __init__ __main__",
}
"""Rooms from the bottom of the house to its top, and from left to right on each floor; a package is one room."""

ORDER = [room for rooms in FLOORS.values() for room in rooms.split()]
DOOR, VOICE = set(FLOORS["door"].split()), set(FLOORS["voice"].split())

HEAVY = {
    "torch": {"network", "optimizer", "step_graph", "torch_step", "trials"},
    "numba": {"kernels"},
    "llvmlite": {"kernels", "cpu_step"},
    "optuna": {"ledger"},
    "sklearn": {"probes"},
    "typer": DOOR,
    "rich": DOOR | VOICE,
    "click": set(),
    "pandas": set(),
    "polars": set(),
    "statsmodels": set(),
}
LONGEST_FUNCTION = 60
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc"}

FILES = sorted(SOURCE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text("utf-8"), filename=str(path)) for path in FILES}


def module_of(path: Path) -> str:
    """Dotted name inside the package, as in ``readers.text``; ``readers`` for the package itself."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def room_of(module: str) -> str:
    return module.split(".")[0]


def imports(tree: ast.AST, importer: Path) -> Iterator[str]:
    """Full names of everything imported, wherever in the file the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                package = ["lstmsize", *importer.relative_to(SOURCE).parent.parts]
                start = ".".join(
                    [*package[: len(package) - node.level + 1], *([node.module] if node.module else [])]
                )
            yield from (f"{start}.{alias.name}" for alias in node.names)


def imported_modules(path: Path) -> set[str]:
    """Modules of this package that a file imports."""
    found = set()
    for name in imports(TREES[path], path):
        if name.split(".")[0] != "lstmsize":
            continue
        inside = name.split(".")[1:]
        while inside and ".".join(inside) not in MODULES:
            inside = inside[:-1]
        found.add(".".join(inside) or "__init__")
    return found


def test_every_file_has_a_room_in_the_house() -> None:
    homeless = sorted({room_of(module) for module in MODULES} - set(ORDER))
    assert not homeless, (
        f"give {', '.join(homeless)} a room: name it on a floor in FLOORS (docs/design.md, the house)"
    )


def test_every_room_is_still_there() -> None:
    empty = sorted(set(ORDER) - {room_of(module) for module in MODULES})
    assert not empty, f"{', '.join(empty)} stands in FLOORS but is no file any more: take it out"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_file_imports_only_from_lower_floors_or_from_its_left(module: str) -> None:
    here = room_of(module)
    allowed = set(ORDER[: ORDER.index(here) + 1]) if here in ORDER else set()
    wrong = sorted(other for other in imported_modules(MODULES[module]) if room_of(other) not in allowed)
    assert not wrong, f"{module} imports {', '.join(wrong)} from above or from its right"


@pytest.mark.parametrize("room", sorted({m.split(".")[0] for m in MODULES if "." in m}))
def test_no_import_goes_in_a_circle_inside_a_package(room: str) -> None:
    waiting = {
        m: {n for n in imported_modules(MODULES[m]) if room_of(n) == room} for m in MODULES if room_of(m) == room
    }
    while free := [module for module, needs in waiting.items() if not needs & set(waiting)]:
        for module in free:
            del waiting[module]
    assert not waiting, f"a circle runs through {', '.join(sorted(waiting))}"


@pytest.mark.parametrize("dependency", sorted(HEAVY))
def test_each_heavy_dependency_has_one_door(dependency: str) -> None:
    importers = {
        room_of(module)
        for module, path in MODULES.items()
        if any(name.split(".")[0] == dependency for name in imports(TREES[path], path))
    }
    assert importers <= HEAVY[dependency], f"{dependency} is imported in {sorted(importers - HEAVY[dependency])}"


def test_no_file_is_a_drawer_for_everything() -> None:
    assert not [str(path) for path in FILES if path.stem in FORBIDDEN_NAMES]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_function_is_longer_than_a_page(module: str) -> None:
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(TREES[MODULES[module]])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert not long, f"over {LONGEST_FUNCTION} lines in {module}: {long}"


@pytest.mark.parametrize("module", sorted(m for m in MODULES if room_of(m) not in DOOR | VOICE))
def test_the_library_never_prints(module: str) -> None:
    lines = [
        node.lineno
        for node in ast.walk(TREES[MODULES[module]])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not lines, f"print( in {module}, lines {lines}"
