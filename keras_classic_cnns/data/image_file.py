"""Reading one image file, whatever its format and kind of pixels."""

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_classic_cnns.core import validate


def decode_image_file(path: str | os.PathLike) -> np.ndarray:
    """Reads an image file.

    16 bits a channel become 8, palettes and CMYK become RGB, what is transparent becomes white,
    and of an animation the first frame is taken.

    Args:
        path: A PNG, JPEG, BMP, GIF or WebP file.

    Returns:
        uint8 `(height, width, channels)` with 1 (grey) or 3 (RGB) channels.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is not an image, or a damaged one.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no such file. {validate.received('path', str(path))}")
    content = path.read_bytes()
    try:
        _check_whole(content)
        image = tf.io.decode_image(content, expand_animations=False).numpy()
        if content.startswith(b"BM") and image.shape[-1] == 1:
            image = _bmp_palette(content)[image[..., 0]]
    except (tf.errors.OpError, ValueError, IndexError) as error:
        raise ValueError(
            "The file must be a whole PNG, JPEG, BMP, GIF or WebP image. "
            f"{validate.received('path', str(path))}"
        ) from error
    return _on_white(image) if image.shape[-1] in (2, 4) else image


def _check_whole(content: bytes) -> None:
    """Raises where a PNG lacks its last chunk: TensorFlow would fill up with black."""
    if content.startswith(b"\x89PNG") and b"IEND" not in content:
        raise ValueError("the end of the file is missing")


def _bmp_palette(content: bytes) -> np.ndarray:
    """The colours of a BMP of 8 bits a pixel, `(colours, 1 or 3)`; TensorFlow ignores them."""
    header_size = int.from_bytes(content[14:18], "little")
    start = 14 + header_size
    colours = int.from_bytes(content[46:50], "little") or 256
    table = np.frombuffer(content, np.uint8, count=4 * colours, offset=start)
    table = table.reshape(-1, 4)[:, 2::-1]  # stored as blue, green, red, unused
    is_grey = (table == table[:, :1]).all()
    return table[:, :1] if is_grey else table


def _on_white(image: np.ndarray) -> np.ndarray:
    """Lays an image with an alpha channel on a white ground."""
    alpha = image[..., -1:].astype(np.float32) / 255
    return np.rint(image[..., :-1] * alpha + 255 * (1 - alpha)).astype(np.uint8)
