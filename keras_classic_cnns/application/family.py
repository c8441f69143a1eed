"""The contract of `keras.applications`, said once for every constructor.

A family file holds a `Config`, a `body(x, config)` and perhaps a head; `Family.constructor` makes
of them a function with the arguments of `keras.applications.ResNet50`, in the same order and with
the same meaning, followed by the family's own options, keyword-only.
"""

import dataclasses
import inspect
import sys
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import keras
from keras import layers

from keras_classic_cnns import registry
from keras_classic_cnns.application.auxiliary import AuxiliaryHead, auxiliary_outputs
from keras_classic_cnns.application.heads import MAIN, head_dtype, pooled_head
from keras_classic_cnns.application.image_input import input_shape_of, sources_of
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.options import chosen_options, options_of
from keras_classic_cnns.weights.argument import weights_loader
from keras_classic_cnns.weights.catalog import default_weights
from keras_classic_cnns.weights.trained_with import remember_preprocessing

# Keras walks a graph by recursion, two calls for each residual unit: ResNet1202 needs over 1,200
# when it is built and when it is reloaded, and Python's limit is 1,000. Since Python 3.11 such
# calls take no room on the C stack.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))

ARGUMENTS = {
    "include_top": "Whether the model ends with its classifier.",
    "weights": "`None` (random initialisation), the name of public weights of this architecture "
    "and these options, which `list_weights` lists and which are downloaded once ({default}), or "
    "the path of a "
    "file: `.keras` or `.weights.h5`, or a checkpoint of torchvision, timm, `keras.applications` "
    "or the ONNX zoo (`.safetensors`, `.pth`, `.h5`, `.onnx`). A file of other layers is refused. "
    "A head that does not fit, such as a classifier of other classes, starts at random, and a "
    "warning names it.",
    "input_tensor": "A `keras.KerasTensor` to build upon, instead of a new input.",
    "input_shape": "`(height, width, channels)`; without a classifier, height and width may be "
    "`None`. Height and width are at least {minimum}, by default {size}, and without a classifier "
    "any size; there are {channels} channel(s) by default.",
    "pooling": "Where `include_top=False`: `None` gives the last feature maps, `'avg'` or `'max'` "
    "their mean or maximum over all positions.",
    "classes": "Number of classes, at least 1, where `include_top=True`.",
    "classifier_activation": "Activation of the classifier, where `include_top=True`; `None` "
    "gives logits.",
    "name": "Name of the model.",
    "adapt_input": "Whether the first kernel of weights for coloured images is made to fit images "
    "of another number of channels: summed for one, repeated and scaled for more, as timm does.",
}


@dataclasses.dataclass(frozen=True)
class Family:
    """What the constructors of one family file share.

    Args:
        name: The family, the name of its module.
        paper: Its source.
        body: `body(x, config)`, the graph from the image to the last feature maps.
        head: `head(x, config, classes, activation)`, the graph behind it.
        aux_heads: `aux_heads(config)`, the auxiliary heads of a family whose `Config` has
            `aux_heads`.
        preprocessing: A mode of `keras_classic_cnns.preprocessing`.
        input_size: Default height and width, in pixels.
        minimum_size: Least height and width.
        channels: Default number of channels.
        classes: Default number of classes.
        needs_size: Whether the head needs a fixed height and width (it flattens).
    """

    name: str
    paper: registry.Paper
    body: Callable[[Any, Any], Any]
    head: Callable[[Any, Any, int, Any], Any] = pooled_head
    aux_heads: Callable[[Any], tuple[AuxiliaryHead, ...]] | None = None
    preprocessing: str = "torch"
    input_size: int = 224
    minimum_size: int = 32
    channels: int = 3
    classes: int = 1000
    needs_size: bool = False

    def constructor(self, name: str, config: Any, summary: str) -> Callable[..., keras.Model]:
        """Makes and registers a constructor.

        Args:
            name: Its exported name, such as `"ResNet50"`.
            config: The row of the paper's table. Its options become keyword-only arguments.
            summary: One sentence.

        Returns:
            A function with the real signature and docstring.
        """
        options = chosen_options(config)
        spec = registry.ModelSpec(
            name=name.lower(),
            constructor=name,
            family=self.name,
            summary=summary,
            paper=self.paper,
            input_size=self.input_size,
            minimum_size=self.minimum_size,
            channels=self.channels,
            classes=self.classes,
            preprocessing=self.preprocessing,
            options=MappingProxyType(options),
        )
        signature = _signature(spec)

        def build(*args, **kwargs):
            arguments = _bind(signature, name, args, kwargs)
            chosen = {option: arguments.pop(option) for option in options}
            return _build(self, spec, _configure(config, chosen), **arguments)

        build.__name__ = build.__qualname__ = name
        build.__module__ = f"keras_classic_cnns.models.{self.name}"
        build.__signature__ = signature
        build.__doc__ = _docstring(spec, config)
        build.__annotations__ = {"return": keras.Model}
        registry.register(spec, build)
        return build


