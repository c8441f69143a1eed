"""Whatever a constructor is given, it builds a model or names the argument."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import keras_classic_cnns as kcc
from keras_classic_cnns import application

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 70), st.floats(), st.text(max_size=5), st.just([])
)
SIZES = st.one_of(st.integers(-1, 40), st.none())
SHAPES = st.tuples(SIZES, SIZES, st.integers(-1, 5))


def _of_numpy(shape):
    return tuple(size if size is None else np.int64(size) for size in shape)


ARGUMENTS = {
    "include_top": st.one_of(st.booleans(), st.booleans().map(np.bool_), JUNK),
    "weights": st.one_of(st.none(), JUNK),
    "input_tensor": st.one_of(st.none(), JUNK),
    "input_shape": st.one_of(st.none(), SHAPES, SHAPES.map(_of_numpy), JUNK),
    "pooling": st.one_of(st.sampled_from([None, "avg", "max"]), JUNK),
    "classes": st.one_of(st.integers(1, 20), st.integers(1, 20).map(np.int64), JUNK),
    "classifier_activation": st.one_of(st.sampled_from([None, "softmax", "sigmoid"]), JUNK),
    "name": st.one_of(st.none(), st.text("abc_", min_size=1), JUNK),
    "variant": st.one_of(st.sampled_from(["modern", "1998"]), JUNK),
}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(arguments=st.fixed_dictionaries({}, optional=ARGUMENTS))
def test_builds_or_names_the_argument(arguments):
    try:
        model = kcc.LeNet5(**arguments)
    except (ValueError, TypeError) as error:
        assert any(f"`{name}`" in str(error) or f"{name}=" in str(error) for name in arguments), (
            arguments,
            str(error),
        )
    else:
        assert isinstance(model, keras.Model)
        assert (model.layers[-1].name == "predictions") == arguments.get("include_top", True)


def test_classes_may_be_a_numpy_integer(tmp_path):
    model = kcc.ResNet20(classes=np.int64(3), input_shape=(8, 8, 3))
    model.save(tmp_path / "m.keras")
    assert keras.saving.load_model(tmp_path / "m.keras").output_shape == (None, 3)


def test_a_model_of_any_family_can_be_built_on_a_tensor():
    image = keras.Input((64, 64, 5))
    x = keras.layers.Conv2D(1, 3, padding="same")(image)
    model = kcc.LeNet5(input_tensor=x)
    assert model.input is image and model.output_shape == (None, 10)


def test_head_dtype_follows_the_policy():
    assert application.head_dtype() is None
    keras.config.set_dtype_policy("mixed_float16")
    assert application.head_dtype() == "float32"


def test_the_name_of_the_function_in_its_errors():
    with pytest.raises(TypeError, match=r"LeNet5\(\) has no argument `size`"):
        kcc.LeNet5(size=3)
