"""What a run directory remembers of how it was made."""

import dataclasses
import importlib.metadata
import json
import platform
import shlex
from collections.abc import Mapping
from typing import Any

import keras

from keras_classic_cnns.data import pipeline
from keras_classic_cnns.preprocessing import MODES, Preprocessing, get_mode
from keras_classic_cnns.recipes import Execution
from keras_classic_cnns.training.build import Plan
from keras_classic_cnns.training.settings import Settings
from keras_classic_cnns.version import __version__
from keras_classic_cnns.weights.preprocessing_file import (
    preprocessing_as_json,
    preprocessing_from_json,
)

_RECORDED = ("tensorflow", "tensorflow-datasets", "keras-cv", "numpy")


def record_of(plan: Plan) -> dict[str, Any]:
    """The content of `settings.json`: all that decides a run, and the versions it ran with."""
    settings = plan.settings
    return {
        "command": command_of(settings),
        "settings": dataclasses.asdict(settings),
        "run": {
            "model": plan.spec.name,
            "option": _jsonable(plan.options),
            "weights": settings.weights,
            "input_shape": list(plan.input_shape),
            "preprocessing": _preprocessing(plan.preprocessing),
            "dataset": plan.train.name,
            "train_split": plan.train.split,
            "eval_split": plan.eval.split,
            "train_examples": plan.train.num_examples,
            "eval_examples": plan.eval.num_examples,
            "classes": len(plan.train.labels),
            "steps_per_epoch": plan.steps_per_epoch,
            "augment": list(pipeline.applicable(plan.train, plan.recipe.augment)),
            "crop_fraction": plan.recipe.crop_fraction,
            "seed": settings.seed,
            **_execution(plan),
            **_distribution(plan),
        },
        "recipe": _jsonable(dataclasses.asdict(plan.recipe)),
        "versions": {
            "keras_classic_cnns": __version__,
            "keras": keras.__version__,
            "python": platform.python_version(),
            **{name: _installed(name) for name in _RECORDED},
        },
    }


def _execution(plan: Plan) -> dict[str, Any]:
    """How steps are computed, where that is not the default: older runs do not know the words."""
    default = Execution()
    chosen = {
        name: value
        for name, value in dataclasses.asdict(plan.execution).items()
        if value != getattr(default, name)
    }
    if plan.settings.deterministic:
        chosen["deterministic"] = True
    return {"execution": chosen} if chosen else {}


def _distribution(plan: Plan) -> dict[str, Any]:
    """What of the devices decides the result: which images batch normalisation sees together."""
    if plan.settings.sync_batch_norm:
        return {"sync_batch_norm": True}
    replicas = plan.placement.num_replicas_in_sync
    return {"replicas": replicas} if replicas > 1 else {}


def preprocessing_of(run: Mapping[str, Any]) -> Preprocessing:
    """How the images of a run are scaled.

    Args:
        run: The part `run` of its record.

    Raises:
        TypeError, ValueError: The record is damaged.
    """
    recorded = run["preprocessing"]
    return get_mode(recorded) if isinstance(recorded, str) else preprocessing_from_json(recorded)


def _preprocessing(record: Preprocessing) -> str | dict[str, Any]:
    """The name of a mode, as it always was, so that older runs go on; else the whole record."""
    return record.name if MODES.get(record.name) == record else preprocessing_as_json(record)


def command_of(settings: Settings, job: str = "train") -> str:
    """The command line that stands for settings; what is at its default is left out.

    Args:
        settings: A job's settings.
        job: The job.
    """
    words, positional = ["keras-classic-cnns", job], []
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.metadata["positional"]:
            positional += value if isinstance(value, tuple) else [value]
        elif value != field.default:
            words += _flag(field.name, value)
    return shlex.join(words + positional)


def _flag(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no{name}"]
    if name == "option":
        return [f"--option={pair}" for pair in value]
    if isinstance(value, tuple):
        value = ",".join(map(str, value)) or "none"
    return [f"--{name}={value}"]


def _jsonable(tree: Any) -> Any:
    """As it will look after a way through JSON, so that records can be compared."""
    return json.loads(json.dumps(tree, default=repr))


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None  # under another name, as tensorflow-cpu
