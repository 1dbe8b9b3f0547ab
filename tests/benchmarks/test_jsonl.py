"""Results files: what was cut off does not count, and each line says where it comes from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonl


def test_results_are_read_as_they_were_appended_and_say_how_they_were_made(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "results.jsonl"
    assert jsonl.read(path) == []
    jsonl.append(path, {"size": "32×1", "loss": 0.5})
    jsonl.append(path, {"size": "64×1", "loss": None})
    found = jsonl.read(path)
    assert [(entry["size"], entry["loss"]) for entry in found] == [("32×1", 0.5), ("64×1", None)]
    assert all(re.match(r"(unknown|[0-9a-f]{7,}\+?) \d{4}-\d\d-\d\d ", entry["made"]) for entry in found)
    assert "/" not in found[0]["made"]


def test_a_line_that_was_cut_off_is_left_out_and_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    jsonl.append(path, {"seed": 0})
    with path.open("a") as file:
        file.write('{"seed": 1, "lo')
    assert [entry["seed"] for entry in jsonl.read(path)] == [0]
    jsonl.append(path, {"seed": 2})
    assert [json.loads(line)["seed"] for line in path.read_text().splitlines()] == [0, 2]


def test_results_are_put_in_place_of_others(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    jsonl.append(path, {"seed": 0})
    jsonl.rewrite(path, [{"seed": 1}, {"seed": 2}])
    assert [entry["seed"] for entry in jsonl.read(path)] == [1, 2]
    assert list(tmp_path.iterdir()) == [path]
