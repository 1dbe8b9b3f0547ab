"""The network on torch: its parameters, its start, its learning rates."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lstmsize.network import LstmForecaster
from lstmsize.recipe import Recipe
from lstmsize.space import Cell

RECIPE = Recipe(learning_rate=0.016)


def count_parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def network(channels: int = 1, units: int = 8, layers: int = 1) -> LstmForecaster:
    torch.manual_seed(0)
    return LstmForecaster(channels=channels, units=units, layers=layers)


@pytest.mark.parametrize("channels", [1, 3, 300])
@pytest.mark.parametrize("cell", [Cell(1, 1), Cell(32, 1), Cell(96, 2), Cell(64, 3)])
def test_the_formula_counts_as_torch_does(cell: Cell, channels: int) -> None:
    found = network(channels, cell.units, cell.layers)
    assert count_parameters(found) == cell.parameters(channels)


def test_the_published_lstm_has_the_published_number() -> None:
    assert count_parameters(nn.LSTM(300, 512, num_layers=2)) == 3_768_320
    assert count_parameters(network(300, 512, 2)) == 3_768_320 + 513


def test_an_untrained_network_forecasts_zero_at_every_step() -> None:
    forecast = network(channels=2, layers=2)(torch.randn(12, 5, 2))
    assert forecast.shape == (12, 5)
    assert (forecast == 0).all()


def test_a_forecast_uses_no_later_input() -> None:
    found = network()
    nn.init.ones_(found.readout.weight)
    inputs = torch.randn(12, 3, 1)
    altered = inputs.clone()
    altered[7:] += 1
    with torch.no_grad():
        assert torch.equal(found(inputs)[:7], found(altered)[:7])
        assert not torch.equal(found(inputs)[7:], found(altered)[7:])


def test_the_forget_gates_start_open() -> None:
    parameters = dict(network(units=64, layers=2).lstm.named_parameters())
    for layer in range(2):
        bias = (parameters[f"bias_ih_l{layer}"] + parameters[f"bias_hh_l{layer}"]).detach()
        assert (bias[64:128] == 1).all()
        assert (bias[:64] == 0).all()
        assert (bias[128:] == 0).all()


def test_its_tensors_learn_at_the_rates_of_their_kind() -> None:
    found = network(units=128, layers=2)
    names = [name for name, _ in found.named_parameters()]
    rates = dict(zip(names, found.learning_rates(RECIPE), strict=True))
    scaled = {"lstm.weight_hh_l0", "lstm.weight_ih_l1", "lstm.weight_hh_l1", "readout.weight"}
    assert [rates.pop(name) for name in scaled] == pytest.approx([0.004] * 4)
    assert set(rates.values()) == {0.016}
