"""The command line: options in, one call, an answer out, and an exit code for everything that can happen."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import Journey
from lstmsize import DataError, OutputError, Recommendation, Request, StudyError, UsageError
from lstmsize.__main__ import run
from records import DOUBT, INCONCLUSIVE, OPEN, RECURRENT, SHUT, WARNING

HERE = Path(__file__).parent
HEAVY = ("torch", "optuna", "sklearn", "scipy", "statsmodels", "pandas", "numpy")

BASELINE_OPTIONS = (
    "--target --time --window --metric --min-gain --seed --output --json --quiet --strict --exit-code --help"
)
SEARCH_OPTIONS = (
    "--units --multiple --layers --tolerance --budget --jobs --device --study --dry-run --force-search"
)
RECOMMEND_OPTIONS = f"{BASELINE_OPTIONS} {SEARCH_OPTIONS}"

STAND_IN = f"""
import sys, time
sys.path.insert(0, {str(HERE)!r})
from conftest import Journey
journey = Journey()
def slow(*args, **others):
    print("working", file=sys.stderr, flush=True)
    time.sleep(20)
def disguised(*args, **others):
    try:
        slow()
    except BaseException:  # as numpy does
        raise ValueError("not a valid buffer format string") from None
if sys.argv[1] in ("slow", "disguised"):
    journey._note = globals()[sys.argv[1]]
