"""Imported last by the process that workers are forked from: it says that the rest has been."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lstmsize.spawning import SIGN_VARIABLE

if sign := os.environ.get(SIGN_VARIABLE):
    with suppress(OSError):  # its folder goes with the process that would look
        Path(sign).touch()
