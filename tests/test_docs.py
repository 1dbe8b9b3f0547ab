"""The documentation against the program: options, exit codes, findings, commands, files."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from lstmsize import errors
from lstmsize.events import Stage
from lstmsize.findings import Code, Severity

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = (ROOT / "examples" / "README.md").read_text("utf-8")


@cache
def help_options(command: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-m", "lstmsize", command, "--help"], capture_output=True, text=True, check=True
    )
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", done.stdout)) - {"--help"}


def documented(column: int) -> set[str]:
    rows = re.findall(r"^\| `(--[a-z-]+).*$", README, flags=re.MULTILINE)
    lines = [line for line in README.splitlines() if line.startswith("| `--")]
    cells = [re.split(r"(?<!\\)\|", line) for line in lines]
    return {row for row, cell in zip(rows, cells, strict=True) if cell[column].strip() == "yes"}


@pytest.mark.parametrize(("command", "column"), [("recommend", 2), ("baseline", 3)])
def test_the_options_in_the_readme_are_those_of_the_program(command: str, column: int):
    found = help_options(command)
    # The help text of an option may name another one.
    assert documented(column) <= found
    assert found <= documented(2) | documented(3)
    assert len(documented(column)) == {"recommend": 21, "baseline": 11}[command]


def test_every_exit_code_of_an_error_is_in_the_readme():
    table = set(re.findall(r"^\| ([\d, ]+) \|", README, flags=re.MULTILINE))
    codes = {code for cell in table for code in cell.split(", ")}
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    assert {str(kind.exit_code) for kind in classes} <= codes
    assert codes == {"0", "1", "2", "3", "4", "5", "70", "74", "130", "143"}


def test_every_finding_is_in_the_readme():
    rows = dict(re.findall(r"^\| `(L\d{3})` \| (info|warning|doubt) \|", README, flags=re.MULTILINE))
    assert list(rows) == [code.value for code in Code]
    for code, severity in severities():
        assert rows[Code[code].value] == Severity[severity].value, code


def severities() -> list[tuple[str, str]]:
    """Code and severity, by name, of every finding that is written down in the source."""
    calls = [
        {keyword.arg: keyword.value for keyword in node.keywords}
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
    ]
    named = [
        (call["code"].attr, call["severity"].attr) for call in calls if isinstance(call["code"], ast.Attribute)
    ]
    assert len(named) >= len(Code) - 2  # constant and exact recursion are chosen between
    return named


def commands(text: str) -> list[str]:
    shell = re.findall(r"^\$ (.*)$", text, flags=re.MULTILINE) + re.findall(r"`(lstmsize [^`]*)`", text)
    return [line for line in shell if "lstmsize " in line and "examples/" in line]


@pytest.mark.parametrize("line", sorted(set(commands(README) + commands(EXAMPLES))))
def test_a_documented_command_names_files_and_options_that_exist(line: str):
    part = next(p for p in re.split(r"\||&&", line.split("#")[0]) if "lstmsize" in p)
    words = shlex.split(part)
    words = words[words.index("lstmsize") :]
    assert words[1] in ("recommend", "baseline")
    assert {word for word in words if word.startswith("--")} <= help_options(words[1])
    for word in re.findall(r"examples/[\w.]+", line):
        assert (ROOT / word).is_file(), word


@pytest.mark.slow
def test_the_python_example_of_the_readme_runs():
    code = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert code is not None
    done = subprocess.run(
        [sys.executable, "-c", code[1]], capture_output=True, text=True, check=False, cwd=ROOT, timeout=250
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "baseline"
    assert done.stderr == ""


def test_a_simple_series_in_a_shell_condition_as_documented():
    line = (
        f"{shlex.quote(sys.executable)} -m lstmsize baseline examples/cubic.csv --exit-code --quiet && echo simple"
    )
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, cwd=ROOT, timeout=100)
    assert done.stdout.splitlines()[-1] == "simple"


def test_every_example_has_its_line_of_origin():
    for path in (ROOT / "examples").glob("*.csv"):
        assert f"| `{path.name}` |" in EXAMPLES


def test_the_synthetic_examples_are_what_their_script_writes(tmp_path: Path):
    before = {path.name: path.read_bytes() for path in (ROOT / "examples").glob("*.csv")}
    script = tmp_path / "generate.py"
    script.write_bytes((ROOT / "examples" / "generate.py").read_bytes())
    subprocess.run([sys.executable, str(script)], check=True, capture_output=True, timeout=100)
    written = {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")}
    assert len(written) >= 6
    assert {name: before[name] for name in written} == written


def test_every_file_of_the_advisor_is_in_the_house():
    listed = re.search(r"JOURNEY  advisor/ \((.*)\)", (ROOT / "docs" / "design.md").read_text("utf-8"))
    assert listed is not None
    modules = {path.stem for path in (ROOT / "src" / "lstmsize" / "advisor").iterdir()} - {
        "__init__",
        "__pycache__",
    }
    assert {name.replace(" ", "_") for name in listed[1].split(", ")} == modules


def test_every_stage_of_a_run_is_named_where_stages_are_described():
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    names = set(re.findall(r'Stage\(name="(\w+)"', source))
    assert set(re.findall(r"``(\w+)``", Stage.__doc__ or "")) == names