def _signature(spec: registry.ModelSpec) -> inspect.Signature:
    defaults = {
        "include_top": True,
        "weights": default_weights(spec),
        "input_tensor": None,
        "input_shape": None,
        "pooling": None,
        "classes": spec.classes,
        "classifier_activation": "softmax",
        "name": spec.name,
    }
    shared = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=value)
        for name, value in defaults.items()
    ]
    own = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value)
        for name, value in {"adapt_input": False, **spec.options}.items()
    ]
    return inspect.Signature(shared + own, return_annotation=keras.Model)


def _bind(signature: inspect.Signature, name: str, args: tuple, kwargs: dict) -> dict[str, Any]:
    unknown = [key for key in kwargs if key not in signature.parameters]
    if unknown:
        raise TypeError(
            f"{name}() has no argument `{unknown[0]}`. Its arguments are "
            f"{', '.join(signature.parameters)}. "
            f"{validate.received(unknown[0], kwargs[unknown[0]])}"
        )
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{name}(): {error}. The arguments are {signature}.") from None
    bound.apply_defaults()
    return dict(bound.arguments)


def _configure(config: Any, chosen: dict[str, Any]) -> Any:
    fields = options_of(config)
    checked = {
        option: fields[option].metadata["check"](option, value) for option, value in chosen.items()
    }
    return dataclasses.replace(config, **checked)


def _build(
    family: Family,
    spec: registry.ModelSpec,
    config: Any,
    *,
    include_top: bool,
    weights: Any,
    input_tensor: Any,
    input_shape: Any,
    pooling: str | None,
    classes: int,
    classifier_activation: Any,
    name: str | None,
    adapt_input: bool,
) -> keras.Model:
    _check_data_format(spec)
    include_top = validate.boolean("include_top", include_top)
    validate.one_of("pooling", pooling, (None, "avg", "max"))
    classes = validate.positive_int("classes", classes)
    if name is not None:
        validate.string("name", name)
    activation = _activation(classifier_activation)
    load = weights_loader(weights, spec, chosen_options(config), adapt_input)
    size = family.input_size if include_top else None
    shape = input_shape_of(
        input_shape,
        input_tensor,
        default=(size, size, family.channels),
        minimum_size=family.minimum_size,
        needs_size=include_top and family.needs_size,
    )
    image = layers.Input(shape, name="image") if input_tensor is None else input_tensor
    features = x = family.body(image, config)
    has_aux = getattr(config, "aux_heads", False)
    if include_top:
        x = family.head(x, config, classes, activation)
        if has_aux:
            trunk, heads = keras.Model(sources_of(image), features), family.aux_heads(config)
            x = {MAIN: x, **auxiliary_outputs(trunk, heads, classes, activation, head_dtype())}
    elif has_aux:
        raise ValueError(
            "`aux_heads` needs `include_top=True`: auxiliary heads are classifiers. "
            f"{validate.received('aux_heads', has_aux)}"
        )
    elif pooling is not None:
        pool = {"avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}[pooling]
        x = pool(name=f"{pooling}_pool")(x)
    model = keras.Model(sources_of(image), x, name=name)
    remember_preprocessing(model, family.preprocessing)
    if load is not None:
        body = keras.Model(model.input, features).layers
        load(model, [layer for layer in model.layers if layer not in body])
    return model


def _check_data_format(spec: registry.ModelSpec) -> None:
    if keras.config.image_data_format() != "channels_last":
        raise ValueError(
            f"{spec.constructor} supports channels_last only; call "
            "`keras.config.set_image_data_format('channels_last')`. "
            f"{validate.received('image_data_format', keras.config.image_data_format())}"
        )


def _activation(activation: Any) -> Any:
    try:
        return keras.activations.get(activation)
    except (ValueError, TypeError) as error:
        raise ValueError(
            "`classifier_activation` must be None, the name of a Keras activation or a function. "
            f"{validate.received('classifier_activation', activation)}"
        ) from error


def _docstring(spec: registry.ModelSpec, config: Any) -> str:
    texts = dict(ARGUMENTS)
    default = default_weights(spec)
    texts["weights"] = texts["weights"].format(
        default=f"the default is `{default!r}`" if default else "the default is `None`"
    )
    texts["input_shape"] = texts["input_shape"].format(
        minimum=spec.minimum_size, size=spec.input_size, channels=spec.channels
    )
    options = {name: field.metadata["doc"] for name, field in options_of(config).items()}
    lines = [f"        {name}: {text}" for name, text in {**texts, **options}.items()]
    return "\n".join(
        [
            f"Instantiates {spec.constructor}: {spec.summary}",
            "",
            "    The model takes images scaled by `preprocess_input` of its module (mode "
            f"`'{spec.preprocessing}'`).",
            "",
            "    Args:",
            *lines,
            "",
            "    Returns:",
            "        A `keras.Model`.",
            "",
            "    Raises:",
            "        TypeError: An argument is of the wrong type, or there is none of that name.",
            "        ValueError: An argument has a value that is not allowed; the message says "
            "which are.",
            "",
            f"    Source: {spec.paper}",
            "    ",
        ]
    )
