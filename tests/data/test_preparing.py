"""One image, made ready as evaluation does."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from keras_classic_cnns import data
from keras_classic_cnns.data.preparing import prepare_image

RAW = {"image_size": (4, 4), "channels": 1, "preprocessing": "raw"}


def test_prepare_image_matches_channels():
    rgb = np.zeros((4, 4, 3), np.uint8)
    rgb[..., 0], rgb[..., 1], rgb[..., 2] = 200, 100, 50
    grey = prepare_image(rgb, **RAW)
    assert grey.shape == (4, 4, 1)
    assert float(grey[0, 0, 0]) == pytest.approx(0.299 * 200 + 0.587 * 100 + 0.114 * 50, abs=1)
    back = prepare_image(grey.numpy().astype(np.uint8), **{**RAW, "channels": 3})
    np.testing.assert_array_equal(back, np.repeat(grey, 3, axis=-1))
    alpha = np.concatenate([rgb, np.full((4, 4, 1), 7, np.uint8)], axis=-1)
    same = prepare_image(alpha, **{**RAW, "channels": 3})
    np.testing.assert_array_equal(same, rgb)


def test_prepare_image_keeps_the_aspect_ratio():
    wide = np.zeros((10, 30, 1), np.uint8)
    wide[:, 10:20] = 255  # the middle third is what a square model sees
    np.testing.assert_array_equal(prepare_image(wide, **RAW), np.full((4, 4, 1), 255))
    tall = wide.transpose(1, 0, 2)
    np.testing.assert_array_equal(prepare_image(tall, **RAW), np.full((4, 4, 1), 255))


def test_prepare_image_smooths_what_it_shrinks():
    board = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)[..., None]
    image = prepare_image(board, **RAW).numpy()
    assert np.abs(image - 127.5).max() < 4


@pytest.mark.parametrize("shape, dtype", [((4, 4, 3), "float32"), ((4, 4), "uint8")])
def test_prepare_image_refuses_what_is_no_image(shape, dtype):
    with pytest.raises(ValueError) as caught:
        prepare_image(np.zeros(shape, dtype), **RAW)
    received = f"Received: image.dtype={dtype!r}, image.shape={shape}"
    assert str(caught.value).endswith(received)


@hypothesis.given(
    height=st.integers(1, 40), width=st.integers(1, 40), size=st.tuples(*[st.integers(1, 40)] * 2)
)
@hypothesis.settings(max_examples=25, deadline=None)
def test_prepare_image_takes_any_size(height, width, size):
    image = np.full((height, width, 3), 99, np.uint8)
    result = prepare_image(image, image_size=size, channels=3, preprocessing="raw")
    np.testing.assert_array_equal(result, np.full((*size, 3), 99))


@pytest.mark.parametrize("fraction", [None, 0.5, 1])
def test_prepare_image_sees_what_evaluation_sees(fraction):
    pixels = np.random.default_rng(0).integers(0, 256, (1, 20, 30, 1)).astype(np.uint8)
    batches = data.eval_batches(
        data.from_arrays(pixels, [0]), batch_size=1, crop_fraction=fraction, **RAW
    )
    ((image, *_), _) = next(iter(batches))
    ready = prepare_image(pixels[0], crop_fraction=fraction, **RAW)
    np.testing.assert_array_equal(ready, image)


@pytest.mark.parametrize("fraction", [0.05, 1.5])
def test_a_crop_is_a_part_of_the_image(fraction):
    with pytest.raises(ValueError, match=f"Received: crop_fraction={fraction}$"):
        prepare_image(np.zeros((4, 4, 1), np.uint8), crop_fraction=fraction, **RAW)
