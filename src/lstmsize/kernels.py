"""Compiled by numba: products of matrices, both passes of an LSTM, and whole training steps made of them.

Nothing from another file may be a constant here, or be called: numba compiles anew when this file has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

if getattr(numba.config, "DISABLE_JIT", False):
    raise ImportError("NUMBA_DISABLE_JIT is set: nothing is compiled, and a step would take seconds")

_Function = TypeVar("_Function", bound=Callable[..., Any])

_PANEL = 16
"""Columns of a matrix that lie together, so that what a product reads next is next to it."""

_TALL = 4
"""Rows of a tile: with two vectors of eight in each, it leaves room for its factors in sixteen registers."""

_LINE = 16
"""Numbers in a line of the cache: 64 bytes."""

_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)

_SATURATED = np.float32(8.5)
"""From where on the hyperbolic tangent is 1 within 1e-7."""

_P0, _P1, _P2 = np.float32(135135), np.float32(17325), np.float32(378)
_Q0, _Q1, _Q2, _Q3 = np.float32(135135), np.float32(62370), np.float32(3150), np.float32(28)


def _jit(signature: Any = None) -> Callable[[_Function], _Function]:
    """Compile where it is called, or at once for a signature, and keep the outcome, with what it calls, on disk.

    Products may be fused with sums, no more: what is not a number has to stay so, since it shows a divergence.
    Python's lock is released, so that a worker sees that its parent has died.
    """
    options: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy", "nogil": True}

    def compile_it(function: _Function) -> _Function:
        compiled = numba.njit(signature, cache=signature is not None, **options)(function)
        return cast("_Function", compiled)

    return compile_it


def _tile(rows: int) -> Any:
    """Build what adds to a tile of a product, of so many rows and one panel wide, which stays in registers.

    numba has no vectors of its own; loops, and BLAS with matrices as small as these, reach half the speed.
    """
    half = ir.VectorType(ir.FloatType(), _PANEL // 2)
    nothing = ir.Constant(half, ir.Undefined)
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), half.count), [0] * half.count)

    @intrinsic
    def add(_: Any, left: Any, right: Any, to: Any, places: Any, strides: Any, depth: Any) -> Any:
        """Take three arrays, where in each the parts begin, and strides: both of `left`, of `right`, of `to`."""

        def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
            builder.function.attributes.add("noinline")  # it would be compiled again in each of its callers
            arrays = [
                context.make_array(kind)(context, builder, array).data
                for kind, array in zip(signature.args[:3], values[:3], strict=True)
            ]
            offsets = [builder.extract_value(values[3], number) for number in range(3)]
            starts = [builder.gep(array, [offset]) for array, offset in zip(arrays, offsets, strict=True)]
            left_row, left_step, right_step, to_row = [builder.extract_value(values[4], i) for i in range(4)]
            deep, index = values[5], values[5].type

            def halves(start: Any) -> list[Any]:
                both = [builder.gep(start, [index(part * half.count)]) for part in range(2)]
                return [builder.bitcast(place, half.as_pointer()) for place in both]

            lines = [builder.gep(starts[2], [builder.mul(to_row, index(row))]) for row in range(rows)]
            tile = [place for line in lines for place in halves(line)]
            first = [index(0), *starts[:2], *(builder.load(place, align=4) for place in tile)]
            before, loop = builder.block, builder.append_basic_block("loop")
            builder.branch(loop)
            builder.position_at_end(loop)
            now = [builder.phi(value.type) for value in first]
            count, left_now, right_now, *sums = now
            across = [builder.load(place, align=4) for place in halves(right_now)]
            later = [builder.add(count, index(1))]
            later += [builder.gep(left_now, [left_step]), builder.gep(right_now, [right_step])]
            for row in range(rows):
                factor = builder.load(builder.gep(left_now, [builder.mul(left_row, index(row))]))
                factors = builder.insert_element(nothing, factor, ir.IntType(32)(0))
                factors = builder.shuffle_vector(factors, nothing, everywhere)
                for part in range(2):
                    product = builder.fmul(factors, across[part], flags=("contract",))
                    later.append(builder.fadd(sums[2 * row + part], product, flags=("contract",)))
            for value, at_first, next_time in zip(now, first, later, strict=True):
                value.add_incoming(at_first, before)
                value.add_incoming(next_time, loop)
            end = builder.append_basic_block("end")
            builder.cbranch(builder.icmp_signed("<", later[0], deep), loop, end)
            builder.position_at_end(end)
            for place, value in zip(tile, later[3:], strict=True):
                builder.store(value, place, align=4)
            return context.get_dummy_value()

        return types.void(left, right, to, places, strides, depth), generate

    return add


_add_rows, _add_row = _tile(_TALL), _tile(1)


@_jit()
def _add_product(left: Any, right: Any, to: Any) -> None:
    """Add a product of matrices, of which the right one may come in panels: (panels, depth, `_PANEL`)."""
    rows, depth = left.shape
    size, in_panels = left.itemsize, right.ndim == 3
    left_row, left_step, to_row = left.strides[0] // size, left.strides[1] // size, to.strides[0] // size
    right_step = right.strides[-2] // size
    right_panel = right.strides[0] // size if in_panels else _PANEL
    strides, tall = (left_row, left_step, right_step, to_row), rows - rows % _TALL
    for panel in range(to.shape[1] // _PANEL):
        for row in range(0, tall, _TALL):
            places = (row * left_row, panel * right_panel, row * to_row + panel * _PANEL)
            _add_rows(left, right, to, places, strides, depth)
        for row in range(tall, rows):
            places = (row * left_row, panel * right_panel, row * to_row + panel * _PANEL)
            _add_row(left, right, to, places, strides, depth)


@_jit()
def _lay_out(right: Any, panels: Any) -> None:
    """Copy the right factor of a product into panels."""
    for row in range(right.shape[0]):
        for column in range(right.shape[1]):
            panels[column // _PANEL, row, column % _PANEL] = right[row, column]


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
    flat = matrix.reshape(-1)
    for j in range(len(flat)):
        flat[j] = value


@_jit()
def _activate(gates: Any, before: Any, after: Any, tangent: Any, hidden: Any) -> None:
    """One step of the window: `gates` hold what goes into them, and then what they are."""
    input_gate, forget_gate, candidate, output_gate = gates[0], gates[1], gates[2], gates[3]
    # Loops that do little on whole arrays become vector instructions.
    for j in range(len(input_gate)):
        input_gate[j] = _logistic(input_gate[j])
    for j in range(len(input_gate)):
        forget_gate[j] = _logistic(forget_gate[j])
    for j in range(len(input_gate)):
        candidate[j] = _tanh(candidate[j])
    for j in range(len(input_gate)):
        output_gate[j] = _logistic(output_gate[j])
    for j in range(len(input_gate)):
        after[j] = forget_gate[j] * before[j] + input_gate[j] * candidate[j]
    for j in range(len(input_gate)):
        tangent[j] = _tanh(after[j])
    for j in range(len(input_gate)):
        hidden[j] = output_gate[j] * tangent[j]


@_jit()
def _activate_back(
    gates: Any, before: Any, tangent: Any, by_hidden: Any, from_later: Any, by_cell: Any, spare: Any
) -> None:
    """One step back: gates become derivatives of the loss by what went into them, `by_cell` those before."""
    input_gate, forget_gate, candidate, output_gate = gates[0], gates[1], gates[2], gates[3]
    for j in range(len(spare)):
        spare[j] = by_hidden[j] + from_later[j]
    for j in range(len(spare)):
        by_cell[j] += spare[j] * output_gate[j] * (_ONE - tangent[j] * tangent[j])
    for j in range(len(spare)):
        output_gate[j] *= spare[j] * tangent[j] * (_ONE - output_gate[j])
    for j in range(len(spare)):
        spare[j] = by_cell[j] * input_gate[j] * (_ONE - candidate[j] * candidate[j])
    for j in range(len(spare)):
        input_gate[j] *= by_cell[j] * candidate[j] * (_ONE - input_gate[j])
    for j in range(len(spare)):
        candidate[j] = spare[j]
    for j in range(len(spare)):
        spare[j] = by_cell[j] * forget_gate[j]
    for j in range(len(spare)):
        forget_gate[j] *= by_cell[j] * before[j] * (_ONE - forget_gate[j])
    for j in range(len(spare)):
        by_cell[j] = spare[j]


class States(NamedTuple):
    """What the steps of a window leave for the way back; gates and hidden values in two shapes of one memory."""

    gates: Any
    hidden: Any
    flat_gates: Any
    flat_hidden: Any
    cells: Any
    tangents: Any


class Memory(NamedTuple):
    """Where steps are taken: allocated and reshaped outside of them, since numba is slow to compile that."""

    actual: Any
    seen: Any
    states: States
    outputs: Any
    by_hidden: tuple[Any, Any, Any]
    by_step: tuple[Any, Any, Any, Any, Any]
    last: Any
    factors: tuple[Any, Any, Any]
    sums: tuple[Any, Any, Any]
    biases: Any
    readout: Any

    @classmethod
    def of(cls, *, channels: int, units: int, layers: int, window: int, batch: int) -> Memory:
        """Allocate for so many windows, and layers of so many units.

        Units that fill up the last panel have no weights: they stay at 0, and so does what comes back to them.
        """
        panels = -(-units // _PANEL)
        width, size = panels * _PANEL, batch * panels * _PANEL

        def zeros(*shape: int) -> Any:
            # Where a line of the cache begins: a vector that lies in two of them takes as long as two.
            count = prod(shape)
            room = np.zeros(count + _LINE, np.float32)
            start = -(room.ctypes.data // room.itemsize) % _LINE
            return room[start : start + count].reshape(shape)

        gates, hidden = zeros(layers, window, 4, batch, width), zeros(layers, window + 1, batch, width)
        by_hidden, from_later = zeros(window, batch, width), zeros(batch, width)
        ones = zeros(1, batch)
        ones += _ONE
        states = States(
            gates=gates,
            hidden=hidden,
            flat_gates=gates.reshape(layers, window, 4, size),
            flat_hidden=hidden.reshape(layers, window + 1, size),
            cells=zeros(layers, window + 1, size),
            tangents=zeros(layers, window, size),
        )
        return cls(
            actual=zeros(window, batch),
            seen=zeros(window, batch, channels),
            states=states,
            outputs=zeros(window * batch),
            by_hidden=(by_hidden, by_hidden.reshape(window, size), by_hidden.reshape(window * batch, width)),
            by_step=(from_later, from_later.reshape(size), zeros(size), zeros(size), ones),
            last=hidden[-1, 1:].reshape(window * batch, width),
            factors=(zeros(4, panels, channels, _PANEL), *(zeros(4, panels, width, _PANEL) for _ in range(2))),
            sums=(zeros(4, channels, width), *(zeros(4, width, width) for _ in range(2))),
            biases=zeros(4, width),
            readout=zeros(width),
        )


@_jit()
def _states_of(states: Any, layer: int) -> States:
    return States(
        states.gates[layer],
        states.hidden[layer],
        states.flat_gates[layer],
        states.flat_hidden[layer],
        states.cells[layer],
        states.tangents[layer],
    )


@_jit()
def _layer_on(below: Any, weights: Any, on_inputs: Any, on_units: Any, biases: Any, states: Any) -> None:
    """Through all steps of the window; `on_inputs`, `on_units` and `biases` are filled in with the weights."""
    of_inputs, of_units, bias, other_bias = weights
    units, batch, width = of_units.shape[1], below.shape[1], biases.shape[1]
    for gate in range(4):
        start, stop = gate * units, (gate + 1) * units
        _lay_out(of_inputs[start:stop].T, on_inputs[gate])
        _lay_out(of_units[start:stop].T, on_units[gate])
        for j in range(units):
            biases[gate, j] = bias[start + j] + other_bias[start + j]
    # Arrays are taken apart and reshaped outside of loops: it takes as long as a small product.
    gates, hidden, flat_gates, flat_hidden, cells, tangents = states
    for step in range(len(gates)):
        for gate in range(4):
            into = gates[step, gate]
            for row in range(batch):
                for j in range(width):
                    into[row, j] = biases[gate, j]
            _add_product(below[step], on_inputs[gate], into)
            _add_product(hidden[step], on_units[gate], into)
        _activate(flat_gates[step], cells[step], cells[step + 1], tangents[step], flat_hidden[step + 1])


@_jit()
def _layer_back(
    below: Any, of_units: Any, on_units: Any, states: Any, by_hidden: Any, by_step: Any, sums: Any
) -> None:
    """Back through all steps: gates become derivatives by what went into them; `sums` are those by weights."""
    gates, hidden, flat_gates, _, cells, tangents = states
    from_later, flat_later, by_cell, spare, ones = by_step
    by_inputs, by_units, by_biases = sums
    units = of_units.shape[1]
    for gate in range(4):
        _lay_out(of_units[gate * units : (gate + 1) * units], on_units[gate])
        _fill(by_inputs[gate], _ZERO)
        _fill(by_units[gate], _ZERO)
        _fill(by_biases[gate], _ZERO)
    _fill(flat_later, _ZERO)
    _fill(by_cell, _ZERO)
    for step in range(len(gates) - 1, -1, -1):
        later = (flat_later, by_cell, spare)
        _activate_back(flat_gates[step], cells[step], tangents[step], by_hidden[step], *later)
        _fill(flat_later, _ZERO)
        for gate in range(4):
            by_gate = gates[step, gate]
            _add_product(by_gate, on_units[gate], from_later)
            _add_product(by_gate.T, hidden[step], by_units[gate])
            _add_product(below[step].T, by_gate, by_inputs[gate])
            _add_product(ones, by_gate, by_biases[gate : gate + 1])


@_jit()
def _to_below(gates: Any, of_inputs: Any, on_inputs: Any, by_hidden: Any) -> None:
    """Fill in what comes back to the layer below."""
    units = of_inputs.shape[1]
    for gate in range(4):
        _lay_out(of_inputs[gate * units : (gate + 1) * units], on_inputs[gate])
    for step in range(len(gates)):
        _fill(by_hidden[step], _ZERO)
        for gate in range(4):
            _add_product(gates[step, gate], on_inputs[gate], by_hidden[step])


@_jit()
def _hand_over(sums: Any, gradients: Any) -> None:
    """Put the sums of a layer where torch has its gradients: inputs come second there, and none fill up panels."""
    by_inputs, by_units, by_biases = sums
    of_inputs, of_units, of_bias, of_other_bias = gradients
    units = of_units.shape[1]
    for gate in range(4):
        start = gate * units
        for row in range(units):
            for column in range(units):
                of_units[start + row, column] = by_units[gate, row, column]
            for column in range(of_inputs.shape[1]):
                of_inputs[start + row, column] = by_inputs[gate, column, row]
            of_bias[start + row] = of_other_bias[start + row] = by_biases[gate, row]


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
def _gather(ends: Any, series: Any, anchor: int, seen: Any, actual: Any) -> None:
    """Fill in the inputs and targets of windows; a negative anchor leaves the inputs as they are."""
    inputs, targets = series
    window, batch, channels = seen.shape
    for column in range(batch):
        first = ends[column] + 1 - window
        for step in range(window):
            actual[step, column] = targets[first + step]
            row = seen[step, column]
            for channel in range(channels):
                value = inputs[first + step, channel]
                row[channel] = value - inputs[first + anchor, channel] if anchor >= 0 else value


@_jit()
def _read_out(weights: Any, gradient: Any, first: int, absolute: bool, memory: Memory) -> Any:
    """Return the mean loss from a row on; fill in its derivatives by the readout, and by the hidden values."""
    units, width = len(weights) - 1, memory.biases.shape[1]
    by_hidden, actual = memory.by_hidden[2], memory.actual
    rows, batch = len(by_hidden) - first, actual.shape[1]
    hidden, outputs, readout = memory.last[first:], memory.outputs[first:], memory.readout
    for j in range(units):
        readout[j] = weights[j]
    by_bias, total, share = _ZERO, 0.0, np.float32(1 / rows)
    np.dot(hidden, readout, outputs)
    for row in range(first):
        for j in range(width):
            by_hidden[row, j] = _ZERO
    for row in range(rows):
        step, column = (first + row) // batch, (first + row) % batch
        error = outputs[row] + weights[units] - actual[step, column]
        total += abs(error) if absolute else error * error
        outputs[row] = (np.sign(error) if absolute else _TWO * error) * share
        by_bias += outputs[row]
        for j in range(width):
            by_hidden[first + row, j] = outputs[row] * readout[j]
    np.dot(outputs, hidden, readout)
    for j in range(units):
        gradient[j] = readout[j]
    gradient[units] = by_bias
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


@_jit()
def _forward(weights: Any, units: int, memory: Memory) -> None:
    on_series, on_lower, on_units = memory.factors
    seen, states = memory.seen, memory.states
    for layer in range(len(states.gates)):
        below = seen if layer == 0 else states.hidden[layer - 1, 1:]
        on_inputs = on_series if layer == 0 else on_lower
        own = _of_layer(weights, layer, seen.shape[2], units)
        _layer_on(below, own, on_inputs, on_units, memory.biases, _states_of(states, layer))


@_jit()
def _backward(weights: Any, gradient: Any, units: int, memory: Memory) -> None:
    """Fill in the gradient but for the readout's part; `by_hidden` comes filled in for the last layer."""
    _, on_lower, on_units = memory.factors
    by_series, by_lower, by_units = memory.sums
    seen, states = memory.seen, memory.states
    by_hidden, flat_by_hidden, _ = memory.by_hidden
    for layer in range(len(states.gates) - 1, -1, -1):
        below = seen if layer == 0 else states.hidden[layer - 1, 1:]
        sums = (by_series if layer == 0 else by_lower, by_units, memory.biases)
        own = _of_layer(weights, layer, seen.shape[2], units)
        _layer_back(below, own[1], on_units, _states_of(states, layer), flat_by_hidden, memory.by_step, sums)
        _hand_over(sums, _of_layer(gradient, layer, seen.shape[2], units))
        if layer > 0:
            _to_below(states.gates[layer], own[0], on_lower, by_hidden)


