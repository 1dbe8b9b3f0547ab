"""Training steps on the processor, compiled as one piece: from the rows of a minibatch to the averaged weights.

oneDNN, on which torch stands, has a quick LSTM for processors with AVX-512 only. With its other one, and torch's
calls around it, most of a narrow network's step is spent between the products of matrices (``docs/design.md``,
Speed). `lstmsize.learning.Run` takes the same steps by torch where these are not to be had.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numba
import numpy as np
import torch
from torch import Tensor

from lstmsize.config import Metric
from lstmsize.optimizer import LEAST_ROOT, MOMENTUM, AdamW
from lstmsize.recipe import Recipe
from lstmsize.space import Cell
from lstmsize.windows import warm_up

if getattr(numba.config, "DISABLE_JIT", False):
    raise ImportError("NUMBA_DISABLE_JIT is set: nothing is compiled, and a step would take seconds")

_Function = TypeVar("_Function", bound=Callable[..., Any])

_VECTOR, _MATRIX = "float32[::1]", "float32[:, ::1]"

_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)

_NO_NORM, _LEAST_ROOT = np.float32(1e-6), np.float32(LEAST_ROOT)

_FLAT = np.float32(8.5)
"""From where on the hyperbolic tangent is 1 in single precision."""

_P0, _P1, _P2 = np.float32(135135), np.float32(17325), np.float32(378)
_Q0, _Q1, _Q2, _Q3 = np.float32(135135), np.float32(62370), np.float32(3150), np.float32(28)


def _compiled(signature: str | None = None) -> Callable[[_Function], _Function]:
    """Compile where it is called, or at once for a signature, and keep the outcome, with what it calls, on disk.

    Products may be fused with sums, no more: what is not a number has to stay so, since it shows a divergence.
    """
    options: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy", "nogil": True}

    def compile_it(function: _Function) -> _Function:
        compiled = numba.njit(signature, cache=signature is not None, **options)(function)
        return cast("_Function", compiled)

    return compile_it


@_compiled()
def _four(gates: Any, units: int) -> tuple[Any, Any, Any, Any]:
    """Parts of a row in torch's order: input gate, forget gate, new cell, output gate."""
    return gates[:units], gates[units : 2 * units], gates[2 * units : 3 * units], gates[3 * units :]


@_compiled()
def _tanh(x: Any) -> Any:
    """Hyperbolic tangent: 2 p q / (p² + q²), where p / q is that of half of `x`.

    It is the seventh convergent of Lambert's continued fraction (1761), x / (1 + x² / (3 + x² / (5 + ...))).
    """
    z = _HALF * min(max(x, -_FLAT), _FLAT)
    y = z * z
    p = z * (_P0 + y * (_P1 + y * (_P2 + y)))
    q = _Q0 + y * (_Q1 + y * (_Q2 + y * _Q3))
    return (p + p) * q / (p * p + q * q)


@_compiled()
def _logistic(x: Any) -> Any:
    return _HALF + _HALF * _tanh(_HALF * x)


@_compiled()
def _fill(matrix: Any, value: Any) -> None:
    rows, width = matrix.shape
    for row in range(rows):
        for j in range(width):
            matrix[row, j] = value


@_compiled()
def _step_on(gates: Any, recurrent: Any, before: Any, after: Any, tangents: Any, hidden: Any) -> None:
    """One step of the window: what goes into the gates becomes what they are."""
    batch, units = before.shape
    for row in range(batch):
        gate, share = gates[row], recurrent[row]
        let_in, kept, new, let_out = _four(gate, units)
        both, old, cell, tangent, out = gate[: 2 * units], before[row], after[row], tangents[row], hidden[row]
        # Loops that do little on slices become vector instructions.
        for j in range(4 * units):
            gate[j] += share[j]
        for j in range(2 * units):
            both[j] = _logistic(both[j])
        for j in range(units):
            new[j] = _tanh(new[j])
        for j in range(units):
            let_out[j] = _logistic(let_out[j])
        for j in range(units):
            cell[j] = kept[j] * old[j] + let_in[j] * new[j]
            tangent[j] = _tanh(cell[j])
            out[j] = let_out[j] * tangent[j]


