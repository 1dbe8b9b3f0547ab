"""Input forms: what the network sees and what it predicts, from the raw series and back.

Row t of every array belongs to the forecast of row t and holds only what is known before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lstmsize.metrics import spread_of
from lstmsize.series import FloatArray
from lstmsize.windows import lagged

Kind = Literal["level", "difference", "seasonal_difference", "last_value", "seasonal_lags", "correction"]

Float32Array = NDArray[np.float32]

_NO_OFFSET = ("level", "seasonal_lags")


@dataclass(frozen=True, kw_only=True)
class InputForm:
    """One way of showing a series to the network; the same for all sizes of a run.

    Parameters
    ----------
    kind : str
        ``level``: values in, value out. ``difference``: changes in, change out. ``seasonal_difference``: changes
        since one season ago in and out. ``last_value``: values less the last one of the window's first quarter in,
        change out.
        ``seasonal_lags``: as level, with the values of one season ago as further channels. ``correction``: as
        seasonal lags, with a simple model's forecast and its last error as further channels; what is predicted
        is its error.
    seasons : tuple of int
        Periods in steps that the form uses.
    log : bool
        Whether the logarithm is taken first.
    """

    kind: Kind
    seasons: tuple[int, ...] = ()
    log: bool = False

    def __str__(self) -> str:
        name = self.kind.replace("_", " ")
        return f"{name} of the logarithm" if self.log else name

    @property
    def needs_base(self) -> bool:
        """Whether the forecast of a simple model is an ingredient."""
        return self.kind == "correction"

    @property
    def channels(self) -> int:
        """Input values per step."""
        if self.kind == "seasonal_lags":
            return 1 + len(self.seasons)
        return 3 + len(self.seasons) if self.kind == "correction" else 1

    @property
    def detail(self) -> dict[str, Any]:
        """What is needed to repeat it, for the record."""
        if self.kind == "last_value":
            return {"taken_off": "the value a quarter into the window"}
        return {"seasonal_lags": list(self.seasons)} if self.seasons else {}


@dataclass(frozen=True, kw_only=True)
class Shaped:
    """A series in its input form, standardised on the rows that may be learnt from.

    Parameters
    ----------
    inputs : ndarray of float32, shape (time, channels)
        Row t is the last input before the forecast of row t.
    targets : ndarray of float32, shape (time,)
        What the network shall say for row t.
    offset : ndarray, shape (time,)
        What is added to the scaled output.
    scale : float
        Standard deviation of what is predicted.
    first : int
        First row whose inputs and target are all known.
    anchored : bool
        Whether each window is taken relative to one of its own values.
    log : bool
        Whether forecasts are logarithms.
    """

    inputs: Float32Array
    targets: Float32Array
    offset: FloatArray
    scale: float
    first: int
    anchored: bool
    log: bool

    @property
    def channels(self) -> int:
        """Input values per step."""
        return int(self.inputs.shape[1])

    def restore(self, rows: NDArray[np.intp], outputs: FloatArray) -> FloatArray:
        """Turn outputs of the network for some rows into forecasts in the units of the target."""
        forecast = self.offset[rows] + self.scale * outputs
        if not self.log:
            return forecast
        with np.errstate(over="ignore"):
            raised: FloatArray = np.exp(forecast)
        return raised


def candidate_forms(seasons: tuple[int, ...], *, window: int, log: bool, base: bool) -> list[InputForm]:
    """List the forms worth a trial.

    Parameters
    ----------
    seasons : tuple of int
        Periods in steps that leave enough rows.
    window : int
        Past steps that the network sees.
    log : bool
        Whether the best baseline works on the logarithm.
    base : bool
        Whether there is a forecast to correct.

    Returns
    -------
    list of InputForm
        The plain ones first.
    """
    plain: list[Kind] = ["level", "difference", "last_value"] if window > 3 else ["level", "difference"]
    forms = [InputForm(kind=kind, log=log) for kind in plain]
    if seasons:
        forms += [
            InputForm(kind="seasonal_lags", seasons=seasons, log=log),
            InputForm(kind="seasonal_difference", seasons=seasons[-1:], log=log),
        ]
    if base:
        forms.append(InputForm(kind="correction", seasons=seasons, log=log))
    return forms


def shape(
    values: FloatArray, form: InputForm, *, stop: int, window: int, base: FloatArray | None = None
) -> Shaped:
    """Put a series into its input form.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The target in its own units.
    form : InputForm
        The form.
    stop : int
        Centre and scale are measured on the rows before this one.
    window : int
        Past steps that the network sees.
    base : ndarray, shape (time,) or shorter, optional
        One-step forecasts of a simple model for the latest rows, on the logarithm where the form takes it; needed
        by ``correction``.

    Returns
    -------
    Shaped
        Inputs, targets and the way back.
    """
    level = safe_logarithm(values, stop) if form.log else values
    past = lagged(level, 1)
    centre, spread = float(level[:stop].mean()), spread_of(level[:stop])
    offset = _offset(form, level, centre, base)
    channels = [_leading_channel(form, level, past, window, stop)]
    if form.kind in ("seasonal_lags", "correction"):
        channels += [(lagged(level, season) - centre) / spread for season in form.seasons]
    if form.needs_base:
        missed = lagged(level - offset, 1)
        channels += [(offset - centre) / spread, missed / spread_of(missed[:stop])]
    inputs = np.column_stack(channels)
    change = level - offset
    known = np.isfinite(inputs).all(axis=1) & np.isfinite(change)
    scale = spread_of(change[:stop])
    return Shaped(
        inputs=np.nan_to_num(inputs).astype(np.float32),
        targets=np.nan_to_num(change / scale).astype(np.float32),
        offset=offset,
        scale=scale,
        first=int(np.argmax(known)),
        anchored=form.kind == "last_value",
        log=form.log,
    )


def safe_logarithm(values: FloatArray, stop: int) -> FloatArray:
    """Take the logarithm; a later value of zero or below counts as the smallest one before `stop`."""
    return np.log(np.where(values > 0, values, values[:stop].min()))


def _offset(form: InputForm, level: FloatArray, centre: float, base: FloatArray | None) -> FloatArray:
    if form.kind in _NO_OFFSET:
        return np.full(len(level), centre)
    if form.kind == "seasonal_difference":
        return lagged(level, form.seasons[-1])
    if form.kind == "correction":
        if base is None:
            raise ValueError("the correction form needs a forecast to correct")
        return np.concatenate([np.full(len(level) - len(base), np.nan), base])
    return lagged(level, 1)


def _leading_channel(form: InputForm, level: FloatArray, past: FloatArray, window: int, stop: int) -> FloatArray:
    if form.kind == "difference":
        change = past - lagged(level, 2)
        return change / spread_of(change[:stop])
    if form.kind == "seasonal_difference":
        change = past - lagged(level, form.seasons[-1] + 1)
        return change / spread_of(change[:stop])
    if form.kind == "last_value":  # the anchor is taken off inside each window
        moved = level - lagged(level, max(1, window // 2))
        return (past - float(level[0])) / spread_of(moved[:stop])
    return (past - float(level[:stop].mean())) / spread_of(level[:stop])