_NUMBERS, _NUMBER_ROWS = types.float32[::1], types.float32[:, ::1]
_SERIES = types.Tuple((_NUMBER_ROWS, _NUMBERS))
_MEMORY = numba.typeof(Memory.of(channels=1, units=1, layers=1, window=1, batch=1))


@_jit(_NUMBER_ROWS(types.int64[::1], _SERIES, types.UniTuple(types.int64, 2), _NUMBERS, _MEMORY))
def outputs_of(ends: Any, series: Any, sizes: Any, weights: Any, memory: Memory) -> Any:
    """Return what a network says at each step of windows.

    Parameters
    ----------
    ends : ndarray of int, shape (windows,)
        Last rows of the windows, which lie inside of the series; a multiple of those that `memory` is for.
    series : tuple of ndarray, shapes (time, channels) and (time,)
        Inputs and targets.
    sizes : tuple of int
        Units, and the step whose inputs are taken off all, or -1.
    weights : ndarray, shape (weights,)
        The network's.
    memory : Memory
        Of this network.

    Returns
    -------
    ndarray, shape (steps of a window, windows)
        Forecasts of the targets.
    """
    units, anchor = sizes
    window, batch = memory.actual.shape
    found = np.empty((window, len(ends)), np.float32)
    for j in range(units):
        memory.readout[j] = weights[len(weights) - 1 - units + j]
    for first in range(0, len(ends), batch):
        _gather(ends[first : first + batch], series, anchor, memory.seen, memory.actual)
        _forward(weights, units, memory)
        np.dot(memory.last, memory.readout, memory.outputs)
        for step in range(window):
            for column in range(batch):
                found[step, first + column] = memory.outputs[step * batch + column] + weights[-1]
    return found


