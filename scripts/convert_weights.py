r"""Converts trained weights: from any source to Keras's `.weights.h5` or to `.safetensors`.

    python scripts/convert_weights.py --model=resnet50 --weights=imagenet --out=resnet50.weights.h5
    python scripts/convert_weights.py --model=googlenet --weights=googlenet.pth \
        --option=variant=bn --preprocessing=tf --out=googlenet.safetensors

The source is a name of public weights or a file: `.keras` and `.weights.h5` of this package, and
checkpoints of torchvision, timm, `keras.applications` and the ONNX zoo. `.weights.h5` is what
`model.save_weights` writes; `.safetensors` is for torchvision or timm, and so only for networks
that one of them has. The file appears only when it was loaded into a fresh network that then
predicted the same. Beside it comes a small JSON file that says how images are scaled.
"""

import dataclasses
import json
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Sets TensorFlow's switches before it is imported, as the commands do; runs no command.
runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")))

import keras  # noqa: E402
import numpy as np  # noqa: E402
from safetensors import safe_open  # noqa: E402

import keras_classic_cnns as kcc  # noqa: E402
from keras_classic_cnns import cli  # noqa: E402
from keras_classic_cnns.core import errors, files, validate  # noqa: E402
from keras_classic_cnns.core.validate import received  # noqa: E402
from keras_classic_cnns.preprocessing import MODES, Preprocessing  # noqa: E402
from keras_classic_cnns.training.settings import (  # noqa: E402
    Settings,
    at_least,
    model_options,
    path_name,
    setting,
    shape,
    words,
)
from keras_classic_cnns.weights import weights_loader  # noqa: E402
from keras_classic_cnns.weights.digest import hash_file  # noqa: E402
from keras_classic_cnns.weights.preprocessing_file import (  # noqa: E402
    preprocessing_path,
    read_preprocessing,
    write_preprocessing,
)

# How far an output of the written file may be from the source's, as a share of the largest output.
# `.weights.h5` holds the same numbers; `.safetensors` goes through another layout, and through
# gammas and epsilons that a network may lack.
TOLERANCES = {".weights.h5": 0.0, ".safetensors": 1e-5}


@dataclasses.dataclass(frozen=True)
class ConvertSettings(Settings):
    """Settings of this script."""

    model: str = setting("The network, by its name in `list`.", check=validate.string)
    weights: str = setting(
        "The source: a name of public weights (imagenet), which are downloaded once, or a file.",
        check=validate.string,
    )
    out: str = setting(
        "The file to write; its ending, .weights.h5 or .safetensors, says how.", check=path_name
    )
    classes: int | None = setting(
        "Number of classes of the source.", None, check=at_least(1), absent="the model's"
    )
    input_shape: tuple[int, ...] | None = setting(
        "Height, width and channels of the source's images, with commas: 224,224,3. Networks that "
        "end in dense layers depend on it.",
        None,
        check=shape,
        absent="the model's",
    )
    option: tuple[str, ...] = setting(
        "An option of the model, as name=value (variant=bn); may be given again.", (), check=words
    )
    peer: str | None = setting(
        "The network that will load a .safetensors file, such as timm/vgg16.",
        None,
        check=validate.string,
        absent="found from the model, torchvision's before timm's",
    )
    preprocessing: str | None = setting(
        "How the source's images are scaled: torch, caffe, tf, raw or lenet.",
        None,
        check=lambda name, value: validate.one_of(name, value, MODES),
        absent="what is known of the source, else what is usual for the network",
    )
    overwrite: bool = setting("Replace files that are there.", False, check=validate.boolean)


def main(words: Sequence[str] | None = None) -> int:
    """Runs the script.

    Args:
        words: The command line; by default that of the process.

    Returns:
        0 where the file was written, 1 where not, 2 for a wrong command line.
    """
    command = cli.Command(
        ConvertSettings, run, "Converts trained weights to .weights.h5 or .safetensors."
    )
    return cli.run_command(command, sys.argv[1:] if words is None else words, "convert_weights.py")


def run(settings: ConvertSettings) -> int:
    """Converts what the settings say, and prints what was written; returns the exit code."""
    out, ending = Path(settings.out), _ending(settings)
    if out.exists() and not settings.overwrite:
        raise ValueError(f"`out` exists; --overwrite replaces it. {received('out', str(out))}")
    model = _build(settings)
    if ending == ".safetensors":  # so that this is known before anything is downloaded
        _check_peer(model, settings.peer)
    _fill(model, settings, settings.weights)
    preprocessing = _preprocessing(model, settings)
    with files.atomic_path(out) as written:
        if ending == ".safetensors":
            kcc.to_torch_state_dict(model, written, peer=settings.peer)
        else:
            model.save_weights(written)
        difference = _verify(model, settings, written)
    beside = write_preprocessing(out, preprocessing)
    constructor, megabytes = kcc.get_spec(settings.model).constructor, out.stat().st_size / 1e6
    print(f"{out}: {constructor}, {model.count_params():,} parameters, {megabytes:.1f} MB")
    print(f"  {hash_file(out).sha256}")
    if ending == ".safetensors":
        print(f"  for {_peer(out)}")
    print(
        f"  loaded into a fresh network: outputs differ by {difference:.2g} of the largest at most "
        f"(allowed: {TOLERANCES[ending]:g})"
    )
    print(f"{beside}: images are scaled as {preprocessing.name!r}")
    return 0


