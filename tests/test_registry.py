"""Names lead to records and builders."""

import keras
import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns import registry


def test_list_models_is_sorted_and_takes_patterns():
    assert kcc.list_models() == sorted(kcc.list_models())
    assert kcc.list_models("ResNeXt101*") == ["resnext101", "resnext101_32x4d", "resnext101_64x4d"]
    assert kcc.list_models("nothing*") == []
    with pytest.raises(TypeError, match="`pattern` must be a string. Received: pattern=3"):
        kcc.list_models(3)


def test_all_ways_lead_to_the_same_builder():
    for name in kcc.list_models():
        spec = kcc.get_spec(name)
        assert kcc.get_spec(spec.constructor) is spec
        assert getattr(kcc, spec.constructor) is registry.get_builder(name)


def test_get_model_passes_arguments_on():
    model = kcc.get_model("resnet20", name="mine", classes=3)
    assert model.name == "mine" and model.output_shape == (None, 3)


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(ValueError, match=r"Did you mean 'resnext50'.* Received: name='resnext5O'"):
        kcc.get_model("resnext5O")


def test_spec_of():
    assert kcc.registry.spec_of(kcc.ResNet20()).name == "resnet20"
    assert kcc.registry.spec_of(kcc.ResNet20(name="mine")) is None


@pytest.mark.parametrize("inputs", [["input_layer"], ["image", "mask"], []])
def test_the_name_alone_does_not_make_a_model_ours(inputs):
    """keras.applications has a "resnet50" as well."""
    if not inputs:  # without a graph
        assert kcc.registry.spec_of(keras.Sequential(name="resnet50")) is None
        assert kcc.registry.spec_of("resnet50") is None
        return
    images = [keras.Input((8, 8, 3), name=name) for name in inputs]
    model = keras.Model(images, keras.layers.Concatenate()([*images, *images]), name="resnet50")
    assert kcc.registry.spec_of(model) is None


def test_a_name_is_taken_once():
    with pytest.raises(ValueError, match="A model of this name exists. Received: name='lenet5'"):
        registry.register(kcc.get_spec("lenet5"), kcc.LeNet5)