@_jit(
    types.float64[::1](
        types.int64[:, ::1],
        _NUMBER_ROWS,
        _SERIES,
        types.UniTuple(types.int64, 3),
        types.boolean,
        types.UniTuple(_NUMBERS, 7),
        types.UniTuple(types.float32, 5),
        _MEMORY,
    )
)
def take_steps(
    ends: Any,
    numbers: Any,
    series: Any,
    sizes: Any,
    absolute: bool,
    vectors: Any,
    constants: Any,
    memory: Memory,
) -> Any:
    """Take as many steps as `ends` has rows; return their losses.

    Parameters
    ----------
    ends : ndarray of int, shape (steps, batch)
        Last rows of the windows, which lie inside of the series.
    numbers : ndarray, shape (steps, 3)
        The optimiser's corrections of both moments, and the share of the weights that goes into their average.
    series : tuple of ndarray, shapes (time, channels) and (time,)
        Inputs and targets.
    sizes : tuple of int
        Units, the first step of a window that is trained on, and the one whose inputs are taken off all, or -1.
    absolute : bool
        Whether the loss is the mean absolute error; else it is the mean squared one.
    vectors : tuple of ndarray, shape (weights,)
        Weights, their average, space for the gradient, first and second moments, learning rates, and what weight
        decay leaves of each weight.
    constants : tuple of float
        Largest norm of the gradient, momentum, decay of the second moments, least root and least norm.
    memory : Memory
        Of this network and as many windows.

    Returns
    -------
    ndarray, shape (steps,)
        Losses. Weights, average and moments are changed.
    """
    units, trained_from, anchor = sizes
    weights, gradient = vectors[0], vectors[2]
    readout, by_readout = weights[-1 - units :], gradient[-1 - units :]
    losses = np.empty(len(ends))
    for step in range(len(ends)):
        _gather(ends[step], series, anchor, memory.seen, memory.actual)
        _forward(weights, units, memory)
        losses[step] = _read_out(readout, by_readout, trained_from * ends.shape[1], absolute, memory)
        _backward(weights, gradient, units, memory)
        _adapt(vectors, numbers[step], constants)
    return losses
