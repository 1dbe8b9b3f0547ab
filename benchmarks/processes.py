"""Generating processes of which the truth is known, each with parameters of its own in every draw.

    python benchmarks/processes.py             # check every process: finite, and the same start however long

``simple`` and ``unpredictable`` are so by construction: the best forecast is one of the simple models', or none.
What a ``nonlinear`` one is worth to a network depends on its draw (see ``benchmarks/verdicts.py``). The same name
and seed with more rows continue the same series, except where time is scaled to the length; that serves fresh
rows on which forecasts of the first ones are scored. Parameters come from the draw's own generator, every noise
from a child of it, which is what keeps the start the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import numpy as np
from scipy.signal import lfilter

from lstmsize.series import FloatArray

Kind = Literal["simple", "unpredictable", "nonlinear"]
Random = np.random.Generator
Sample = Callable[[Random, int], FloatArray]

BURN = 200
"""Rows that are thrown away, so that a series does not begin at rest."""

LEAST_ROWS = 300
"""The spread that observation noise is measured by comes from so many first rows."""

_LONGEST = 40
_CHECKED = (300, 1000, 5000)
_MOST = 25_000


@dataclass(frozen=True)
class Process:
    """One process: `scaled` says that its time runs over the length, so that more rows are no continuation."""

    name: str
    kind: Kind
    sample: Sample
    scaled: bool = False


PROCESSES: dict[str, Process] = {}


def draw(name: str, rows: int, seed: int) -> FloatArray:
    """Return one series of a process; seed and name fix parameters and noise."""
    generator = np.random.default_rng([crc32(name.encode()), seed])
    return PROCESSES[name].sample(generator, rows)


def process(kind: Kind, *, scaled: bool = False) -> Callable[[Sample], Sample]:
    """Enter a function into the table under its own name."""

    def enter(sample: Sample) -> Sample:
        PROCESSES[sample.__name__] = Process(sample.__name__, kind, sample, scaled)
        return sample

    return enter


# Building blocks


def gaussian(random: Random, rows: int) -> FloatArray:
    """Gaussian white noise from a child generator."""
    return random.spawn(1)[0].normal(size=rows)


def student(random: Random, rows: int, freedom: float = 3.0) -> FloatArray:
    """Student's t noise of unit variance."""
    return random.spawn(1)[0].standard_t(freedom, size=rows) * math.sqrt((freedom - 2) / freedom)


def stable_coefficients(random: Random, order: int) -> list[float]:
    """Coefficients of an autoregression with roots drawn inside the unit circle, complex ones in pairs."""
    roots: list[complex] = []
    while len(roots) < order:
        size = random.uniform(0.3, 0.97)
        if order - len(roots) > 1 and random.random() < 0.5:
            root = size * np.exp(1j * random.uniform(0.1, 3.0))
            roots += [root, root.conjugate()]
        else:
            roots.append(size * random.choice([-1, 1], p=[0.3, 0.7]))
    return [-float(c) for c in np.real(np.poly(roots))[1:]]


def filtered(shocks: FloatArray, lags: list[float], moving: tuple[float, ...] = ()) -> FloatArray:
    """ARMA of shocks that include the burn-in."""
    return np.asarray(lfilter([1.0, *moving], [1.0, *(-lag for lag in lags)], shocks))[BURN:]


def autoregression(random: Random, rows: int) -> FloatArray:
    """Gaussian AR(1) with a moderate coefficient: the noise around trends and seasons."""
    return filtered(gaussian(random, rows + BURN), [random.uniform(0.0, 0.8)])


