"""Training, evaluation and prediction: model, data and recipe put together for plain `fit`.

`settings` and `jobs` import neither keras nor tensorflow; everything else loads on first use.
"""

import importlib

from keras_classic_cnns.training.jobs import (
    EvaluateSettings,
    ExportSettings,
    PredictSettings,
    TrainSettings,
)

_HOMES = {
    "Evaluation": "evaluation",
    "ImagePrediction": "prediction",
    "TrainResult": "fit",
    "Trained": "loading",
    "compiled_model": "build",
    "evaluate": "evaluation",
    "export_trained": "exporting",
    "load_trained": "loading",
    "predict": "prediction",
    "train": "fit",
}

__all__ = [
    "EvaluateSettings",
    "Evaluation",
    "ExportSettings",
    "ImagePrediction",
    "PredictSettings",
    "TrainResult",
    "TrainSettings",
    "Trained",
    "compiled_model",
    "evaluate",
    "export_trained",
    "load_trained",
    "predict",
    "train",
]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