def _ending(settings: ConvertSettings) -> str:
    ending = next((ending for ending in TOLERANCES if settings.out.endswith(ending)), None)
    if ending is None:
        raise ValueError(
            f"`out` must end with {' or '.join(TOLERANCES)}. {received('out', settings.out)}"
        )
    if settings.peer is not None and ending != ".safetensors":
        raise ValueError(
            "`peer` is for a .safetensors file; a .weights.h5 file is for this package. "
            f"{received('peer', settings.peer)}"
        )
    return ending


def _check_peer(model: Any, peer: str | None) -> None:
    try:
        kcc.to_torch_state_dict(model, peer=peer)
    except errors.UnsupportedModelError as error:
        raise errors.UnsupportedModelError(
            f"A .safetensors file is for torchvision or timm; write a .weights.h5 file. {error}"
        ) from error


def _build(settings: ConvertSettings) -> Any:
    """The network of the settings, with random weights; logits show more than probabilities."""
    spec = kcc.get_spec(settings.model)
    return kcc.get_model(
        spec.name,
        weights=None,
        input_shape=settings.input_shape,
        classes=settings.classes or spec.classes,
        classifier_activation=None,
        **model_options(settings.option, spec.options),
    )


def _fill(model: Any, settings: ConvertSettings, source: str) -> None:
    """Sets every weight of a network from a source; one that it does not set is an error."""
    spec = kcc.get_spec(settings.model)
    options = {**spec.options, **model_options(settings.option, spec.options)}
    load = weights_loader(source, spec, options)
    numbers = [weight for weight in model.weights if "int" not in str(weight.dtype)]
    for weight in numbers:
        weight.assign(np.full(weight.shape, np.nan))
    load(model, [])
    left = [w.path for w in numbers if np.isnan(keras.ops.convert_to_numpy(w)).any()]
    if left:
        raise ValueError(
            "The source does not set all weights of the network, so nothing was written. Its "
            "number of classes is --classes, its auxiliary heads and variant --option. Not set: "
            f"{', '.join(left)}. {received('weights', settings.weights)}"
        )


def _preprocessing(model: Any, settings: ConvertSettings) -> Preprocessing:
    """What is to be recorded beside the file; another record there must be meant to go."""
    mode = settings.preprocessing
    preprocessing = kcc.preprocessing_for(model) if mode is None else MODES[mode]
    if not settings.overwrite and read_preprocessing(settings.out) not in (None, preprocessing):
        raise ValueError(
            f"{preprocessing_path(settings.out)} says that images are scaled otherwise than as "
            f"{preprocessing.name!r}; --overwrite replaces it. {received('out', settings.out)}"
        )
    return preprocessing


def _verify(model: Any, settings: ConvertSettings, written: Path) -> float:
    """Loads what was written; returns the largest difference of outputs, as a share of the largest.

    Raises:
        ValueError: It is more than is allowed.
    """
    fresh = _build(settings)
    _fill(fresh, settings, str(written))
    images = np.random.default_rng(0).standard_normal((2, *model.input_shape[1:]), "float32")
    pairs = [
        (keras.ops.convert_to_numpy(old), keras.ops.convert_to_numpy(new))
        for old, new in zip(
            *(keras.tree.flatten(net(images, training=False)) for net in (model, fresh)),
            strict=True,
        )
    ]
    difference = max(float(np.abs(new - old).max() / np.abs(old).max()) for old, new in pairs)
    allowed = next(TOLERANCES[ending] for ending in TOLERANCES if settings.out.endswith(ending))
    if not difference <= allowed:  # nor is it, where it is not a number
        raise ValueError(
            f"What was written predicts something else: outputs differ by {difference:.2g} of the "
            f"largest, and {allowed:g} is allowed. Nothing was left there. "
            f"{received('out', settings.out)}"
        )
    return difference


def _peer(path: Path) -> str:
    """Which network a `.safetensors` file is for, from its metadata."""
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
    options = json.loads(metadata["peer_options"])
    return f"{metadata['peer']}{f', built with {options}' if options else ''}"


if __name__ == "__main__":
    sys.exit(main())