@_compiled()
def _step_back(gates: Any, before: Any, tangents: Any, wanted: Any, later: Any, of_cells: Any) -> None:
    """One step back: gates become derivatives of the loss by what went into them."""
    batch, units = before.shape
    for row in range(batch):
        let_in, kept, new, let_out = _four(gates[row], units)
        old, tangent, of_hidden, of_later, of_cell = (
            before[row],
            tangents[row],
            wanted[row],
            later[row],
            of_cells[row],
        )
        for j in range(units):
            by_hidden = of_hidden[j] + of_later[j]
            by_cell = of_cell[j] + by_hidden * let_out[j] * (_ONE - tangent[j] * tangent[j])
            of_cell[j] = by_cell * kept[j]
            by_new = by_cell * let_in[j] * (_ONE - new[j] * new[j])
            let_in[j] = by_cell * new[j] * let_in[j] * (_ONE - let_in[j])
            kept[j] = by_cell * old[j] * kept[j] * (_ONE - kept[j])
            new[j] = by_new
            let_out[j] = by_hidden * tangent[j] * let_out[j] * (_ONE - let_out[j])


@_compiled()
def _layer_on(below: Any, weights: Any, kept: Any, recurrent: Any) -> None:
    """Through all steps of the window; what is known of them is kept for the way back."""
    of_inputs, of_units, bias, other = weights
    gates, cells, tangents, hidden = kept
    steps, batch, width = gates.shape
    flat = gates.reshape(steps * batch, width)
    np.dot(below, of_inputs.T, flat)
    for row in range(steps * batch):
        one = flat[row]
        for j in range(width):
            one[j] += bias[j] + other[j]
    for step in range(steps):
        np.dot(hidden[step], of_units.T, recurrent)
        _step_on(gates[step], recurrent, cells[step], cells[step + 1], tangents[step], hidden[step + 1])


