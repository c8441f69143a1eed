"""Every public layer, against its descriptor."""

import inspect

import keras
import pytest
from cases import LAYERS
from harness import check_layer

from keras_classic_cnns import layers


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name):
    case = LAYERS[name]
    check_layer(case.make, case.input_shape, case.reference, has_gradient=case.has_gradient)


def test_every_public_layer_has_a_descriptor():
    public = {
        name
        for name in layers.__all__
        if inspect.isclass(getattr(layers, name))
        and issubclass(getattr(layers, name), keras.layers.Layer)
    }
    assert public == set(LAYERS)
