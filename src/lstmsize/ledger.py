"""The ledger: every finished training as a trial of an Optuna study, in memory or in a file.

Only finished trials are written, by one process: a killed run leaves nothing half-done behind.
"""

from __future__ import annotations

import json
import os
import sqlite3
import warnings
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from time import sleep
from typing import Any

import msgspec

from lstmsize.errors import StudyError, UsageError
from lstmsize.space import Cell, Space

_NAME = "lstmsize"
_IDENTITY = "identity"
_BEING_MADE = ("UNIQUE constraint failed", "already exists")
"""What SQLite says while another process makes the tables of the same new study."""


class Ledger:
    """An Optuna study that remembers results by key.

    Parameters
    ----------
    path : str or None
        SQLite file of the study; None keeps it in memory.
    identity : dict
        What the question is (data and request); plain JSON values.
    space : Space
        The sizes that may be tried, for the trials' distributions.

    Raises
    ------
    UsageError
        If the file holds the study of another question.
    StudyError
        If the file cannot be opened, or is no study.
    """

    def __init__(self, path: str | None, identity: dict[str, Any], space: Space) -> None:
        import optuna

        self._optuna, self._verbosity = optuna, optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space = space
        self._path = path
        self._storage: Any = None
        try:
            self._open(identity)
        except BaseException:
            self.close()
            raise

    def _open(self, identity: dict[str, Any]) -> None:
        path = self._path
        try:
            self._study = self._made_or_found()
            known = self._study.user_attrs.get(_IDENTITY)
            wanted = json.loads(json.dumps(identity, sort_keys=True))
            if known is None:
                self._study.set_user_attr(_IDENTITY, wanted)
            found = [trial.user_attrs for trial in self._study.trials]
            self._entries = {attributes["key"]: attributes for attributes in found if "key" in attributes}
        except (UsageError, StudyError):
            raise
        except Exception as error:
            raise StudyError(f"--study {path}: cannot be opened as a study: {_first_line(error)}") from error
        if known is not None and known != wanted:
            raise UsageError(
                f"--study {path}: belongs to another question ({_difference(known, wanted)}); name another file"
            )

    def close(self) -> None:
        """Close the file, and let Optuna say what it said before."""
        if self._storage is not None:
            self._storage.engine.dispose()
        self._optuna.logging.set_verbosity(self._verbosity)

    def _made_or_found(self, *, again: bool = False) -> Any:
        try:
            self._storage = _storage(self._path)
            return self._optuna.create_study(
                study_name=_NAME, storage=self._storage, load_if_exists=True, direction="minimize"
            )
        except Exception as error:
            if again or not any(sign in str(error) for sign in _BEING_MADE):
                raise
        sleep(1)
        return self._made_or_found(again=True)

    def get(self, key: str, kind: type[Any]) -> Any | None:
        """Return what was recorded under a key, as the given type, or None.

        Raises
        ------
        StudyError
            If it is of another shape.
        """
        entry = self._entries.get(key)
        try:
            return None if entry is None else msgspec.convert(entry["result"], kind)
        except (KeyError, msgspec.ValidationError) as error:
            raise StudyError(f"--study {self._path}: what it holds of {key} cannot be read: {error}") from error

    def record(self, key: str, cell: Cell, *, fold: int, seed: int, value: float | None, result: Any) -> None:
        """Write one finished training.

        Parameters
        ----------
        key : str
            Its name.
        cell : Cell
            Units and layers.
        fold, seed : int
            Where and with which seed.
        value : float or None
            Its loss; None marks the trial as failed.
        result : dataclass
            Everything else; must be convertible to JSON.

        Raises
        ------
        StudyError
            If the file cannot be written.
        """
        states = self._optuna.trial.TrialState
        attributes = {"key": key, "fold": fold, "seed": seed, "result": msgspec.to_builtins(result)}
        trial = self._optuna.trial.create_trial(
            state=states.FAIL if value is None else states.COMPLETE,
            value=value,
            params={"units": cell.units, "layers": cell.layers},
            distributions=self._distributions,
            user_attrs=attributes,
        )
        try:
            self._study.add_trial(trial)
        except Exception as error:
            raise StudyError(f"--study {self._path}: cannot be written: {_first_line(error)}") from error
        self._entries[key] = attributes

    def keys(self) -> list[str]:
        """Return the keys of all recorded trainings."""
        return list(self._entries)

    @cached_property
    def _distributions(self) -> dict[str, Any]:
        integers = self._optuna.distributions.IntDistribution
        return {
            "units": integers(*self._space.units, step=self._space.multiple),
            "layers": integers(*self._space.layers),
        }


def is_there(path: str) -> bool:
    """Say whether a study is there already.

    Raises
    ------
    StudyError
        If that cannot be told: a folder on the way must not be entered, or the name is too long.
    """
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise StudyError(f"--study {path}: cannot be opened: {error.strerror}") from error
    return True


def require_folder(path: str) -> None:
    """Refuse a study that could not be made, without making it.

    Raises
    ------
    StudyError
        If its folder does not exist, or must not be written.
    """
    folder = Path(path).absolute().parent
    if not os.path.isdir(folder):  # noqa: PTH112 (a folder that must not be looked into raises there)
        raise StudyError(f"--study {path}: the folder {folder} does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StudyError(f"--study {path}: the folder {folder} must not be written")


def _storage(path: str | None) -> Any:
    if path is None:
        return None
    require_folder(path)
    _refuse_other_databases(path)
    from optuna.storages import RDBStorage

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # A connection of our own, since a path with braces or percent signs breaks as a storage address.
        return RDBStorage(
            "sqlite://",
            engine_kwargs={"creator": lambda: sqlite3.connect(path, timeout=10, check_same_thread=False)},
        )


def _refuse_other_databases(path: str) -> None:
    """Refuse to write into a database that is there for something else; what is none is told by the storage."""
    if not is_there(path):
        return
    with closing(sqlite3.connect(path, timeout=10)) as database, suppress(sqlite3.DatabaseError):
        tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
        if tables and "studies" not in tables:
            raise StudyError(f"--study {path}: is a database of something else; name another file")


def _difference(known: dict[str, Any], wanted: dict[str, Any]) -> str:
    names = [name for name in {**known, **wanted} if known.get(name) != wanted.get(name)]
    if "sha256" in names or "values" in names:
        return "its data are others"
    return ", ".join(f"{name} was {known.get(name)}, is {wanted.get(name)}" for name in names)


def _first_line(error: BaseException) -> str:
    while error.__cause__ is not None:  # optuna's own sentence says only that something failed
        error = error.__cause__
    error = getattr(error, "orig", None) or error
    return (str(error).strip() or type(error).__name__).splitlines()[0]