@_compiled()
def _layer_back(below: Any, weights: Any, slopes: Any, kept: Any, wanted: Any, later: Any, of_cells: Any) -> None:
    """Back through all steps: fill in derivatives by the weights; gates become those by what went into them."""
    by_inputs, by_units, by_bias, by_other = slopes
    gates, cells, tangents, hidden = kept
    steps, batch, width = gates.shape
    _fill(later, _ZERO)
    _fill(of_cells, _ZERO)
    for step in range(steps - 1, -1, -1):
        _step_back(gates[step], cells[step], tangents[step], wanted[step], later, of_cells)
        if step > 0:
            np.dot(gates[step], weights[1], later)
    flat = gates.reshape(steps * batch, width)
    np.dot(flat.T, below, by_inputs)
    np.dot(flat.T, hidden[:-1].reshape(steps * batch, width // 4), by_units)
    for j in range(width):
        by_bias[j] = 0
    for row in range(steps * batch):
        one = flat[row]
        for j in range(width):
            by_bias[j] += one[j]
    for j in range(width):
        by_other[j] = by_bias[j]


@_compiled()
def _layer_weights(vector: Any, layer: int, channels: int, units: int) -> tuple[Any, Any, Any, Any]:
    """Views of one layer's part of a vector of all weights, in the order of torch's parameters."""
    start = 0 if layer == 0 else 4 * units * (channels + units + 2 + (layer - 1) * (2 * units + 2))
    width = channels if layer == 0 else units
    second = start + 4 * units * width
    third = second + 4 * units * units
    fourth = third + 4 * units
    return (
        vector[start:second].reshape(4 * units, width),
        vector[second:third].reshape(4 * units, units),
        vector[third:fourth],
        vector[fourth : fourth + 4 * units],
    )


@_compiled()
def _gather(ends: Any, inputs: Any, targets: Any, window: int, anchor: int, seen: Any, actual: Any) -> None:
    batch, channels = len(ends), inputs.shape[1]
    for column in range(batch):
        first = ends[column] + 1 - window
        for step in range(window):
            actual[step, column] = targets[first + step]
            row = seen[step * batch + column]
            for channel in range(channels):
                value = inputs[first + step, channel]
                row[channel] = value - inputs[first + anchor, channel] if anchor >= 0 else value


@_compiled()
def _read_out(
    hidden: Any, actual: Any, weights: Any, slopes: Any, wanted: Any, outputs: Any, absolute: bool
) -> Any:
    """Return the mean loss; fill in its derivatives by the readout's weights, and by the hidden values."""
    rows, units = hidden.shape
    readout, by_readout = weights[-1 - units : -1], slopes[-1 - units : -1]
    bias, by_bias, total, share = weights[-1], _ZERO, 0.0, np.float32(1 / rows)
    np.dot(hidden, readout, outputs)
    for row in range(rows):
        error = outputs[row] + bias - actual[row]
        total += abs(error) if absolute else error * error
        outputs[row] = (np.sign(error) if absolute else _TWO * error) * share
        by_bias += outputs[row]
        one = wanted[row]
        for j in range(units):
            one[j] = outputs[row] * readout[j]
    np.dot(outputs, hidden, by_readout)
    slopes[-1] = by_bias
    return total / rows


@_compiled()
def _adapt(weights: Any, average: Any, gradient: Any, moments: Any, rates: Any, kept: Any, how: Any) -> None:
    """Change the weights as `lstmsize.optimizer.AdamW` does, and their average."""
    first_moments, second_moments = moments
    scale, first, second, renewal, momentum, second_decay = how
    for j in range(len(weights)):
        slope = scale * gradient[j]
        first_moments[j] += (slope - first_moments[j]) * (_ONE - momentum)
        second_moments[j] = second_decay * second_moments[j] + (_ONE - second_decay) * slope * slope
        root = np.sqrt(second_moments[j] / second) + _LEAST_ROOT
        weights[j] = kept[j] * weights[j] - rates[j] * first_moments[j] / root / first
        average[j] += renewal * (weights[j] - average[j])


@_compiled(
    f"float64[::1](int64[:, ::1], {_MATRIX}, Tuple(({_MATRIX}, {_VECTOR}, int64, int64, int64, boolean)),"
    f" UniTuple(int64, 2), UniTuple({_VECTOR}, 7), UniTuple(float32, 3))"
)
def _take(ends: Any, numbers: Any, data: Any, network: Any, vectors: Any, constants: Any) -> Any:
    inputs, targets, window, trained_from, anchor, absolute = data
    units, layers = network
    weights, average, gradient, first_moments, second_moments, rates, shrinkage = vectors
    clip, momentum, second_decay = constants
    batch, channels, rows = ends.shape[1], inputs.shape[1], window * ends.shape[1]
    scored = (window - trained_from) * batch
    actual = np.empty((window, batch), np.float32)
    seen = np.empty((rows, channels), np.float32)
    gates = np.empty((layers, window, batch, 4 * units), np.float32)
    cells = np.zeros((layers, window + 1, batch, units), np.float32)
    hidden = np.zeros((layers, window + 1, batch, units), np.float32)
    tangents = np.empty((layers, window, batch, units), np.float32)
    wanted = np.empty((rows, units), np.float32)
    recurrent = np.empty((batch, 4 * units), np.float32)
    later = np.empty((batch, units), np.float32)
    of_cells = np.empty((batch, units), np.float32)
    outputs = np.empty(scored, np.float32)
    losses = np.empty(len(ends))
    for step in range(len(ends)):
        _gather(ends[step], inputs, targets, window, anchor, seen, actual)
        for layer in range(layers):
            kept = (gates[layer], cells[layer], tangents[layer], hidden[layer])
            below = seen if layer == 0 else hidden[layer - 1][1:].reshape(rows, units)
            _layer_on(below, _layer_weights(weights, layer, channels, units), kept, recurrent)
        last = hidden[layers - 1][1:].reshape(rows, units)[rows - scored :]
        _fill(wanted[: rows - scored], _ZERO)
        aims = actual.reshape(rows)[rows - scored :]
        losses[step] = _read_out(last, aims, weights, gradient, wanted[rows - scored :], outputs, absolute)
        for layer in range(layers - 1, -1, -1):
            own = _layer_weights(weights, layer, channels, units)
            slopes = _layer_weights(gradient, layer, channels, units)
            kept = (gates[layer], cells[layer], tangents[layer], hidden[layer])
            below = seen if layer == 0 else hidden[layer - 1][1:].reshape(rows, units)
            _layer_back(below, own, slopes, kept, wanted.reshape(window, batch, units), later, of_cells)
            if layer > 0:
                np.dot(gates[layer].reshape(rows, 4 * units), own[0], wanted)
        first, second, renewal = numbers[step]
        norm = np.sqrt(np.dot(gradient, gradient))
        scale = min(_ONE, clip / (norm + _NO_NORM))
        how = (scale, first, second, renewal, momentum, second_decay)
        _adapt(weights, average, gradient, (first_moments, second_moments), rates, shrinkage, how)
    return losses


class CompiledStep:
    """Take training steps of one network, in the memory of its weights, their average and its optimiser.

    Parameters
    ----------
    cell : Cell
        Units and layers.
    optimizer : AdamW
        Whose learning rates and running means are used, and the latter changed.
    recipe : Recipe
        How to train.
    weights, average : Tensor, shape (weights,)
        The network's weights and their running average, each from `LstmForecaster.as_vector`.
    inputs, targets : Tensor, shapes (time, channels) and (time,)
        The shaped series.
    window : int
        Steps per window.
    anchored : bool
        Whether inputs are taken less those at the last step of the warm-up.
    metric : {'rmse', 'mae'}
        The loss.
    """

    WIDEST = 128
    """Units up to which a step was seen to take less time than torch's."""

    def __init__(
        self,
        cell: Cell,
        optimizer: AdamW,
        recipe: Recipe,
        *,
        weights: Tensor,
        average: Tensor,
        inputs: Tensor,
        targets: Tensor,
        window: int,
        anchored: bool,
        metric: Metric,
    ) -> None:
        self._series = inputs.contiguous().numpy(), targets.contiguous().numpy()
        self._window, self._absolute = window, metric == "mae"
        self._anchor = max(0, warm_up(window) - 1) if anchored else -1
        self._network = cell.units, cell.layers
        shrinkage = 1 - optimizer.rates * recipe.weight_decay
        means = optimizer.first, optimizer.second
        vectors = (weights, average, torch.empty_like(weights), *means, optimizer.rates, shrinkage)
        self._vectors = tuple(vector.numpy() for vector in vectors)
        self._constants = tuple(np.float32(number) for number in (recipe.clip, MOMENTUM, recipe.second_moment))

    def __call__(self, ends: Tensor, numbers: Sequence[Sequence[float]], trained_from: int) -> list[float]:
        """Take some steps.

        Parameters
        ----------
        ends : Tensor of int, shape (steps, batch)
            Last rows of the windows.
        numbers : sequence, shape (steps, 3)
            The optimiser's corrections and the share of the weights that goes into their average.
        trained_from : int
            First step of a window whose forecast is trained on.

        Returns
        -------
        list of float
            The loss of each step.
        """
        data = (*self._series, self._window, trained_from, self._anchor, self._absolute)
        changing = np.array(numbers, dtype=np.float32)
        losses: list[float] = _take(
            ends.numpy(), changing, data, self._network, self._vectors, self._constants
        ).tolist()
        return losses
