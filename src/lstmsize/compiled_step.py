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
from lstmsize.optimizer import LEAST_NORM, LEAST_ROOT, MOMENTUM, AdamW
from lstmsize.recipe import Recipe
from lstmsize.space import Cell

if getattr(numba.config, "DISABLE_JIT", False):
    raise ImportError("NUMBA_DISABLE_JIT is set: nothing is compiled, and a step would take seconds")

_Function = TypeVar("_Function", bound=Callable[..., Any])

_VECTOR, _MATRIX = "float32[::1]", "float32[:, ::1]"

# Nothing from another file may be a constant of what is compiled: numba compiles anew when this file has changed.
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)

_SATURATED = np.float32(8.5)
"""From where on the hyperbolic tangent is 1 within 1e-7."""

_P0, _P1, _P2 = np.float32(135135), np.float32(17325), np.float32(378)
_Q0, _Q1, _Q2, _Q3 = np.float32(135135), np.float32(62370), np.float32(3150), np.float32(28)


def _jit(signature: str | None = None) -> Callable[[_Function], _Function]:
    """Compile where it is called, or at once for a signature, and keep the outcome, with what it calls, on disk.

    Products may be fused with sums, no more: what is not a number has to stay so, since it shows a divergence.
    Python's lock is released, so that a worker sees that its parent has died.
    """
    options: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy", "nogil": True}

    def compile_it(function: _Function) -> _Function:
        compiled = numba.njit(signature, cache=signature is not None, **options)(function)
        return cast("_Function", compiled)

    return compile_it


@_jit()
def _gates_of(row: Any, units: int) -> tuple[Any, Any, Any, Any]:
    """Parts of a row in torch's order: input gate, forget gate, candidate, output gate."""
    return row[:units], row[units : 2 * units], row[2 * units : 3 * units], row[3 * units :]


@_jit()
def _tanh(x: Any) -> Any:
    """Hyperbolic tangent: 2 p q / (p² + q²), where p / q is that of half of `x`.

    It is the seventh convergent of Lambert's continued fraction (1761), x / (1 + x² / (3 + x² / (5 + ...))).
    """
    z = _HALF * min(max(x, -_SATURATED), _SATURATED)  # in this order what is not a number passes
    y = z * z
    p = z * (_P0 + y * (_P1 + y * (_P2 + y)))
    q = _Q0 + y * (_Q1 + y * (_Q2 + y * _Q3))
    return (p + p) * q / (p * p + q * q)


@_jit()
def _logistic(x: Any) -> Any:
    return _HALF + _HALF * _tanh(_HALF * x)


@_jit()
def _fill(matrix: Any, value: Any) -> None:
    rows, width = matrix.shape
    for row in range(rows):
        for j in range(width):
            matrix[row, j] = value


@_jit()
def _step_on(gates: Any, recurrent: Any, before: Any, after: Any, tangents: Any, hidden: Any) -> None:
    """One step of the window: `gates` hold the inputs' part of what goes into them, and then what they are."""
    batch, units = before.shape
    for row in range(batch):
        four, part = gates[row], recurrent[row]
        input_gate, forget_gate, candidate, output_gate = _gates_of(four, units)
        first_two, old, cell, tangent, out = four[: 2 * units], before[row], after[row], tangents[row], hidden[row]
        # Loops that do little on slices become vector instructions.
        for j in range(4 * units):
            four[j] += part[j]
        for j in range(2 * units):
            first_two[j] = _logistic(first_two[j])
        for j in range(units):
            candidate[j] = _tanh(candidate[j])
        for j in range(units):
            output_gate[j] = _logistic(output_gate[j])
        for j in range(units):
            cell[j] = forget_gate[j] * old[j] + input_gate[j] * candidate[j]
            tangent[j] = _tanh(cell[j])
            out[j] = output_gate[j] * tangent[j]


@_jit()
def _step_back(
    gates: Any, before: Any, tangents: Any, hidden_gradient: Any, recurrent_gradient: Any, cell_gradient: Any
) -> None:
    """One step back: gates become derivatives of the loss by what went into them, `cell_gradient` those before."""
    batch, units = before.shape
    for row in range(batch):
        input_gate, forget_gate, candidate, output_gate = _gates_of(gates[row], units)
        old, tangent = before[row], tangents[row]
        from_above, from_later, cell = hidden_gradient[row], recurrent_gradient[row], cell_gradient[row]
        for j in range(units):
            by_hidden = from_above[j] + from_later[j]
            by_cell = cell[j] + by_hidden * output_gate[j] * (_ONE - tangent[j] * tangent[j])
            cell[j] = by_cell * forget_gate[j]
            by_candidate = by_cell * input_gate[j] * (_ONE - candidate[j] * candidate[j])
            input_gate[j] = by_cell * candidate[j] * input_gate[j] * (_ONE - input_gate[j])
            forget_gate[j] = by_cell * old[j] * forget_gate[j] * (_ONE - forget_gate[j])
            candidate[j] = by_candidate
            output_gate[j] = by_hidden * tangent[j] * output_gate[j] * (_ONE - output_gate[j])


