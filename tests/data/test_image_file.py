"""Image files of all kinds, against Pillow where it reads the same pixels."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_classic_cnns.data import decode_image_file

RGB = (np.indices((24, 20)).sum(axis=0)[..., None] * np.array([3, 5, 2]) % 256).astype(np.uint8)


@pytest.mark.parametrize(
    "suffix, mode, channels",
    [
        ("png", "RGB", 3),
        ("png", "L", 1),
        ("png", "1", 1),
        ("png", "P", 3),
        ("png", "RGBA", 3),
        ("png", "LA", 1),
        ("bmp", "RGB", 3),
        ("bmp", "L", 1),
        ("bmp", "P", 3),
        ("gif", "P", 3),
    ],
)
def test_exact_formats(suffix, mode, channels, tmp_path):
    picture = Image.fromarray(RGB).convert(mode)
    path = tmp_path / f"picture.{suffix}"
    picture.save(path)
    image = decode_image_file(path)
    assert image.dtype == np.uint8 and image.shape == (24, 20, channels)
    expected = np.asarray(picture.convert("RGB" if channels == 3 else "L"))
    np.testing.assert_array_equal(image, expected.reshape(image.shape))


@pytest.mark.parametrize(
    "suffix, mode, channels",
    [("jpg", "RGB", 3), ("jpg", "L", 1), ("jpg", "CMYK", 3), ("webp", "RGB", 3)],
)
def test_lossy_formats(suffix, mode, channels, tmp_path):
    smooth = np.linspace(0, 255, 24 * 20 * 3).reshape(24, 20, 3).astype(np.uint8)
    picture = Image.fromarray(smooth).convert(mode)
    path = tmp_path / f"picture.{suffix}"
    picture.save(path, quality=95)
    image = decode_image_file(str(path))
    expected = np.asarray(picture.convert("RGB" if channels == 3 else "L"), int)
    assert image.shape == (24, 20, channels)
    assert np.abs(image - expected.reshape(image.shape)).mean() < 4


def test_sixteen_bits_become_eight(tmp_path):
    path = tmp_path / "deep.png"
    deep = np.array([0, 255, 256, 65535], np.uint16).reshape(2, 2, 1)
    path.write_bytes(tf.io.encode_png(deep).numpy())
    assert decode_image_file(path).ravel().tolist() == [0, 0, 1, 255]


def test_transparent_becomes_white(tmp_path):
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[0, :, 3] = 0, 51, 255
    path = tmp_path / "clear.png"
    Image.fromarray(pixels).save(path)
    assert decode_image_file(path)[0, :, 0].tolist() == [255, 204, 0]


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.fromarray(RGB).convert("P"), Image.fromarray(255 - RGB).convert("P")]
    path = tmp_path / "moving.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode_image_file(path), np.asarray(frames[0].convert("RGB")))


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp"])
def test_truncated_file_is_named(suffix, tmp_path):
    path = tmp_path / f"half.{suffix}"
    noise = np.random.RandomState(0).randint(0, 256, (40, 40, 3)).astype(np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match=f"must be a whole PNG.*Received: path='{path}'$"):
        decode_image_file(path)


@pytest.mark.parametrize("content", [b"", b"BM", b"not an image at all", b"\x89PNG\r\n\x1a\nIEND"])
def test_file_that_is_no_image_is_named(content, tmp_path):
    path = tmp_path / "strange.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"Received: path='{path}'$"):
        decode_image_file(path)


def test_missing_file_and_folder_are_named(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(FileNotFoundError, match=f"no such file. Received: path='{path}'$"):
            decode_image_file(path)
