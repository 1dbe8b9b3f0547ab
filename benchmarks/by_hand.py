"""The yardstick: a search for an LSTM as people write it by hand, with Optuna and a data loader.

    python benchmarks/by_hand.py FILE.npy --holdout ROWS

Windows of 48 values, ``nn.LSTM`` and a linear layer on the last step, Adam with a learning rate that is searched
with units (32 to 256) and layers (1 to 3), median pruning, 30 trials of up to 10 epochs on the rows before the
validation part, which is the last fifth before the holdout. The best trial is trained again on all rows before
the holdout, for as many epochs as did best. Nothing of ``lstmsize`` is used, and torch may use all cores.

The first line on standard output is printed when a person would have the answer: JSON with the chosen size and
the error on the holdout. The second one gives the errors of five networks of that choice.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
import optuna
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

LAGS, BATCH, EPOCHS, TRIALS, SEEDS = 48, 32, 10, 30, 5


class Forecaster(nn.Module):
    """An LSTM read out at its last step."""

    def __init__(self, units: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, units, num_layers=layers, batch_first=True)
        self.linear = nn.Linear(units, 1)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """Forecast the value after each window, shape (batch,)."""
        hidden, _ = self.lstm(windows)
        forecast: torch.Tensor = self.linear(hidden[:, -1]).squeeze(-1)
        return forecast


def main() -> None:
    """Search, train again, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="the series as an array of numpy")
    parser.add_argument("--holdout", type=int, required=True, help="rows at the end that nothing looks at")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    values = np.load(options.file)
    development = len(values) - options.holdout
    train = development - development // 5
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=options.seed), pruner=optuna.pruners.MedianPruner()
    )
    study.optimize(lambda trial: objective(trial, values, train, development), n_trials=options.trials)
    best = study.best_trial
    epochs = int(np.argmin(list(best.intermediate_values.values()))) + 1
    chosen = {"units": best.params["units"], "layers": best.params["layers"], "epochs": epochs}
    errors = []
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        model, scale = fit(values, development, best.params, epochs)
        errors.append(scale * evaluate(model, windows(values, development, development, len(values))) ** 0.5)
        if seed == 0:
            print(json.dumps(chosen | {"error": errors[0], "trials": len(study.trials)}), flush=True)
    print(json.dumps({"errors": errors}))


def objective(trial: optuna.Trial, values: np.ndarray, train: int, stop: int) -> float:
    """Train one suggestion epoch by epoch; return its lowest loss on the validation part."""
    params = {
        "units": trial.suggest_int("units", 32, 256, step=32),
        "layers": trial.suggest_int("layers", 1, 3),
        "rate": trial.suggest_float("rate", 1e-4, 1e-2, log=True),
    }
    torch.manual_seed(trial.number)
    model = Forecaster(params["units"], params["layers"])
    optimizer = torch.optim.Adam(model.parameters(), lr=params["rate"])
    loader = DataLoader(windows(values, train, LAGS, train), batch_size=BATCH, shuffle=True)
    validation = windows(values, train, train, stop)
    least = float("inf")
    for epoch in range(EPOCHS):
        one_epoch(model, optimizer, loader)
        loss = evaluate(model, validation)
        least = min(least, loss)
        trial.report(loss, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    return least


def fit(values: np.ndarray, stop: int, params: dict[str, float], epochs: int) -> tuple[Forecaster, float]:
    """Train a network on all rows before a stop; return it with the scale of its errors."""
    model = Forecaster(int(params["units"]), int(params["layers"]))
    optimizer = torch.optim.Adam(model.parameters(), lr=params["rate"])
    loader = DataLoader(windows(values, stop, LAGS, stop), batch_size=BATCH, shuffle=True)
    for _ in range(epochs):
        one_epoch(model, optimizer, loader)
    return model, float(values[:stop].std())


def windows(values: np.ndarray, fitted: int, start: int, stop: int) -> TensorDataset:
    """Windows and targets of some rows, standardised on the rows before `fitted`."""
    scaled = torch.tensor((values - values[:fitted].mean()) / values[:fitted].std(), dtype=torch.float32)
    start = max(start, LAGS)
    inputs = torch.stack([scaled[row - LAGS : row] for row in range(start, stop)]).unsqueeze(-1)
    return TensorDataset(inputs, scaled[start:stop])


def one_epoch(model: Forecaster, optimizer: torch.optim.Optimizer, loader: DataLoader) -> None:
    """Train on every window once."""
    model.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()


def evaluate(model: Forecaster, dataset: TensorDataset) -> float:
    """Mean squared error on all windows."""
    model.eval()
    total = 0.0
    with torch.no_grad():
        for inputs, targets in DataLoader(dataset, batch_size=512):
            total += nn.functional.mse_loss(model(inputs), targets, reduction="sum").item()
    return total / len(dataset)


if __name__ == "__main__":
    main()
