from __future__ import annotations

import sqlite3
from contextlib import closing

import optuna
import pytest

from lstmsize import ledger as ledger_module
from lstmsize.errors import StudyError, UsageError
from lstmsize.ledger import Ledger
from lstmsize.space import Cell, Space
from lstmsize.trials import TrialResult

SPACE = Space(units=(32, 128), multiple=32, layers=(1, 2))
RESULT = TrialResult(
    state="converged",
    steps=10,
    steps_run=20,
    forecasts=[0.1, 1 / 3],
    curve=[(0, 1.0)],
    train_loss=0.5,
    seconds=1.5,
)


def record(ledger: Ledger, key: str = "level/32x1/fold0/0", value: float | None = 0.9) -> None:
    ledger.record(key, Cell(32, 1), fold=0, seed=3, value=value, result=RESULT)


def test_what_was_recorded_comes_back_exactly_also_from_the_file(tmp_path):
    path = str(tmp_path / "study.db")
    record(Ledger(path, {"sha256": "a"}, SPACE))
    again = Ledger(path, {"sha256": "a"}, SPACE)
    assert again.get("level/32x1/fold0/0", TrialResult) == RESULT
    assert again.keys() == ["level/32x1/fold0/0"]
    assert again.get("level/64x1/fold0/0", TrialResult) is None


def test_the_file_is_an_optuna_study_with_one_trial_per_training(tmp_path):
    path = tmp_path / "study.db"
    ledger = Ledger(str(path), {"sha256": "a"}, SPACE)
    record(ledger)
    record(ledger, "other", None)
    study = optuna.load_study(study_name="lstmsize", storage=f"sqlite:///{path}")
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "FAIL"]
    assert study.trials[0].params == {"units": 32, "layers": 1}
    assert study.trials[0].value == 0.9


def test_a_study_of_other_data_is_refused(tmp_path):
    path = str(tmp_path / "study.db")
    Ledger(path, {"sha256": "a", "seed": 0}, SPACE)
    with pytest.raises(UsageError, match="belongs to another question \\(its data are others\\)"):
        Ledger(path, {"sha256": "b", "seed": 0}, SPACE)


def test_a_study_of_another_request_is_refused_and_says_which_option_differs(tmp_path):
    path = str(tmp_path / "study.db")
    Ledger(path, {"sha256": "a", "seed": 0, "units": (32, 64)}, SPACE)
    with pytest.raises(UsageError, match="seed was 0, is 1"):
        Ledger(path, {"sha256": "a", "seed": 1, "units": (32, 64)}, SPACE)


def test_a_file_that_is_no_study_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, and no database at all\n" * 100)
    with pytest.raises(StudyError, match="cannot be opened as a study"):
        Ledger(str(path), {}, SPACE)
    assert path.read_text().startswith("these are notes")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StudyError, match=r"the folder .*missing does not exist"):
        Ledger(str(tmp_path / "missing" / "study.db"), {}, SPACE)


@pytest.mark.parametrize("name", ["x" * 300, "loop"])
def test_a_study_of_which_nothing_can_be_told_is_refused(tmp_path, name):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(StudyError, match=rf"--study .*{name}: cannot be opened: \w+"):
        Ledger(str(tmp_path / name), {}, SPACE)


def test_a_path_with_braces_and_percent_signs_works(tmp_path):
    path = str(tmp_path / "st{u}dy %41.db")
    record(Ledger(path, {}, SPACE))
    assert Ledger(path, {}, SPACE).keys() == ["level/32x1/fold0/0"]


def test_a_database_of_something_else_is_refused_and_stays_as_it_was(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table t(a)")
        database.commit()
    before = path.read_bytes()
    with pytest.raises(StudyError, match="is a database of something else; name another file"):
        Ledger(str(path), {"sha256": "a"}, SPACE)
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_written_names_the_cause(tmp_path):
    path = tmp_path / "study.db"
    ledger = Ledger(str(path), {"sha256": "a"}, SPACE)
    with closing(sqlite3.connect(path)) as database:
        database.execute("drop table trial_user_attributes")
        database.commit()
    with pytest.raises(StudyError, match="cannot be written: no such table: trial_user_attributes"):
        record(ledger)


def test_a_damaged_result_is_named(tmp_path):
    ledger = Ledger(None, {"sha256": "a"}, SPACE)
    record(ledger)
    ledger._entries["level/32x1/fold0/0"]["result"] = {"state": 5}
    with pytest.raises(StudyError, match="what it holds of level/32x1/fold0/0 cannot be read"):
        ledger.get("level/32x1/fold0/0", TrialResult)


def test_optuna_is_as_talkative_as_before_when_it_is_closed(tmp_path):
    before = optuna.logging.get_verbosity()
    ledger = Ledger(str(tmp_path / "study.db"), {"sha256": "a"}, SPACE)
    assert optuna.logging.get_verbosity() == optuna.logging.ERROR
    ledger.close()
    assert optuna.logging.get_verbosity() == before


def test_a_study_that_another_process_is_making_is_opened_a_moment_later(tmp_path, monkeypatch):
    made, tries = ledger_module._storage, []

    def at_second_try(path):
        tries.append(path)
        if len(tries) == 1:
            raise RuntimeError("table studies already exists")
        return made(path)

    monkeypatch.setattr(ledger_module, "_storage", at_second_try)
    record(Ledger(str(tmp_path / "study.db"), {"sha256": "a"}, SPACE))
    assert len(tries) == 2


def test_what_will_not_pass_is_told_at_once(tmp_path, monkeypatch):
    tries = []

    def never(path):
        tries.append(path)
        raise RuntimeError("database is locked")

    monkeypatch.setattr(ledger_module, "_storage", never)
    with pytest.raises(StudyError, match="cannot be opened as a study: database is locked"):
        Ledger(str(tmp_path / "study.db"), {"sha256": "a"}, SPACE)
    assert len(tries) == 1
