"""All kinds of image files inside of a graph, against Pillow where it reads the same pixels."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_classic_cnns.data import decoding

RGB = (np.indices((24, 20)).sum(axis=0)[..., None] * np.array([3, 5, 2]) % 256).astype(np.uint8)
SMOOTH = np.linspace(0, 255, 24 * 20 * 3).reshape(24, 20, 3).astype(np.uint8)


def written(picture, suffix, **options):
    """The bytes of a file that Pillow writes."""
    file = io.BytesIO()
    picture.save(file, suffix, **options)
    return file.getvalue()


def in_graph(channels):
    spec = tf.TensorSpec((), tf.string)
    return tf.function(lambda content: decoding.decode_image(content, channels), [spec])


DECODE = {channels: in_graph(channels) for channels in (0, 1, 3)}


def translucent():
    picture = Image.fromarray(RGB).convert("RGBA")
    picture.putalpha(Image.fromarray(SMOOTH[..., 0]))
    return picture


def on_white(picture):
    white = Image.new("RGBA", picture.size, "white")
    return np.asarray(Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB"), int)


EXACT = {
    "grey PNG": written(Image.fromarray(RGB).convert("L"), "png"),
    "PNG of one bit": written(Image.fromarray(RGB).convert("1"), "png"),
    "palette PNG": written(Image.fromarray(RGB).convert("P"), "png"),
    "palette PNG of two bits": written(
        Image.fromarray(RGB).convert("P", palette=Image.Palette.ADAPTIVE, colors=4), "png", bits=2
    ),
    "grey BMP": written(Image.fromarray(RGB).convert("L"), "bmp"),
    "palette BMP": written(Image.fromarray(RGB).convert("P"), "bmp"),
    "BMP of 24 bits": written(Image.fromarray(RGB), "bmp"),
    "BMP of 32 bits": written(translucent(), "bmp"),  # Pillow too takes the rest for no alpha
    "GIF": written(Image.fromarray(RGB).convert("P"), "gif"),
    "animated GIF": written(
        Image.fromarray(RGB).convert("P"),
        "gif",
        save_all=True,
        append_images=[Image.fromarray(255 - RGB).convert("P")],
    ),
    "WebP": written(Image.fromarray(RGB), "webp", lossless=True),
}


@pytest.mark.parametrize("kind", EXACT)
def test_kinds_without_loss(kind):
    content = EXACT[kind]
    picture = Image.open(io.BytesIO(content))
    rgb = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(DECODE[3](content), rgb)
    as_stored = DECODE[0](content).numpy()
    assert as_stored.shape[-1] == (1 if "grey" in kind or "one bit" in kind else 3)
    np.testing.assert_array_equal(np.broadcast_to(as_stored, rgb.shape), rgb)
    grey = DECODE[1](content).numpy()[..., 0].astype(int)
    assert np.abs(grey - np.asarray(Image.fromarray(rgb).convert("L"))).max() <= 1  # of rounding


@pytest.mark.parametrize(
    "mode, options",
    [("L", {}), ("RGB", {}), ("RGB", {"progressive": True}), ("CMYK", {}), ("YCCK", {})],
)
def test_jpeg(mode, options):
    picture = Image.fromarray(SMOOTH).convert("CMYK" if mode == "YCCK" else mode)
    content = written(picture, "jpeg", quality=95, **options)
    if mode == "YCCK":
        content = _as_ycck(content)
    rgb = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), int)
    assert np.abs(DECODE[3](content).numpy() - rgb).mean() < 3
    assert DECODE[0](content).shape[-1] == (1 if mode == "L" else 3)
    grey = np.asarray(Image.fromarray(rgb.astype(np.uint8)).convert("L"), int)
    assert np.abs(DECODE[1](content).numpy()[..., 0] - grey).mean() < 3


def _as_ycck(content):
    """Marks a CMYK JPEG as one of YCCK, as Adobe's programs do: its bytes mean other colours."""
    marker = content.index(b"Adobe")
    assert content[marker + 11] == 0  # "unknown", that is CMYK
    return content[: marker + 11] + b"\2" + content[marker + 12 :]


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_what_is_transparent_becomes_white(suffix):
    options = {"lossless": True, "exact": True} if suffix == "webp" else {}
    content = written(translucent(), suffix, **options)
    assert np.abs(DECODE[3](content).numpy() - on_white(translucent())).max() <= 1
    palette = Image.fromarray(RGB).convert("P")
    clear = palette.getpixel((3, 4))
    content = written(palette, "png", transparency=clear)
    assert DECODE[3](content)[4, 3].numpy().tolist() == [255, 255, 255]
    grey = written(translucent().convert("LA"), "png")
    expected = on_white(translucent().convert("LA"))[..., :1]
    assert DECODE[0](grey).shape == (24, 20, 1)
    assert np.abs(DECODE[0](grey).numpy() - expected).max() <= 1
    np.testing.assert_array_equal(DECODE[1](grey), DECODE[0](grey))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_become_eight(channels):
    deep = np.full((2, 2, channels), 65535, np.uint16)
    deep[:, 0, 0] = 40000, 255
    pixels = DECODE[0](tf.io.encode_png(deep)).numpy()
    assert pixels[:, 0, 0].tolist() == [40000 // 256, 0] and (pixels[:, 1] == 255).all()


def test_bmp_with_real_alpha():
    """As Windows writes it since version 4: the header names the bits of alpha."""
    content = bytearray(written(translucent(), "bmp"))
    masks = bytes([0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255])
    header = content[:54] + masks + bytes(52)
    header[10:14], header[14:18] = (14 + 108).to_bytes(4, "little"), (108).to_bytes(4, "little")
    header[30:34] = (3).to_bytes(4, "little")
    pixels = DECODE[3](bytes(header + content[54:])).numpy()
    assert np.abs(pixels - on_white(translucent())).max() <= 1
    header[54:58] = masks[8:12]  # red and blue exchanged
    header[62:66] = masks[0:4]
    assert b"compressed" in decoding.refusal(bytes(header + content[54:])).numpy()


def _animated_webp():
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    return written(frames[0], "webp", save_all=True, append_images=frames[1:], lossless=True)


def _packed_bmp():
    content = bytearray(written(Image.fromarray(RGB).convert("P"), "bmp"))
    content[30] = 1
    return bytes(content)


REFUSED = {
    "an animated WebP": _animated_webp(),
    "a PNG without its end": written(Image.fromarray(RGB), "png")[:-12],
    "a BMP of other than 8, 24 or 32 bits": written(Image.fromarray(RGB).convert("1"), "bmp"),
    "a compressed BMP": _packed_bmp(),
    "a BMP in the format of OS/2": b"BM" + bytes(12) + b"\x0c" + bytes(60),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_tensorflow_decodes_wrongly_is_refused(reason):
    for decode in (DECODE[3], decoding.decode_image):
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=f"cannot be decoded(.|\n)*{reason}"
        ):
            decode(REFUSED[reason])


@pytest.mark.parametrize("content", [b"", b"BM", b"no image", b"\xff\xd8\xff", b"II*\0", b"RIFF"])
def test_what_is_no_image_is_an_error(content):
    with pytest.raises(tf.errors.InvalidArgumentError):
        DECODE[3](content)


def test_bytes_behind_the_end_of_a_png_do_no_harm():
    content = EXACT["palette PNG"] + bytes(range(256)) * 4
    np.testing.assert_array_equal(DECODE[3](content), DECODE[3](EXACT["palette PNG"]))


def test_channels_are_known_beforehand():
    assert DECODE[1].get_concrete_function().output_shapes.as_list() == [None, None, 1]
    assert DECODE[3].get_concrete_function().output_shapes.as_list() == [None, None, 3]
    with pytest.raises(ValueError, match="`channels` must be one of 0, 1, 3. Received: channels=4"):
        decoding.decode_image(b"", 4)