@_jit()
def _layer_on(below: Any, weights: Any, states: Any, recurrent: Any) -> None:
    """Through all steps of the window; the states are kept for the way back."""
    of_inputs, of_units, input_bias, recurrent_bias = weights
    gates, cells, tangents, hidden = states
    steps, batch, width = gates.shape
    flat = gates.reshape(steps * batch, width)
    np.dot(below, of_inputs.T, flat)
    for row in range(steps * batch):
        four = flat[row]
        for j in range(width):
            four[j] += input_bias[j] + recurrent_bias[j]
    for step in range(steps):
        np.dot(hidden[step], of_units.T, recurrent)
        _step_on(gates[step], recurrent, cells[step], cells[step + 1], tangents[step], hidden[step + 1])


@_jit()
def _layer_back(
    below: Any,
    weights: Any,
    gradients: Any,
    states: Any,
    hidden_gradient: Any,
    recurrent_gradient: Any,
    cell_gradient: Any,
) -> None:
    """Back through all steps: fill in the gradients of the weights; gates become those of what went into them."""
    by_inputs, by_units, by_bias, by_other_bias = gradients
    gates, cells, tangents, hidden = states
    steps, batch, width = gates.shape
    _fill(recurrent_gradient, _ZERO)
    _fill(cell_gradient, _ZERO)
    for step in range(steps - 1, -1, -1):
        _step_back(
            gates[step], cells[step], tangents[step], hidden_gradient[step], recurrent_gradient, cell_gradient
        )
        if step > 0:
            np.dot(gates[step], weights[1], recurrent_gradient)
    flat = gates.reshape(steps * batch, width)
    np.dot(flat.T, below, by_inputs)
    np.dot(flat.T, hidden[:-1].reshape(steps * batch, width // 4), by_units)
    for j in range(width):
        by_bias[j] = 0
    for row in range(steps * batch):
        four = flat[row]
        for j in range(width):
            by_bias[j] += four[j]
    for j in range(width):
        by_other_bias[j] = by_bias[j]


@_jit()
def _of_layer(vector: Any, layer: int, channels: int, units: int) -> tuple[Any, Any, Any, Any]:
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


@_jit()
def _gather(ends: Any, series: Any, window: int, anchor: int, seen: Any, actual: Any) -> None:
    """Fill in the inputs and targets of windows; a negative anchor leaves the inputs as they are."""
    inputs, targets = series
    batch, channels = len(ends), inputs.shape[1]
    for column in range(batch):
        first = ends[column] + 1 - window
        for step in range(window):
            actual[step, column] = targets[first + step]
            row = seen[step * batch + column]
            for channel in range(channels):
                value = inputs[first + step, channel]
                row[channel] = value - inputs[first + anchor, channel] if anchor >= 0 else value


@_jit()
def _read_out(
    hidden: Any, actual: Any, weights: Any, gradient: Any, hidden_gradient: Any, outputs: Any, absolute: bool
) -> Any:
    """Return the mean loss; fill in its derivatives by the readout's weights, and by the hidden values."""
    rows, units = hidden.shape
    readout, by_readout = weights[-1 - units : -1], gradient[-1 - units : -1]
    bias, by_bias, total, share = weights[-1], _ZERO, 0.0, np.float32(1 / rows)
    np.dot(hidden, readout, outputs)
    for row in range(rows):
        error = outputs[row] + bias - actual[row]
        total += abs(error) if absolute else error * error
        outputs[row] = (np.sign(error) if absolute else _TWO * error) * share
        by_bias += outputs[row]
        by_hidden = hidden_gradient[row]
        for j in range(units):
            by_hidden[j] = outputs[row] * readout[j]
    np.dot(outputs, hidden, by_readout)
    gradient[-1] = by_bias
    return total / rows


@_jit()
def _adapt(vectors: Any, numbers: Any, constants: Any) -> None:
    """Change the weights as `lstmsize.optimizer.AdamW` does, and their running average."""
    weights, average, gradient, first_moments, second_moments, rates, shrinkage = vectors
    clip, momentum, second_decay, least_root, least_norm = constants
    first, second, renewal = numbers
    scale = min(_ONE, clip / (np.sqrt(np.dot(gradient, gradient)) + least_norm))
    for j in range(len(weights)):
        slope = scale * gradient[j]
        first_moments[j] += (slope - first_moments[j]) * (_ONE - momentum)
        second_moments[j] = second_decay * second_moments[j] + (_ONE - second_decay) * slope * slope
        root = np.sqrt(second_moments[j] / second) + least_root
        weights[j] = shrinkage[j] * weights[j] - rates[j] * first_moments[j] / root / first
        average[j] += renewal * (weights[j] - average[j])


@_jit(
    f"float64[::1](int64[:, ::1], {_MATRIX}, Tuple(({_MATRIX}, {_VECTOR})), UniTuple(int64, 5), boolean,"
    f" UniTuple({_VECTOR}, 7), UniTuple(float32, 5))"
)
def _take(ends: Any, numbers: Any, series: Any, sizes: Any, absolute: bool, vectors: Any, constants: Any) -> Any:
    """Take as many steps as `ends` has rows; return their losses."""
    units, layers, window, trained_from, anchor = sizes
    weights, gradient = vectors[0], vectors[2]
    batch, channels = ends.shape[1], series[0].shape[1]
    rows, scored = window * batch, (window - trained_from) * batch
    actual = np.empty((window, batch), np.float32)
    seen = np.empty((rows, channels), np.float32)
    gates = np.zeros((layers, window, batch, 4 * units), np.float32)
    cells = np.zeros((layers, window + 1, batch, units), np.float32)
    hidden = np.zeros((layers, window + 1, batch, units), np.float32)
    tangents = np.empty((layers, window, batch, units), np.float32)
    recurrent = np.zeros((batch, 4 * units), np.float32)
    outputs = np.zeros(scored, np.float32)
    hidden_gradient = np.zeros((rows, units), np.float32)
    recurrent_gradient = np.zeros((batch, units), np.float32)
    cell_gradient = np.zeros((batch, units), np.float32)
    losses = np.empty(len(ends))
    for step in range(len(ends)):
        _gather(ends[step], series, window, anchor, seen, actual)
        for layer in range(layers):
            states = (gates[layer], cells[layer], tangents[layer], hidden[layer])
            below = seen if layer == 0 else hidden[layer - 1][1:].reshape(rows, units)
            _layer_on(below, _of_layer(weights, layer, channels, units), states, recurrent)
        last = hidden[layers - 1][1:].reshape(rows, units)[rows - scored :]
        aimed_at = actual.reshape(rows)[rows - scored :]
        _fill(hidden_gradient[: rows - scored], _ZERO)
        by_last = hidden_gradient[rows - scored :]
        losses[step] = _read_out(last, aimed_at, weights, gradient, by_last, outputs, absolute)
        for layer in range(layers - 1, -1, -1):
            own = _of_layer(weights, layer, channels, units)
            gradients = _of_layer(gradient, layer, channels, units)
            states = (gates[layer], cells[layer], tangents[layer], hidden[layer])
            below = seen if layer == 0 else hidden[layer - 1][1:].reshape(rows, units)
            by_hidden = hidden_gradient.reshape(window, batch, units)
            _layer_back(below, own, gradients, states, by_hidden, recurrent_gradient, cell_gradient)
            if layer > 0:
                np.dot(gates[layer].reshape(rows, 4 * units), own[0], hidden_gradient)
        _adapt(vectors, numbers[step], constants)
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
    anchor : int or None
        Step of the window whose inputs are taken off all of its inputs.
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
        anchor: int | None,
        metric: Metric,
    ) -> None:
        self._series = inputs.contiguous().numpy(), targets.contiguous().numpy()
        self._cell, self._window, self._absolute = cell, window, metric == "mae"
        self._anchor = -1 if anchor is None else anchor
        shrinkage = 1 - optimizer.rates * recipe.weight_decay
        means = optimizer.first, optimizer.second
        vectors = (weights, average, torch.zeros_like(weights), *means, optimizer.rates, shrinkage)
        self._vectors = tuple(vector.numpy() for vector in vectors)
        constants = (recipe.clip, MOMENTUM, recipe.second_moment, LEAST_ROOT, LEAST_NORM)
        self._constants = tuple(np.float32(constant) for constant in constants)

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

        Raises
        ------
        IndexError
            If a window is not inside of the series.
        """
        if ends.min() < self._window - 1 or ends.max() >= len(self._series[1]):
            raise IndexError(f"windows end in rows {ends.min()} to {ends.max()} of {len(self._series[1])}")
        sizes = (self._cell.units, self._cell.layers, self._window, trained_from, self._anchor)
        changing = np.array(numbers, dtype=np.float32)
        losses: list[float] = _take(
            ends.numpy(), changing, self._series, sizes, self._absolute, self._vectors, self._constants
        ).tolist()
        return losses
