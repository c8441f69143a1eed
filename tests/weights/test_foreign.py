"""Checkpoints of other libraries: loaded where names and graph are known, else refused."""

import numpy as np
import pytest
from harness import images

import keras_classic_cnns as kcc
from keras_classic_cnns.core.errors import WeightsFileError

SHAPE = {"input_shape": (64, 64, 3)}


def test_a_file_of_another_library(checkpoint, trained):
    model = kcc.SqueezeNet11(weights=checkpoint, **SHAPE, classes=10)
    np.testing.assert_array_equal(model(images(2, 64, 64, 3)), trained(images(2, 64, 64, 3)))


def test_a_file_of_another_network(checkpoint):
    with pytest.raises(ValueError, match="Mis-shaped.*Received: weights='.*.safetensors'"):
        kcc.SqueezeNet10(weights=checkpoint, **SHAPE, classes=10)


def test_weights_that_fit_another_graph_are_refused(checkpoint):
    """torchvision's SqueezeNet has no shortcuts, and a net with them has the same weights."""
    with pytest.raises(ValueError, match=r"those of SqueezeNet11\(\).* than SqueezeNet11\(bypass="):
        kcc.SqueezeNet11(weights=checkpoint, **SHAPE, classes=10, bypass="simple")


def test_options_of_training_do_not_matter(checkpoint, trained):
    model = kcc.SqueezeNet11(weights=checkpoint, **SHAPE, classes=10, dropout=0.1)
    np.testing.assert_array_equal(model(images(2, 64, 64, 3)), trained(images(2, 64, 64, 3)))


def test_a_network_that_no_other_library_has(checkpoint):
    with pytest.raises(ValueError, match="has LeNet5, so the names in its files mean nothing"):
        kcc.LeNet5(weights=checkpoint)


def test_a_damaged_file(tmp_path):
    (tmp_path / "net.pth").write_bytes(b"PK\3\4 not a zip")
    with pytest.raises(WeightsFileError, match="cannot be read"):
        kcc.SqueezeNet11(weights=tmp_path / "net.pth", **SHAPE)


def test_other_channels_of_a_file_are_refused(checkpoint):
    with pytest.raises(ValueError, match="`adapt_input=True` adapts"):
        kcc.SqueezeNet11(weights=checkpoint, input_shape=(64, 64, 4), classes=10)


def test_four_channels(checkpoint, trained):
    options = {"weights": checkpoint, "input_shape": (64, 64, 4), "classes": 10}
    model = kcc.SqueezeNet11(**options, adapt_input=True)
    kernel, theirs = (net.get_layer("stem_conv").kernel.numpy() for net in (model, trained))
    np.testing.assert_allclose(kernel[:, :, 3], theirs[:, :, 0] * 0.75, rtol=1e-6)
