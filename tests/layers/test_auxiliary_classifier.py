"""A dense layer that remembers the weight of its loss."""

import pytest

from keras_classic_cnns.layers import AuxiliaryClassifier


def test_it_keeps_its_weight():
    layer = AuxiliaryClassifier(10, "softmax", loss_weight=0.4)
    assert AuxiliaryClassifier.from_config(layer.get_config()).loss_weight == 0.4


def test_a_weight_below_zero():
    with pytest.raises(ValueError, match="`loss_weight` must be at least 0"):
        AuxiliaryClassifier(10, loss_weight=-1)
