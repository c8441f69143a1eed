"""What a model's last layers say about its outputs."""

import keras
import pytest
from keras import layers

import keras_classic_cnns as kcc
from keras_classic_cnns.application.classifier import Head, read_head
from keras_classic_cnns.core.errors import UnsupportedModelError


def classifier(*tail):
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Flatten(), *tail])


@pytest.mark.parametrize(
    ("tail", "logits"),
    [
        ([layers.Dense(4, activation="softmax")], False),
        ([layers.Dense(4, activation="sigmoid")], False),
        ([layers.Dense(4)], True),
        ([layers.Dense(4, activation="log_softmax")], True),
        ([layers.Dense(4), layers.Softmax()], False),
        ([layers.Dense(4), layers.Activation("softmax", dtype="float32")], False),
        ([layers.Dense(4, "softmax"), layers.Activation("linear", dtype="float32")], False),
        ([layers.Dense(4, "softmax"), layers.Dropout(0.5), layers.Reshape((4,))], False),
        ([layers.ReLU(), layers.Activation("linear")], True),
        ([keras.Sequential([layers.Dense(4, "softmax")])], False),
        ([keras.Sequential([layers.Dense(4)]), layers.Dropout(0.1)], True),
    ],
)
def test_activation_decides(tail, logits):
    model = classifier(*tail)
    assert read_head(model) == Head(classes=model.output_shape[1], logits=logits)


@pytest.mark.parametrize(("activation", "logits"), [("softmax", False), (None, True)])
@pytest.mark.parametrize("variant", ["modern", "1998"])
def test_both_heads_of_lenet(variant, activation, logits):
    model = kcc.LeNet5(variant=variant, classifier_activation=activation)
    assert read_head(model) == Head(10, logits)


def test_softmax_of_keras_ops():
    image = keras.Input((8, 8, 3))
    x = layers.Dense(4)(layers.Flatten()(image))
    assert not read_head(keras.Model(image, keras.ops.softmax(x))).logits


def test_one_entry_dicts_are_one_input_and_output():
    image = keras.Input((8, 8, 3), name="image")
    x = layers.Dense(4)(layers.Flatten()(image))
    assert read_head(keras.Model({"image": image}, {"logits": x})) == Head(4, logits=True)


def two_outputs():
    image = keras.Input((8, 8, 3))
    x = layers.Flatten()(image)
    return keras.Model(image, [layers.Dense(4)(x), layers.Dense(4)(x)])


def two_inputs():
    images = [keras.Input((8, 8, 3)), keras.Input((8, 8, 3))]
    return keras.Model(images, layers.Dense(4)(layers.Flatten()(layers.Add()(images))))


class Subclassed(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (two_outputs, r"one output, but has 2; keep the one"),
        (two_inputs, r"one image input .* but has inputs of shape \[\(None, 8, 8, 3\), \("),
        (Subclassed, r"Functional model or a built Sequential"),
        (lambda: keras.Sequential([layers.Dense(4)]), r"Functional model or a built Sequential"),
        (lambda: keras.Sequential([keras.Input((8,)), layers.Dense(4)]), r"one image input"),
        (lambda: classifier(layers.Dense(1, "sigmoid")), r"at least 2 classes.*has 1 output unit"),
        (lambda: classifier(layers.ReLU()), r"its last layer 're_lu\w*' \(ReLU\) says"),
        (lambda: classifier(layers.Dense(4, "relu")), r"\(Dense\) says neither softmax"),
        (
            lambda: keras.Sequential([keras.Input((8, 8, 3)), layers.GlobalAveragePooling2D()]),
            r"\(GlobalAveragePooling2D\) says neither .* append keras.layers.Softmax\(\)",
        ),
        (
            lambda: keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 1)]),
            r"output of shape \(batch, classes\), .* shape \(None, 8, 8, 4\)",
        ),
    ],
)
def test_other_models_are_refused(make, message):
    with pytest.raises(UnsupportedModelError, match=message + r".*Received: model=<"):
        read_head(make())


def test_the_refusal_does_not_speak_of_export():
    """`Recipe.compile`, `evaluate` and `predict` read heads too."""
    with pytest.raises(UnsupportedModelError) as error:
        read_head(classifier(layers.Dense(4, "relu")))
    assert str(error.value).startswith("`model` cannot be used as an image classifier. It must end")


def test_not_a_model():
    with pytest.raises(TypeError, match=r"keras.Model. Received: model='resnet50'"):
        read_head("resnet50")
