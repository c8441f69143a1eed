"""The pixels of one image file, whatever its format and kind of pixels."""

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_classic_cnns.core import validate
from keras_classic_cnns.data.decoding import decode_image, refusal


def decode_image_file(path: str | os.PathLike) -> np.ndarray:
    """Reads an image file.

    16 bits a channel become 8, palettes and CMYK become RGB, what is transparent becomes white,
    and of a GIF the first frame is taken. Animated WebP is refused, as is BMP that is compressed
    or has 1, 4 or 16 bits a pixel.

    Args:
        path: A PNG, JPEG, BMP, GIF or WebP file.

    Returns:
        uint8 `(height, width, channels)` with 1 (grey) or 3 (RGB) channels.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is not an image, or a damaged one, or one of those refused.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no such file. {validate.received('path', str(path))}")
    content = path.read_bytes()
    try:
        return decode_image(content).numpy()
    except tf.errors.OpError as error:
        reason = refusal(content).numpy().decode()
        raise ValueError(
            "The file must be a whole PNG, JPEG, BMP, GIF or WebP image"
            f"{reason and f', and is {reason}'}. {validate.received('path', str(path))}"
        ) from error
