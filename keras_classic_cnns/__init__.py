"""Classic convolutional networks for Keras, exact to their papers.

    import keras_classic_cnns as kcc

    kcc.list_models("resnext*")
    model = kcc.ResNeXt50(weights=None)  # a plain keras.Model

What a saved model is made of (layers, and the recipes' optimizer and loss) is imported at once,
since Keras reloads only what is registered. The rest (`data`, `distribute`, `experiments`,
`export`, `training`) loads on first use.
"""

import importlib

from keras_classic_cnns import (
    analysis,
    layers,
    models,
    preprocessing,
    recipes,
    registry,
    sliding,
    surgery,
)
from keras_classic_cnns.application.auxiliary import (
    aux_loss_weights,
    with_aux_labels,
    without_aux,
)
from keras_classic_cnns.application.device_scaling import scale_in_steps
from keras_classic_cnns.models import *
from keras_classic_cnns.registry import get_model, get_spec, list_models
from keras_classic_cnns.sliding import fully_convolutional
from keras_classic_cnns.surgery import (
    column,
    endpoints,
    feature_extractor,
    freeze_batch_norm,
)
from keras_classic_cnns.version import __version__
from keras_classic_cnns.weights.catalog import list_weights
from keras_classic_cnns.weights.torch_export import to_torch_state_dict
from keras_classic_cnns.weights.trained_with import preprocessing_for

_LAZY = ("data", "distribute", "experiments", "export", "training")

__all__ = [
    "__version__",
    "analysis",
    "aux_loss_weights",
    "column",
    "data",
    "distribute",
    "endpoints",
    "experiments",
    "export",
    "feature_extractor",
    "freeze_batch_norm",
    "fully_convolutional",
    "get_model",
    "get_spec",
    "layers",
    "list_models",
    "list_weights",
    "models",
    "preprocessing",
    "preprocessing_for",
    "recipes",
    "registry",
    "scale_in_steps",
    "sliding",
    "surgery",
    "to_torch_state_dict",
    "training",
    "with_aux_labels",
    "without_aux",
]
__all__ += models.__all__
__all__.sort()


def __getattr__(name: str):
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
