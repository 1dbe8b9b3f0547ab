"""What can go wrong, and the exit code that each kind of failure has."""

from __future__ import annotations


class LstmsizeError(Exception):
    """Base of every error that lstmsize raises on purpose; the message is one sentence for the user."""

    exit_code = 70


class UsageError(LstmsizeError):
    """The request is wrong in itself, or a study belongs to another question."""

    exit_code = 2


class DataError(LstmsizeError):
    """The data cannot answer this request."""

    exit_code = 3


class StudyError(LstmsizeError):
    """The study's storage cannot be reached or read."""

    exit_code = 5


class WorkerError(LstmsizeError):
    """Worker processes cannot be started, or lack what they are to import."""

    exit_code = 5


class OutputError(LstmsizeError):
    """The answer cannot be written."""

    exit_code = 74
