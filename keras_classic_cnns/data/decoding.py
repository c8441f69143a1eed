"""From the bytes of an image file to pixels, in TensorFlow's graph, whatever the kind of file."""

import tensorflow as tf

from keras_classic_cnns.core import validate

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")

_HEADER_BYTES = 70  # as far as the masks of a BMP
_PNG_END_BYTES = 12  # its last chunk is empty: length, name, checksum


def decode_image(content: tf.Tensor | bytes, channels: int = 0) -> tf.Tensor:
    """Decodes an image file, eagerly or inside of a graph.

    16 bits a channel become 8, palettes, CMYK and YCCK become RGB, what an alpha channel lets
    through becomes white, and of a GIF the first frame is taken. The turn that a camera notes in
    a photo is not applied.

    Args:
        content: The bytes of a PNG, JPEG, BMP, GIF or WebP file, a scalar string.
        channels: 1 turns colours into grey, 3 repeats grey, 0 leaves either as it is.

    Returns:
        uint8 `(height, width, channels)` with 1 or 3 channels.

    Raises:
        InvalidArgumentError: TensorFlow's, when it runs: these bytes are no image, or not a whole
            one, or an animated WebP, or a BMP that is compressed or has 1, 4 or 16 bits a pixel.

    Example:
        >>> content = tf.io.encode_png(tf.zeros((4, 6, 1), "uint8"))
        >>> decode_image(content, channels=3).shape
        TensorShape([4, 6, 3])
    """
    validate.one_of("channels", channels, (0, 1, 3))
    content = tf.convert_to_tensor(content)
    is_jpeg = tf.strings.substr(content, 0, 3) == b"\xff\xd8\xff"
    pixels = tf.cond(is_jpeg, lambda: _jpeg(content, channels), lambda: _other(content, channels))
    pixels.set_shape((None, None, channels or None))
    return pixels


def _jpeg(content: tf.Tensor, channels: int) -> tf.Tensor:
    if channels != 1:
        return tf.io.decode_jpeg(content, channels=channels)
    return _with_channels(tf.io.decode_jpeg(content), channels)  # TensorFlow: no CMYK to grey


def _other(content: tf.Tensor, channels: int) -> tf.Tensor:
    reason = refusal(content)
    passed = tf.debugging.Assert(reason == "", ["This image cannot be decoded:", reason])
    with tf.control_dependencies([passed]):
        pixels = tf.io.decode_image(tf.identity(content), expand_animations=False)
    is_bmp = tf.strings.substr(content, 0, 2) == b"BM"
    pixels = tf.cond(is_bmp, lambda: _bmp(pixels, content), lambda: _on_white(pixels))
    return _with_channels(pixels, channels)


def refusal(content: tf.Tensor | bytes) -> tf.Tensor:
    """Why an image file is not decoded, though TensorFlow would make something of it.

    Args:
        content: The bytes of the file, a scalar string.

    Returns:
        What is wrong with it, such as `"an animated WebP"`, or `""`, a scalar string.
    """
    content = tf.convert_to_tensor(content)
    return tf.cond(
        tf.strings.substr(content, 0, 4) == b"\x89PNG",
        # TensorFlow fills up with black
        lambda: tf.where(_has_png_end(content), "", "a PNG without its end"),
        lambda: _refusal_by_header(_header(content)),
    )


def _refusal_by_header(header: tf.Tensor) -> tf.Tensor:
    is_bmp, bits, compression = _is(header, b"BM"), header[28], _number(header, 30)
    # TensorFlow heeds no masks; these are the ones it has in mind
    plain_masks = tf.reduce_all(header[54:66] == [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0])
    wrong = [
        # which TensorFlow 2.21 writes outside of its memory for
        (_is(header, b"VP8X", 12) & (header[20] & 2 > 0), "an animated WebP"),
        (is_bmp & ~tf.reduce_any(bits == [8, 24, 32]), "a BMP of other than 8, 24 or 32 bits"),
        (is_bmp & (compression != 0) & ~((compression == 3) & plain_masks), "a compressed BMP"),
        (is_bmp & (_number(header, 14) < 40), "a BMP in the format of OS/2"),
    ]
    reason = tf.constant("")
    for is_so, text in wrong:
        reason = tf.where(is_so, text, reason)
    return reason


def _header(content: tf.Tensor) -> tf.Tensor:
    """The first bytes of a file, filled up with zeros."""
    start = tf.strings.substr(content, 0, _HEADER_BYTES) + b"\0" * _HEADER_BYTES
    return tf.io.decode_raw(tf.strings.substr(start, 0, _HEADER_BYTES), tf.uint8)


def _is(header: tf.Tensor, magic: bytes, start: int = 0) -> tf.Tensor:
    return tf.reduce_all(header[start : start + len(magic)] == list(magic))


def _number(header: tf.Tensor, start: int) -> tf.Tensor:
    """The 4 bytes from `start` on as an integer, the lowest first."""
    return tf.bitcast(header[start : start + 4], tf.int32)


def _has_png_end(content: tf.Tensor) -> tf.Tensor:
    length = tf.strings.length(content)
    end = tf.strings.substr(content, tf.maximum(length - _PNG_END_BYTES, 0), _PNG_END_BYTES)
    return tf.cond(
        tf.strings.regex_full_match(end, r"\C*IEND\C*"),
        lambda: tf.constant(True),
        lambda: tf.strings.regex_full_match(content, r"\C*IEND\C*"),  # with something behind it
    )


def _bmp(pixels: tf.Tensor, content: tf.Tensor) -> tf.Tensor:
    """Looks colours up in the palette and drops what is no alpha; TensorFlow does neither."""
    header = _header(content)
    header_size, compression = _number(header, 14), _number(header, 30)

    def palette() -> tf.Tensor:
        count = tf.where(_number(header, 46) == 0, 256, _number(header, 46))
        table = tf.io.decode_raw(tf.strings.substr(content, 14 + header_size, 4 * count), tf.uint8)
        table = tf.reshape(table, (-1, 4))[:, 2::-1]  # stored as blue, green, red, unused
        is_grey = tf.reduce_all(table == table[:, :1])
        table = table[:, : tf.where(is_grey, 1, 3)]
        return tf.gather(table, tf.cast(pixels[..., 0], tf.int32))

    def direct() -> tf.Tensor:
        has_alpha = (compression == 3) & (header_size >= 56) & (header[69] == 255)
        return tf.cond(has_alpha, lambda: _on_white(pixels), lambda: pixels[..., :3])

    return tf.cond(header[28] == 8, palette, direct)


def _on_white(pixels: tf.Tensor) -> tf.Tensor:
    """Lays an image with an alpha channel on a white ground."""

    def blend() -> tf.Tensor:
        alpha = tf.cast(pixels[..., -1:], tf.float32) / 255
        colours = tf.cast(pixels[..., :-1], tf.float32)
        return tf.cast(tf.round(colours * alpha + 255 * (1 - alpha)), tf.uint8)

    return tf.cond(tf.shape(pixels)[-1] % 2 == 0, blend, lambda: pixels)


def _with_channels(pixels: tf.Tensor, channels: int) -> tf.Tensor:
    shape = tf.shape(pixels)
    if channels == 3:
        return tf.broadcast_to(pixels, (shape[0], shape[1], 3))
    if channels == 1:
        colours = tf.broadcast_to(pixels, (shape[0], shape[1], 3))
        return tf.cond(shape[-1] == 1, lambda: pixels, lambda: tf.image.rgb_to_grayscale(colours))
    return pixels
