"""The network: stacked LSTM layers of equal width and a linear readout, on torch.

The one place where the public words *units* and *layers* become ``hidden_size`` and ``num_layers``.
"""

from __future__ import annotations

from torch import Tensor, nn

from lstmsize.recipe import Recipe
from lstmsize.space import Cell
from lstmsize.weights import learning_rates


class LstmForecaster(nn.Module):
    """An ordinary LSTM whose every step forecasts the next value.

    The readout starts at zero, so that an untrained network forecasts exactly the offset of its input form.
    The forget gates start open, with a bias of 1 (Gers, Schmidhuber and Cummins 2000, *Learning to forget*;
    Jozefowicz, Zaremba and Sutskever 2015, *An empirical exploration of recurrent network architectures*).

    Parameters
    ----------
    channels : int
        Input values per step.
    units : int
        Width of each layer (``hidden_size``).
    layers : int
        Stacked layers (``num_layers``).
    """

    def __init__(self, *, channels: int, units: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels, units, num_layers=layers)
        self.readout = nn.Linear(units, 1)
        self._initialise(units)

    def _initialise(self, units: int) -> None:
        nn.init.zeros_(self.readout.weight)
        nn.init.zeros_(self.readout.bias)
        for name, parameter in self.lstm.named_parameters():
            if name.startswith("bias"):
                nn.init.zeros_(parameter)
            if name.startswith("bias_ih"):  # gates stand in the order input, forget, cell, output
                nn.init.ones_(parameter.data[units : 2 * units])

    def forward(self, inputs: Tensor) -> Tensor:
        """Forecast at every step.

        Parameters
        ----------
        inputs : Tensor, shape (steps, batch, channels)
            Inputs in time order.

        Returns
        -------
        Tensor, shape (steps, batch)
            The forecast made at each step, in the scale of the training targets.
        """
        hidden, _ = self.lstm(inputs)
        forecast: Tensor = self.readout(hidden).squeeze(-1)
        return forecast

    def learning_rates(self, recipe: Recipe) -> list[float]:
        """Return the width-scaled learning rate of each tensor of weights.

        Parameters
        ----------
        recipe : Recipe
            How to train.

        Returns
        -------
        list of float
            In the order of `parameters`.
        """
        cell = Cell(self.lstm.hidden_size, self.lstm.num_layers)
        return learning_rates(cell, self.lstm.input_size, recipe)