sys.modules["lstmsize.advisor"] = journey
del sys.argv[1]
from lstmsize.__main__ import main
main()
"""
"""Starts the real command in a process of its own, with a journey that is over at once or never."""


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "taxi.csv"
    path.write_text("value\n" + "\n".join(str(value * value % 17) for value in range(50)) + "\n")
    return str(path)


def command(*arguments: str, kind: str = "quick") -> list[str]:
    return [sys.executable, "-c", STAND_IN, kind, *arguments]


def call(*arguments: str, **others: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=30, **others)


# What is asked


def test_recommend_makes_exactly_one_call_with_the_defaults(journey: Journey, data: str) -> None:
    assert run(["recommend", data]) == 0
    ((name, series, request, others),) = journey.calls
    assert (name, series.rows, request) == ("recommend", 50, Request())
    assert (others["jobs"], others["device"], others["study"]) == (None, "auto", None)


def test_every_option_of_recommend_reaches_the_call(journey: Journey, data: str, tmp_path: Path) -> None:
    written = (
        f"recommend {data} --target value --window 7 --units 16:48 --multiple 16 --layers 2 --metric mae "
        "--min-gain 0.03 --tolerance 0.05 --budget 5m --jobs 3 --device cuda --seed 9 --force-search "
        f"--study {tmp_path / 's.db'}"
    )
    assert run(written.split()) == 0
    ((_, _, request, others),) = journey.calls
    assert request == Request(
        window=7,
        units=(16, 48),
        multiple=16,
        layers=(2, 2),
        metric="mae",
        min_gain=0.03,
        tolerance=0.05,
        budget=300.0,
        seed=9,
        force_search=True,
    )
    assert (others["jobs"], others["device"], others["study"]) == (3, "cuda", str(tmp_path / "s.db"))


@pytest.mark.parametrize("command", ["recommend", "baseline"])
def test_target_and_time_name_columns(journey: Journey, tmp_path: Path, command: str) -> None:
    path = tmp_path / "two.csv"
    path.write_text("n,a,b\n" + "".join(f"{row},{row % 5},{row % 7}\n" for row in range(39, -1, -1)))
    assert run([command, str(path)]) == 3
    assert run([command, str(path), "--target", "b", "--time", "n"]) == 0
    ((_, series, _, _),) = journey.calls
    assert (series.names, series.time_name) == (("b",), "n")
    assert series.target.tolist() == [float(row % 7) for row in range(40)]


@pytest.mark.parametrize(("option", "code"), [("DATA", 3), ("--output", 74)])
def test_a_link_to_itself_is_no_defect(
    journey: Journey, data: str, tmp_path: Path, option: str, code: int
) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert run(["recommend", str(loop)] if option == "DATA" else ["recommend", data, option, str(loop)]) == code


def test_every_option_of_baseline_reaches_the_call(journey: Journey, data: str) -> None:
    assert run(f"baseline {data} --window auto --metric mae --min-gain 0.1 --seed 4".split()) == 0
    ((name, _, request, _),) = journey.calls
    assert (name, request) == ("baseline", Request(metric="mae", min_gain=0.1, seed=4))


@pytest.mark.parametrize(("name", "allowed"), [("recommend", RECOMMEND_OPTIONS), ("baseline", BASELINE_OPTIONS)])
def test_help_lists_exactly_the_allowed_options(
    name: str, allowed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([name, "-h"]) == 0
    listed = re.findall(r"^  (?:-h, )?(--[a-z-]+)", capsys.readouterr().out, flags=re.MULTILINE)
    assert sorted(listed) == sorted(allowed.split())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert re.fullmatch(r"lstmsize \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_without_a_command_the_help_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "recommend" in shown.err


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['lstmsize', 'recommend', '--help']\n"
        "from lstmsize.__main__ import main\n"
        "try: main()\n"
        f"finally: print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")


def test_the_module_runs_like_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lstmsize", "--version"], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("lstmsize ")


# Wrong usage: exit 2, one sentence, nothing done


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("recommend {data} --units 40:100", "--units 40:100: 40 and 100 are not multiples of --multiple 32"),
        ("recommend {data} --units 64:32", "the smallest is above the largest"),
        ("recommend {data} --units many", "--units many: needs a whole number"),
        ("recommend {data} --layers 0", "--layers 0: needs at least 1"),
        ("recommend {data} --window -3", "--window -3: needs a whole number of steps, or auto"),
        (f"recommend {{data}} --window {'9' * 5000}", "needs a whole number of steps, or auto"),
        (f"recommend {{data}} --units {'9' * 5000}", "needs a whole number, or two"),
        ("recommend {data} --budget 0s", "--budget 0s: needs a time above zero"),
        ("recommend {data} --budget -5s", "--budget -5s: needs a time such as"),
        ("recommend {data} --jobs 0", "--jobs 0: needs at least 1"),
        ("recommend {data} --jobs two", "--jobs two: needs a whole number"),
        ("recommend {data} --multiple x", "--multiple x: needs a whole number"),
        ("recommend {data} --tolerance 2x", "--tolerance 2x: needs a fraction, as in 0.02 or 2%"),
        ("baseline {data} --min-gain much", "--min-gain much: needs a fraction, as in 0.02 or 2%"),
        ("recommend {data} --device tpu", "--device tpu: is none of auto, cpu, cuda"),
        ("recommend {data} --min-gain 2", "--min-gain 2: needs a fraction"),
        ("recommend {data} --min-gain nan", "--min-gain nan: needs a fraction"),
        ("recommend {data} --metric mse", "--metric mse: is neither rmse nor mae"),
        ("recommend {data} --seed -1", "--seed -1: needs a whole number"),
        ("recommend {data} --study=", "--study '': needs the name of a file"),
        ("recommend {data} --study= --dry-run", "--study '': needs the name of a file"),
        ("recommend {data} --output=", "--output '': needs the name of a file"),
        ("recommend {data} --output -", "--json prints to standard output"),
        ("recommend {data} --output {data}", "DATA and --output are the same file"),
        ("recommend {data} --study {data}", "DATA and --study are the same file"),
        ("recommend {data} --horizon 3", "No such option: --horizon"),
        (
            "baseline {data} --units 64",
            "--units belongs to lstmsize recommend: lstmsize baseline trains no network",
        ),
        ("baseline {data} --units 64", "see lstmsize baseline --help"),
        ("baseline {data} --output", "Option '--output' requires an argument"),
        ("baseline {data} --json=yes", "Option '--json' does not take a value"),
        ("baseline", "Missing argument"),
        ("baseline a.csv b.csv", "unexpected extra argument"),
        ("advise {data}", "No such command 'advise'; see lstmsize --help"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(
    arguments: str, told: str, data: str, journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([part.format(data=data) for part in arguments.split()]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("lstmsize: error: ")
    assert told in shown.err
    assert shown.err.count("\n") == 1
    assert journey.calls == []


# What can go wrong


@pytest.mark.parametrize(
    ("failure", "code"),
    [(UsageError("a"), 2), (DataError("b"), 3), (StudyError("c"), 5), (OutputError("d"), 74)],
)
def test_each_kind_of_failure_has_its_exit_code(
    failure: Exception, code: int, data: str, journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    journey.failure = failure
    assert run(["recommend", data, "--quiet"]) == code
    assert capsys.readouterr().err == f"lstmsize: error: {failure}\n"


def test_a_missing_file_is_exit_3_with_nothing_asked(journey: Journey, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["baseline", "nowhere.csv", "--quiet"]) == 3
    assert "nowhere.csv" in capsys.readouterr().err
    assert journey.calls == []


def test_a_defect_is_exit_70_and_one_sentence(
    data: str, journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    journey.failure = ZeroDivisionError("division\nby zero")
    assert run(["recommend", data, "--quiet"]) == 70
    (line,) = capsys.readouterr().err.splitlines()
    assert "this is a defect in lstmsize (ZeroDivisionError: division by zero)" in line
    assert "LSTMSIZE_TRACEBACK=1" in line


def test_the_traceback_can_be_had(
    data: str, journey: Journey, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    journey.failure = ZeroDivisionError()
    monkeypatch.setenv("LSTMSIZE_TRACEBACK", "1")
    assert run(["recommend", data]) == 70
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("recommend {data}", "--study FILE would have kept the finished trainings"),
        ("recommend {data} --study x.db", "the same command goes on where it was, from x.db"),
        ("baseline {data}", "interrupted"),
    ],
)
def test_an_interruption_is_exit_130(
    arguments: str, told: str, data: str, journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    journey.failure = KeyboardInterrupt()
    assert run([*arguments.format(data=data).split(), "--quiet"]) == 130
    shown = capsys.readouterr().err
    assert told in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize("kind", ["slow", "disguised"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_a_running_command_with_one_sentence(data: str, number: int, code: int, kind: str) -> None:
    """Also where a library makes another error of the interruption."""
    arguments = command("recommend", data, "--study", "s.db", "--quiet", kind=kind)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "working\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (code, "")
    assert "the same command goes on where it was, from s.db" in err
    assert err.count("\n") == 1


def test_a_background_job_stays_deaf_to_sigint(data: str) -> None:
    shell = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]
    arguments = [*shell, *command("recommend", data, "--quiet", kind="slow")]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "working\n"
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 143


# The exit code speaks of the answer only when asked to


@pytest.mark.parametrize(
    ("name", "record", "options", "code"),
    [
        ("recommend", INCONCLUSIVE, "", 0),
        ("recommend", RECURRENT, "--exit-code", 0),
        ("recommend", SHUT, "--exit-code", 1),
        ("recommend", INCONCLUSIVE, "--exit-code", 1),
        ("recommend", RECURRENT, "--strict", 0),
        ("recommend", SHUT, "--strict", 0),
        ("recommend", INCONCLUSIVE, "--strict", 4),
        ("recommend", INCONCLUSIVE, "--strict --exit-code", 4),
        ("recommend", replace(RECURRENT, findings=[DOUBT]), "--strict", 4),
        ("recommend", replace(RECURRENT, findings=[WARNING]), "--strict --exit-code", 0),
        ("baseline", OPEN, "", 0),
        ("baseline", OPEN, "--exit-code", 1),
        ("baseline", SHUT, "--exit-code", 0),
        ("baseline", OPEN, "--strict", 0),
        ("baseline", replace(SHUT, findings=[DOUBT]), "--strict --exit-code", 4),
    ],
)
def test_strict_and_exit_code(
    name: str, record: Recommendation, options: str, code: int, data: str, journey: Journey
) -> None:
    journey.recommendation = journey.first_half = record
    assert run([name, data, *options.split()]) == code


# Where the answer goes


def test_text_goes_to_standard_output_and_everything_else_to_standard_error(
    data: str, journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    journey.recommendation = INCONCLUSIVE
    run(["recommend", data])
    shown = capsys.readouterr()
    assert shown.out.startswith(INCONCLUSIVE.summary)
    assert "L003" not in shown.out
    assert "reading" in shown.err
    assert "lstmsize: doubt L003: no size was shown" in shown.err


def test_json_is_exactly_one_document(data: str, journey: Journey, capsys: pytest.CaptureFixture[str]) -> None:
    journey.recommendation = INCONCLUSIVE
    run(["recommend", data, "--json"])
    shown = capsys.readouterr()
    assert json.loads(shown.out) == INCONCLUSIVE.to_dict()
    assert "L003" in shown.err


def test_quiet_keeps_the_answer_and_drops_progress_and_findings(
    data: str, journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    journey.recommendation = INCONCLUSIVE
    run(["recommend", data, "--quiet"])
    shown = capsys.readouterr()
    assert shown.out.startswith(INCONCLUSIVE.summary)
    assert shown.err == ""


def test_the_plan_of_a_dry_run_is_text_or_json(
    data: str, journey: Journey, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked = f"recommend {data} --dry-run --jobs 2 --device cpu --exit-code --study {tmp_path / 's.db'}"
    assert run(asked.split()) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "input: taxi.csv, 10,320 rows, target value, time timestamp, step 30min, seasons of 48 and 336 steps; "
        "read as utf-8, commas, decimal point, with header",
        "gate: open: boosted trees gain 5.0%",
        "folds: 3",
        "one training step: 32x1 1.0 ms",
        "expected time: about 10 s to 60 s",
    ]
    assert f"lstmsize: warning {WARNING.code}: {WARNING.message}" in shown.err
    assert run(["recommend", data, "--dry-run", "--json", "--quiet"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["searches"] is True
    assert shown.err == ""
    assert [name for name, *_ in journey.calls] == ["dry_run", "dry_run"]
    others = journey.calls[0][3]
    assert (others["jobs"], others["device"], others["study"]) == (2, "cpu", str(tmp_path / "s.db"))


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_output_holds_the_plan_of_a_dry_run(
    more: list[str], data: str, journey: Journey, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    output = tmp_path / "plan.json"
    assert run(["recommend", data, "--dry-run", "--output", str(output), *more]) == 0
    assert json.loads(output.read_text("utf-8"))["searches"] is True
    assert ("expected time" in capsys.readouterr().out) is not bool(more)


@pytest.mark.parametrize("more", [[], ["--json"], ["--quiet"]])
def test_output_holds_the_record_and_standard_output_the_answer(
    more: list[str], data: str, journey: Journey, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    output = tmp_path / "answer.json"
    assert run(["recommend", data, "--output", str(output), *more]) == 0
    assert Recommendation.from_json(output.read_text("utf-8")) == RECURRENT
    assert RECURRENT.summary in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answer.json", "taxi.csv"]


def test_an_older_output_keeps_its_rights_and_its_link(data: str, journey: Journey, tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    assert run(["recommend", data, "--output", str(link)]) == 0
    assert link.is_symlink()
    assert real.read_text("utf-8") == RECURRENT.to_json()
    assert real.stat().st_mode & 0o777 == 0o640


def test_output_may_be_no_ordinary_file(data: str, journey: Journey) -> None:
    assert run(["recommend", data, "--output", os.devnull]) == 0
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize(
    ("name", "told"), [("no/such/folder.json", "does not exist"), (".", "it is a folder"), ("x" * 300, "too long")]
)
def test_an_unwritable_output_is_exit_74_before_anything_is_asked(
    name: str, told: str, data: str, journey: Journey, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["recommend", data, "--output", str(tmp_path / name)]) == 74
    assert told in capsys.readouterr().err
    assert journey.calls == []


def test_a_failed_run_leaves_an_older_output_alone_and_no_empty_one(
    data: str, journey: Journey, tmp_path: Path
) -> None:
    journey.failure = DataError("no")
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text("old")
    assert run(["recommend", data, "--output", str(old)]) == 3
    assert run(["recommend", data, "--output", str(new)]) == 3
    assert old.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.json", "taxi.csv"]


@pytest.mark.parametrize("arguments", [["recommend", "{data}"], ["recommend", "{data}", "--json"], ["--help"]])
def test_a_closed_pipe_is_no_error(arguments: list[str], data: str) -> None:
    asked = command(*(argument.format(data=data) for argument in arguments))
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(asked, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=30)
    os.close(writer)
    assert done.returncode == 0
    assert "Error" not in done.stderr
    assert "Broken" not in done.stderr


def test_the_first_line_is_the_verdict_for_head(data: str) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" | head -1', "sh", *command("recommend", data)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (0, RECURRENT.summary + "\n")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_full_disk_is_exit_74_without_a_traceback(more: list[str], data: str) -> None:
    with Path("/dev/full").open("w") as full:
        asked = command("recommend", data, "--quiet", *more)
        done = subprocess.run(asked, stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 74
    assert done.stderr == "lstmsize: error: standard output cannot be written: no space left on device\n"


@pytest.mark.parametrize("more", [[], ["--help"]])
def test_a_closed_standard_output_is_exit_74_at_once(data: str, more: list[str]) -> None:
    closing = ["sh", "-c", 'exec "$@" >&-', "sh"]
    asked = [*closing, *command("recommend", data, *more, kind="slow")]
    done = subprocess.run(asked, stderr=subprocess.PIPE, text=True, timeout=15)
    assert (done.returncode, done.stderr) == (74, "lstmsize: error: standard output is closed\n")


def test_a_closed_standard_error_does_not_stop_the_answer(data: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command("recommend", data), stdout=subprocess.PIPE, stderr=writer, text=True, timeout=30)
    os.close(writer)
    assert done.returncode == 0
    assert done.stdout.startswith(RECURRENT.summary)


def test_letters_that_the_encoding_lacks_do_not_stop_the_answer(data: str) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    text = call("recommend", data, env=environment)
    assert (text.returncode, text.stdout.splitlines()[0]) == (0, RECURRENT.summary)
    document = subprocess.run(
        command("recommend", data, "--json"), capture_output=True, env=environment, timeout=30
    )
    assert Recommendation.from_json(document.stdout) == RECURRENT


def test_standard_input_is_a_dash(data: str) -> None:
    done = call("baseline", "-", "--json", input=Path(data).read_text())
    assert done.returncode == 0
    assert json.loads(done.stdout)["verdict"] == "baseline"


def test_nothing_animates_and_nothing_is_coloured_in_a_pipe(data: str) -> None:
    done = call("recommend", data, env=os.environ | {"FORCE_COLOR": "1", "TTY_INTERACTIVE": "1"})
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr.splitlines() == [f"lstmsize: reading {data}"]


def test_a_terminal_gets_colour_unless_it_does_not_want_it(data: str) -> None:
    assert "\x1b[1m" in on_a_terminal(data, {"TERM": "xterm"})
    assert "\x1b" not in on_a_terminal(data, {"TERM": "xterm", "NO_COLOR": "1"})
    assert "\x1b" not in on_a_terminal(data, {"TERM": "dumb"})


def on_a_terminal(data: str, variables: dict[str, str]) -> str:
    """What a terminal of 80 columns receives on standard output."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"COLUMNS": "80"} | variables
    subprocess.run(command("recommend", data, "--quiet"), stdout=theirs, env=environment, check=True, timeout=30)
    os.close(theirs)
    received = b""
    try:
        while piece := os.read(ours, 65536):
            received += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    text = received.decode()
    assert max(len(re.sub("\x1b\\[[0-9;]*m", "", line)) for line in text.splitlines()) <= 80
    return text
