"""The other yardstick: neuralforecast's `AutoLSTM` on Optuna, 10 samples at its defaults, one step ahead.

    pip install -c constraints.txt -e '.[bench]'
    python benchmarks/auto_lstm.py FILE.npy --holdout ROWS

Prints as ``by_hand.py`` does: first the answer with its error on the holdout, then the errors of five networks
with the chosen settings.
"""

from __future__ import annotations

import argparse
import json
import logging

import numpy as np
import pandas as pd
from neuralforecast import NeuralForecast
from neuralforecast.auto import AutoLSTM
from neuralforecast.models import LSTM

SAMPLES, SEEDS = 10, 5


def main() -> None:
    """Search, print the answer, train the choice with five seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="the series as an array of numpy")
    parser.add_argument("--holdout", type=int, required=True, help="rows at the end that nothing looks at")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    options = parser.parse_args()
    for name in ("pytorch_lightning", "lightning.pytorch", "neuralforecast"):
        logging.getLogger(name).setLevel(logging.ERROR)
    values = np.load(options.file)
    development = len(values) - options.holdout
    table = pd.DataFrame({"unique_id": "one", "ds": np.arange(len(values)), "y": values})
    search, found = fitted(AutoLSTM(h=1, backend="optuna", num_samples=options.samples), table, development)
    study = search.models[0].results
    settings = dict(study.best_trial.user_attrs["ALL_PARAMS"])
    sizes = {"units": settings.get("encoder_hidden_size"), "layers": settings.get("encoder_n_layers")}
    print(json.dumps(sizes | {"error": found, "trials": len(study.trials)}), flush=True)
    for name in ("h", "loss", "valid_loss", "random_seed"):
        settings.pop(name, None)
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    models = [LSTM(h=1, random_seed=seed, **settings, **quiet) for seed in range(SEEDS)]
    print(json.dumps({"errors": [fitted(model, table, development)[1] for model in models]}))


def fitted(model: LSTM | AutoLSTM, table: pd.DataFrame, development: int) -> tuple[NeuralForecast, float]:
    """Fit on the rows before the holdout; return the RMSE of one-step forecasts on it as well."""
    forecaster = NeuralForecast(models=[model], freq=1)
    found = forecaster.cross_validation(
        table, val_size=development // 5, test_size=len(table) - development, n_windows=None, step_size=1
    )
    missed = found["y"] - found[type(model).__name__]
    return forecaster, float(np.sqrt(np.mean(missed**2)))


if __name__ == "__main__":
    main()