def season(random: Random, rows: int, period: int) -> FloatArray:
    """Sum of one to three harmonics of a period, with root mean square 1."""
    time = np.arange(rows)
    harmonics = range(1, int(random.integers(1, min(3, period // 2) + 1)) + 1)
    sizes = random.uniform(0.3, 1.0, size=len(harmonics))
    phases = random.uniform(0, 2 * np.pi, size=len(harmonics))
    waves = [
        a * np.sin(2 * np.pi * k * time / period + p) for k, a, p in zip(harmonics, sizes, phases, strict=True)
    ]
    return np.sum(waves, axis=0) / math.sqrt(float(np.sum(sizes**2)) / 2)


def iterate(step: Callable[[list[float], int], float], rows: int, start: float = 0.0) -> FloatArray:
    """Iterate x_t = step(past, t) with `t` counting the burn-in."""
    values = [start] * _LONGEST
    for row in range(BURN + rows):
        values.append(step(values, row))
    return np.array(values[_LONGEST + BURN :])


def observed(random: Random, clean: FloatArray, least: float, most: float) -> FloatArray:
    """Add observation noise of a random share of the spread."""
    share = random.uniform(least, most)
    return clean + share * clean[:LEAST_ROWS].std() * gaussian(random, len(clean))


def shocks_of(random: Random, rows: int, least: float, most: float) -> list[float]:
    """Gaussian shocks of a random size for `iterate`, burn-in included."""
    size = random.uniform(least, most)
    return (size * gaussian(random, rows + BURN)).tolist()


# Simple: one of the baselines is the best forecast, or as good as that


@process("simple", scaled=True)
def line(random: Random, rows: int) -> FloatArray:
    """Straight line with white noise."""
    return random.choice([-1, 1]) * random.uniform(1, 10) * np.linspace(0, 1, rows) + gaussian(random, rows)


@process("simple", scaled=True)
def polynomial(random: Random, rows: int) -> FloatArray:
    """Polynomial of degree two or three with white noise."""
    degree = int(random.integers(2, 4))
    shape = np.polynomial.chebyshev.chebval(np.linspace(-1, 1, rows), random.normal(size=degree + 1))
    return shape + random.uniform(0.05, 0.5) * gaussian(random, rows)


@process("simple")
def linear_ar(random: Random, rows: int) -> FloatArray:
    """AR(1) to AR(4) with random stable roots."""
    lags = stable_coefficients(random, int(random.integers(1, 5)))
    return filtered(gaussian(random, rows + BURN), lags)


@process("simple")
def heavy_tailed_ar(random: Random, rows: int) -> FloatArray:
    """AR(1) to AR(3) with Student t(3) shocks."""
    lags = stable_coefficients(random, int(random.integers(1, 4)))
    return filtered(student(random, rows + BURN), lags)


@process("simple")
def arma(random: Random, rows: int) -> FloatArray:
    """ARMA(1,1) or ARMA(2,1)."""
    lags = stable_coefficients(random, int(random.integers(1, 3)))
    return filtered(gaussian(random, rows + BURN), lags, (random.uniform(-0.8, 0.8),))


@process("simple")
def volatile_ar(random: Random, rows: int) -> FloatArray:
    """AR(1) or AR(2) with GARCH(1,1) shocks: only the variance is nonlinear (Weiss 1984)."""
    lags = stable_coefficients(random, int(random.integers(1, 3)))
    return filtered(_garch(random, rows + BURN), lags)


@process("simple")
def one_season(random: Random, rows: int) -> FloatArray:
    """One season of 4 to 48 steps in AR(1) noise."""
    wave = season(random, rows, int(random.integers(4, 49)))
    return random.uniform(1, 4) * wave + autoregression(random, rows)


@process("simple")
def two_seasons(random: Random, rows: int) -> FloatArray:
    """A short season and one of 4 to 8 times its length in AR(1) noise."""
    short = int(random.integers(6, 25))
    waves = season(random, rows, short) + season(random, rows, short * int(random.integers(4, 9)))
    return random.uniform(1, 3) * waves + autoregression(random, rows)


@process("simple", scaled=True)
def multiplicative_season(random: Random, rows: int) -> FloatArray:
    """Positive: trend times season times noise, as monthly sales have it (Winters 1960)."""
    wave = random.uniform(0.1, 0.3) * season(random, rows, int(random.integers(4, 25)))
    trend = random.uniform(0.5, 2.0) * np.linspace(0, 1, rows)
    return 100 * np.exp(trend + wave + random.uniform(0.02, 0.08) * gaussian(random, rows))


@process("simple", scaled=True)
def growth(random: Random, rows: int) -> FloatArray:
    """Exponential growth with multiplicative noise."""
    rate = random.uniform(1, 4) * np.linspace(0, 1, rows)
    return 10 * np.exp(rate + random.uniform(0.02, 0.2) * autoregression(random, rows))


@process("simple", scaled=True)
def level_shifts(random: Random, rows: int) -> FloatArray:
    """AR(1) noise around a level that jumps one to three times."""
    values = autoregression(random, rows)
    for _ in range(int(random.integers(1, 4))):
        values[int(random.uniform(0.1, 0.9) * rows) :] += random.normal(scale=4)
    return values


@process("simple")
def airline(random: Random, rows: int) -> FloatArray:
    """ARIMA (0,1,1)(0,1,1) with a drift (Box and Jenkins 1970)."""
    period = int(random.choice([4, 7, 12, 24]))
    recent, seasonal = random.uniform(0.0, 0.8, size=2)
    moving = np.convolve([1, -recent], [1, *[0] * (period - 1), -seasonal])
    changes = lfilter(moving, 1, gaussian(random, rows))
    integrated = lfilter([1], np.convolve([1, -1], [1, *[0] * (period - 1), -1]), changes)
    return integrated + 5 * season(random, rows, period) + random.uniform(-0.1, 0.1) * np.arange(rows)


@process("simple")
def local_level(random: Random, rows: int) -> FloatArray:
    """Random walk under noise (Muth 1960): simple exponential smoothing is the best forecast."""
    return random.uniform(0.1, 0.6) * gaussian(random, rows).cumsum() + gaussian(random, rows)


@process("simple")
def local_trend(random: Random, rows: int) -> FloatArray:
    """Level and slope that wander under noise (Harvey 1989): Holt's method is the best forecast."""
    slope = random.uniform(0.002, 0.02) * gaussian(random, rows).cumsum()
    level = (slope + random.uniform(0.0, 0.3) * gaussian(random, rows)).cumsum()
    return level + gaussian(random, rows)


@process("simple")
def long_memory(random: Random, rows: int) -> FloatArray:
    """Sum of AR(1)s from fast to very slow (Granger 1980)."""
    parts = [filtered(gaussian(random, rows + BURN), [lag]) for lag in (0.3, 0.8, 0.96, 0.995)]
    sizes = random.uniform(0.3, 1.0, size=4) * np.sqrt([0.91, 0.36, 0.078, 0.01])
    return sizes @ np.array(parts)


@process("simple")
def counts(random: Random, rows: int) -> FloatArray:
    """Poisson counts whose mean is linear in the past (Ferland, Latour and Oraichi 2006)."""
    base, again, memory = random.uniform(0.5, 5), random.uniform(0.2, 0.6), random.uniform(0.0, 0.35)
    source = random.spawn(1)[0]
    mean = base / (1 - again - memory)
    values = []
    for _ in range(BURN + rows):
        values.append(float(source.poisson(mean)))
        mean = base + again * values[-1] + memory * mean
    return np.array(values[BURN:])


# Unpredictable: nothing beats the mean or the last value


@process("unpredictable")
def white_noise(random: Random, rows: int) -> FloatArray:
    """Gaussian white noise around a level."""
    return random.uniform(-10, 10) + gaussian(random, rows)


@process("unpredictable")
def heavy_tailed_noise(random: Random, rows: int) -> FloatArray:
    """Independent Student t(3) values."""
    return student(random, rows)


@process("unpredictable")
def skewed_noise(random: Random, rows: int) -> FloatArray:
    """Independent exponential or lognormal values."""
    exponential, source = random.random() < 0.5, random.spawn(1)[0]
    return source.exponential(size=rows) if exponential else source.lognormal(sigma=0.7, size=rows)


@process("unpredictable")
def random_walk(random: Random, rows: int) -> FloatArray:
    """Sum of Gaussian shocks."""
    return random.uniform(-10, 10) + gaussian(random, rows).cumsum()


@process("unpredictable")
def prices(random: Random, rows: int) -> FloatArray:
    """Exponential of a random walk with Student t(4) returns."""
    return 100 * np.exp(random.uniform(0.003, 0.015) * student(random, rows, 4.0).cumsum())


@process("unpredictable")
def garch(random: Random, rows: int) -> FloatArray:
    """GARCH(1,1) returns (Bollerslev 1986)."""
    return _garch(random, rows + BURN)[BURN:]


@process("unpredictable")
def stochastic_volatility(random: Random, rows: int) -> FloatArray:
    """Noise whose log variance is an AR(1) (Taylor 1986)."""
    persistence, size = random.uniform(0.9, 0.98), random.uniform(0.1, 0.3)
    return np.exp(filtered(size * gaussian(random, rows + BURN), [persistence]) / 2) * gaussian(random, rows)


def _garch(random: Random, rows: int) -> FloatArray:
    shock_share, persistence = random.uniform(0.05, 0.15), random.uniform(0.7, 0.84)
    base = 1 - shock_share - persistence
    variance, values = 1.0, []
    for shock in gaussian(random, rows).tolist():
        values.append(math.sqrt(variance) * shock)
        variance = base + shock_share * values[-1] ** 2 + persistence * variance
    return np.array(values)


# Nonlinear: the best forecast is no linear one; what a network gains is measured


@process("nonlinear")
def mackey_glass(random: Random, rows: int) -> FloatArray:
    """Delay equation of Mackey and Glass 1977, Euler steps of 0.1, sampled every 3 to 6, observed with noise."""
    delay, every = int(random.integers(170, 301)), int(random.integers(30, 61))
    values = [random.uniform(0.5, 1.4)] * (delay + 1)
    for _ in range((BURN + rows) * every):
        late = values[-1 - delay]
        values.append(values[-1] + 0.1 * (0.2 * late / (1 + late**10) - 0.1 * values[-1]))
    sampled = np.array(values[delay + 1 + BURN * every :: every])
    return observed(random, sampled, 0.02, 0.15)


@process("nonlinear")
def lorenz(random: Random, rows: int) -> FloatArray:
    """The first coordinate of Lorenz 1963, sampled every 0.05 to 0.15, observed with noise."""
    step = random.uniform(0.01, 0.03)
    state = np.array([1.0, 1.0, 25.0]) + random.normal(size=3)
    x, y, z = state.tolist()
    values = []
    for row in range((BURN + rows) * 5):
        x, y, z = _lorenz_step(x, y, z, step)
        if row % 5 == 4:
            values.append(x)
    return observed(random, np.array(values[BURN:]), 0.02, 0.15)


def _lorenz_step(x: float, y: float, z: float, step: float) -> tuple[float, float, float]:
    """One Runge-Kutta step, written out: arrays of three are slow."""

    def slope(x: float, y: float, z: float) -> tuple[float, float, float]:
        return 10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z

    half = step / 2
    a = slope(x, y, z)
    b = slope(x + half * a[0], y + half * a[1], z + half * a[2])
    c = slope(x + half * b[0], y + half * b[1], z + half * b[2])
    d = slope(x + step * c[0], y + step * c[1], z + step * c[2])
    moves = [step / 6 * (p + 2 * q + 2 * r + s) for p, q, r, s in zip(a, b, c, d, strict=True)]
    return x + moves[0], y + moves[1], z + moves[2]


@process("nonlinear")
def henon(random: Random, rows: int) -> FloatArray:
    """Map of Henon 1976 with a chaotic parameter, observed with noise."""

    def orbit(fold: float, length: int) -> FloatArray:
        return iterate(lambda past, _: 1 - fold * past[-1] ** 2 + 0.3 * past[-2], length)

    fold = _chaotic(random, 1.15, 1.4, orbit)
    return observed(random, orbit(fold, rows), 0.02, 0.2)


@process("nonlinear")
def logistic_map(random: Random, rows: int) -> FloatArray:
    """Logistic map (May 1976) with a chaotic parameter, observed with noise."""

    def orbit(rate: float, length: int) -> FloatArray:
        return iterate(lambda past, _: rate * past[-1] * (1 - past[-1]), length, start=0.3)

    rate = _chaotic(random, 3.6, 3.99, orbit)
    return observed(random, orbit(rate, rows), 0.02, 0.2)


def _chaotic(random: Random, least: float, most: float, orbit: Callable[[float, int], FloatArray]) -> float:
    """Draw a parameter anew until its orbit does not repeat within a thousand steps."""
    while True:
        parameter = random.uniform(least, most)
        if np.unique(orbit(parameter, 1000).round(6)).size > 500:
            return float(parameter)


@process("nonlinear")
def sine_map(random: Random, rows: int) -> FloatArray:
    """x_t = sin(b x_{t-d}) + noise with a delay of 1 to 4 (Ikeda's form of a delayed map)."""
    turn, delay = random.uniform(2, 4), int(random.integers(1, 5))
    shocks = shocks_of(random, rows, 0.1, 0.4)
    return iterate(lambda past, row: math.sin(turn * past[-delay]) + shocks[row], rows)


@process("nonlinear")
def threshold_ar(random: Random, rows: int) -> FloatArray:
    """SETAR with two or three regimes of unlike slopes (Tong and Lim 1980)."""
    regimes, delay = int(random.integers(2, 4)), int(random.integers(1, 4))
    cuts = [0.0] if regimes == 2 else [-0.5, 0.5]
    sign = random.choice([-1, 1])
    slopes = [float(sign * (-1) ** k * random.uniform(0.5, 0.95)) for k in range(regimes)]
    levels = random.uniform(-0.8, 0.8, size=regimes).tolist()
    shocks = shocks_of(random, rows, 0.3, 0.7)

    def step(past: list[float], row: int) -> float:
        regime = sum(past[-delay] > cut for cut in cuts)
        return levels[regime] + slopes[regime] * past[-1] + shocks[row]

    return iterate(step, rows)


@process("nonlinear")
def smooth_transition_ar(random: Random, rows: int) -> FloatArray:
    """Logistic STAR of two lags (Teräsvirta 1994)."""
    steepness, delay = random.uniform(2, 8), int(random.integers(1, 4))
    low = [random.uniform(0.4, 0.7), random.uniform(-0.25, 0.25), random.uniform(-0.8, 0.8)]
    high = [-random.uniform(0.4, 0.7), random.uniform(-0.25, 0.25), random.uniform(-0.8, 0.8)]
    shocks = shocks_of(random, rows, 0.3, 0.7)

    def step(past: list[float], row: int) -> float:
        share = 0.5 * (1 + math.tanh(steepness * past[-delay] / 2))
        mixed = [(1 - share) * a + share * b for a, b in zip(low, high, strict=True)]
        return mixed[0] * past[-1] + mixed[1] * past[-2] + mixed[2] + shocks[row]

    return iterate(step, rows)


@process("nonlinear")
def exponential_ar(random: Random, rows: int) -> FloatArray:
    """EXPAR(2): the coefficients depend on the amplitude (Haggan and Ozaki 1981)."""
    size, angle = random.uniform(0.8, 0.95), random.uniform(0.2, 1.5)
    far = (2 * size * math.cos(angle), -(size**2))
    near = random.uniform(-1.5, 1.5, size=2).tolist()
    shocks = shocks_of(random, rows, 0.2, 0.5)

    def step(past: list[float], row: int) -> float:
        weight = math.exp(-(past[-1] ** 2))
        first, second = far[0] + weight * near[0], far[1] + weight * near[1]
        return first * past[-1] + second * past[-2] + shocks[row]

    return iterate(step, rows)


@process("nonlinear")
def bilinear(random: Random, rows: int) -> FloatArray:
    """x_t = a x_{t-1} + b x_{t-k} e_{t-1} + e_t with finite variance (Granger and Andersen 1978)."""
    slope, product, lag = 1.0, 1.0, int(random.integers(1, 3))
    while slope**2 + product**2 > 0.8:
        slope, product = random.uniform(-0.6, 0.6), random.uniform(0.4, 0.85)
    shocks = gaussian(random, rows + BURN).tolist()

    def step(past: list[float], row: int) -> float:
        return slope * past[-1] + product * past[-lag] * shocks[max(0, row - 1)] + shocks[row]

    return iterate(step, rows)


@process("nonlinear")
def nonlinear_moving_average(random: Random, rows: int) -> FloatArray:
    """e_t + a e_{t-1} + b e_{t-1} e_{t-2} (Robinson 1977), weak enough to be inverted."""
    slope, product = random.uniform(-0.4, 0.4), random.uniform(0.4, 0.8)
    shocks = gaussian(random, rows + BURN)
    values = shocks.copy()
    values[2:] += slope * shocks[1:-1] + product * shocks[1:-1] * shocks[:-2]
    return values[BURN:]


@process("nonlinear")
def markov_switching(random: Random, rows: int) -> FloatArray:
    """AR(1) whose coefficient changes its sign with a hidden, persistent state (Hamilton 1989)."""
    slope, leave = random.uniform(0.6, 0.95), random.uniform(0.005, 0.04)
    switches = random.spawn(1)[0].random(rows + BURN) < leave
    slopes = (slope * (-1.0) ** switches.cumsum()).tolist()
    shocks = gaussian(random, rows + BURN).tolist()
    return iterate(lambda past, row: slopes[row] * past[-1] + shocks[row], rows)


@process("nonlinear")
def lag_product(random: Random, rows: int) -> FloatArray:
    """x_t = -a tanh(b x_{t-1} x_{t-k}) + noise: the exclusive or of two signs."""
    size, steepness, lag = random.uniform(0.8, 1.5), random.uniform(1, 3), int(random.integers(2, 9))
    shocks = shocks_of(random, rows, 0.3, 0.6)
    return iterate(lambda past, row: -size * math.tanh(steepness * past[-1] * past[-lag]) + shocks[row], rows)


@process("nonlinear")
def random_network(random: Random, rows: int) -> FloatArray:
    """Nonlinear autoregression: a random network of eight tanh units on two to six lags."""
    lags = int(random.integers(2, 7))
    inner = random.normal(scale=3 / math.sqrt(lags), size=(8, lags))
    bias, outer = random.normal(size=8), random.normal(scale=0.6, size=8)
    shocks = shocks_of(random, rows, 0.1, 0.4)

    def step(past: list[float], row: int) -> float:
        return float(outer @ np.tanh(inner @ past[-lags:] + bias)) + shocks[row]

    return iterate(step, rows)


@process("nonlinear")
def hysteresis(random: Random, rows: int) -> FloatArray:
    """A relay: drifts up until an upper threshold, then down until a lower one."""
    speed, reach = random.uniform(0.1, 0.4), random.uniform(2, 5)
    shocks = shocks_of(random, rows, 0.1, 0.4)
    value, direction, values = 0.0, 1.0, []
    for shock in shocks:
        if abs(value) > reach:
            direction = -math.copysign(1.0, value)
        value += direction * speed + shock
        values.append(value)
    return observed(random, np.array(values[BURN:]), 0.0, 0.1)


@process("nonlinear")
def outliers(random: Random, rows: int) -> FloatArray:
    """AR(1) with additive outliers (Fox 1972): the best forecast ignores them, which no linear one can."""
    clean = filtered(gaussian(random, rows + BURN), [random.uniform(0.5, 0.95)])
    share, size = random.uniform(0.005, 0.03), random.uniform(5, 10)
    hit = random.spawn(1)[0].random(rows) < share
    return clean + np.where(hit, size * np.sign(gaussian(random, rows)), 0.0)


# Memory tasks, after Hochreiter and Schmidhuber 1997: what decides was seen a varying number of steps ago


@process("nonlinear")
def marked_levels(random: Random, rows: int) -> FloatArray:
    """A mark, up or down, sets the level of the noise until the next mark."""
    marks, states = _marks(random, rows)
    return random.uniform(5, 8) * marks + random.uniform(0.6, 1.5) * states + gaussian(random, rows)


@process("nonlinear")
def marked_slopes(random: Random, rows: int) -> FloatArray:
    """A mark, up or down, sets the sign of the AR(1) coefficient until the next mark."""
    marks, states = _marks(random, rows)
    slope, size = random.uniform(0.6, 0.95), random.uniform(5, 8)
    shocks = gaussian(random, rows).tolist()
    value, values = 0.0, []
    for state, shock in zip(states.tolist(), shocks, strict=True):
        value = slope * state * value + shock
        values.append(value)
    return size * marks + np.array(values)


def _marks(random: Random, rows: int) -> tuple[FloatArray, FloatArray]:
    """Marks of random sign at random times, 0 between them, and the sign of the last mark before each row."""
    hit = random.spawn(1)[0].random(rows) < 1 / random.uniform(20, 80)
    marks = np.where(hit, np.sign(gaussian(random, rows)), 0.0)
    latest = np.maximum.accumulate(np.where(hit, np.arange(rows), 0))
    states = np.concatenate([[1.0], marks[latest][:-1]])
    return marks, np.where(states == 0, 1.0, states)


@process("nonlinear")
def timed_pulses(random: Random, rows: int) -> FloatArray:
    """Pulses of three heights; the height says how many steps the next one is away."""
    unit, noise = int(random.integers(2, 6)), random.uniform(0.1, 0.5)
    heights = random.spawn(1)[0].integers(1, 4, size=rows // unit + 1)
    values = noise * gaussian(random, rows)
    row = 0
    for height in heights.tolist():
        if row >= rows:
            break
        values[row] += height
        row += height * unit
    return values


def main() -> None:
    """Check every process and print what it looks like."""
    print("| process | kind | spread of 5,000 rows | largest of 25,000 | same start |\n|---|---|---|---|---|")
    for name, entry in PROCESSES.items():
        bad, most, spread, same = 0, 0.0, 0.0, True
        for seed in range(4):
            whole = draw(name, _MOST, seed)
            bad += int((~np.isfinite(whole)).sum()) + abs(len(whole) - _MOST)
            most, spread = max(most, float(np.abs(whole).max())), float(whole[:5000].std())
            same &= all(np.array_equal(draw(name, rows, seed), whole[:rows]) for rows in _CHECKED)
        start = "scaled to the length" if entry.scaled else str(same)
        print(f"| {name} | {entry.kind} | {spread:.3g} | {most:.3g} | {start} |")
        if bad or not (same or entry.scaled):
            raise SystemExit(f"{name}: not finite, or not the same start with more rows")


if __name__ == "__main__":
    main()
