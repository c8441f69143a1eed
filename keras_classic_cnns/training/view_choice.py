"""Which views of an image an evaluation looks at, and the model that takes them."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras

from keras_classic_cnns import data
from keras_classic_cnns.application.device_scaling import scale_in_steps
from keras_classic_cnns.core import validate
from keras_classic_cnns.data.views import ten_crop_batches, whole_batches
from keras_classic_cnns.sliding import fully_convolutional
from keras_classic_cnns.training.loading import Trained

# At 224 pixels: crops of 256 (Krizhevsky et al., 2012), and 224, 256 and 288, which are the S - 32,
# S and S + 32 of a network trained at S = 256 (Simonyan, Zisserman, 2014, section 3.2).
_SEVENTHS = {"center": (), "ten_crop": (8,), "dense": (7, 8, 9)}
_CROPS = 5


@dataclasses.dataclass(frozen=True)
class Views:
    """What is looked at of each image.

    Args:
        kind: `"center"`, `"ten_crop"` or `"dense"`.
        scales: The shorter sides that images are resized to, in pixels; none for `"center"`,
            whose crop is that of training's evaluation.
        mirror: Whether mirror images are looked at too.
    """

    kind: str
    scales: tuple[int, ...] = ()
    mirror: bool = False

    def __str__(self) -> str:
        if self.kind == "center":
            return "the centre of each image"
        pixels = ", ".join(map(str, self.scales))
        mirrored = "mirror images" if self.mirror else "no mirror images, which are other classes"
        if self.kind == "dense":
            return f"all of each image, shorter side {pixels} pixels; {mirrored}"
        crops = _CROPS * (1 + self.mirror)
        return f"{crops} crops of each image, shorter side {pixels} pixels; {mirrored}"


def choose_views(
    kind: str, scales: Sequence[int] | None, trained: Trained, source: data.Source
) -> Views:
    """Completes what was asked for with the defaults of a model.

    Args:
        kind: `"center"`, `"ten_crop"` or `"dense"`.
        scales: Shorter sides, or `None` for those of the papers.
        trained: The model.
        source: The data.

    Raises:
        ValueError: The scales do not fit.
    """
    size = max(trained.image_size)
    if scales is None:
        scales = [round(size * sevenths / 7) for sevenths in _SEVENTHS[kind]]
    elif kind == "center" or (kind == "ten_crop" and len(scales) != 1):
        raise ValueError(
            "`scales` must be one number with views='ten_crop', any with views='dense', and is "
            f"not for views='center'. {validate.received('scales', tuple(scales))}"
        )
    for side in scales:
        if side < size:
            raise ValueError(
                f"`scales` must be at least {size}, the size of the model's images. "
                f"{validate.received('scales', tuple(scales))}"
            )
    return Views(kind, tuple(scales), source.mirror and kind != "center")


def prepare_views(
    views: Views,
    trained: Trained,
    source: data.Source,
    batch_size: int,
    max_damaged: float = 0.01,
) -> tuple[keras.Model, Any]:
    """The model that takes the views, and their batches: bytes where it looks at centres only.

    Args:
        views: What is looked at.
        trained: The model.
        source: The data.
        batch_size: Images a step, where each crop or mirror image is one.
        max_damaged: As for `data.train_batches`.

    Raises:
        UnsupportedModelError: The model cannot look at whole images of any size.
    """
    scaling = {
        "channels": trained.channels,
        "preprocessing": trained.preprocessing,
        "max_damaged": max_damaged,
    }
    size, mirrors = trained.image_size, 1 + views.mirror
    if views.kind == "center":
        scale_in_steps(trained.model, trained.preprocessing)
        scaling |= {"image_size": size, "crop_fraction": trained.crop_fraction}
        scaling["preprocessing"] = None
        batches = data.eval_batches(source, batch_size=batch_size, **scaling)
        return trained.model, batches
    if views.kind == "ten_crop":
        images = max(batch_size // (_CROPS * mirrors), 1)
        scaling |= {"image_size": size, "shorter_side": views.scales[0]}
        return trained.model, ten_crop_batches(source, batch_size=images, **scaling)
    images = max(batch_size // mirrors, 1)
    model = fully_convolutional(trained.model)
    model.jit_compile = False  # XLA would compile anew for each size of image
    return model, whole_batches(source, shorter_sides=views.scales, batch_size=images, **scaling)
