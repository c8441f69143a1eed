"""Reaching into built networks."""

import keras
import numpy as np
import pytest
from harness import images, randomise

import keras_classic_cnns as kcc


def test_endpoints_of_a_reloaded_model(tmp_path):
    kcc.ResNet20(input_shape=(16, 16, 3)).save(tmp_path / "m.keras")
    model = keras.saving.load_model(tmp_path / "m.keras")
    shapes = {name: tensor.shape[1:] for name, tensor in kcc.endpoints(model).items()}
    assert shapes == {
        "stem": (16, 16, 16),
        "stage1": (16, 16, 16),
        "stage2": (8, 8, 32),
        "stage3": (4, 4, 64),
    }


def test_feature_extractor_of_a_reloaded_model(tmp_path):
    model = kcc.ResNet20(input_shape=(16, 16, 3))
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    names = ["stage3", "stage1", "avg_pool"]
    x = images(2, 16, 16, 3)
    features = kcc.feature_extractor(again, names).predict(x, verbose=0)
    expected = kcc.feature_extractor(model, names).predict(x, verbose=0)
    assert features["stage1"].shape == (2, 16, 16, 16)
    for name in names:
        np.testing.assert_allclose(features[name], expected[name], atol=1e-5)


def test_a_feature_extractor_shares_its_weights():
    model = kcc.ResNet18(include_top=False, input_shape=(64, 64, 3), weights=None)
    extractor = kcc.feature_extractor(model, list(kcc.endpoints(model)))
    assert extractor.output["stage4"].shape == (None, 2, 2, 512)
    assert extractor.get_layer("stem_conv").kernel is model.get_layer("stem_conv").kernel


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["stage9"], ValueError, "neither an endpoint nor a layer .* Did you mean 'stage"),
        ([], ValueError, "at least one name"),
        (["stage1", "stage1"], ValueError, "none twice"),
        ("stage1", TypeError, "must be a list of names. Received: names='stage1'"),
    ],
)
def test_names_that_are_not_there(names, error, message):
    model = kcc.ResNet20(input_shape=(8, 8, 3))
    with pytest.raises(error, match=message):
        kcc.feature_extractor(model, names)


def narrow_fractal(**options):
    widths = (4, 4, 6, 6, 8)
    return kcc.FractalNet20(widths=widths, classifier_activation=None, **options)


def test_a_column_has_its_own_parameters_only():
    """Column c has 2**(c - 1) convolutions a block."""
    model, widths = narrow_fractal(), (3, 4, 4, 6, 6, 8)
    for number in (1, 2, 3):
        column = kcc.column(model, number)
        convolutions = sum(
            9 * w * w * (2 ** (number - 1) - 1) + 9 * v * w
            for v, w in zip(widths, widths[1:], strict=False)
        )
        normalisations = 4 * sum(widths[1:]) * 2 ** (number - 1)
        assert column.count_params() == convolutions + normalisations + 8 * 10 + 10
        assert column.name == f"fractalnet20_column{number}"
        assert column.output_shape == model.output_shape


def test_a_column_shares_its_weights_and_leaves_the_network_as_it_was():
    model = narrow_fractal()
    x = images(2, 32, 32, 3)
    before, ends = model(x), list(kcc.endpoints(model).values())
    column = kcc.column(model, 2)
    kernel = column.get_layer("stage1_column2_conv1").kernel
    assert kernel is model.get_layer("stage1_column2_conv1").kernel
    np.testing.assert_array_equal(model(x), before)
    assert all(a is b for a, b in zip(kcc.endpoints(model).values(), ends, strict=True))
    kernel.assign(kernel + 1)
    assert np.any(np.asarray(model(x)) != before)


def test_a_column_is_its_layers_one_behind_the_other():
    model = narrow_fractal()
    randomise(model)
    x = y = images(2, 32, 32, 3)
    for stage in range(1, 6):
        for i in range(1, 5):
            for kind in ("conv", "bn", "relu"):
                y = model.get_layer(f"stage{stage}_column3_{kind}{i}")(y)
        y = keras.ops.max_pool(y, 2)
    expected = model.get_layer("predictions")(keras.ops.mean(y, axis=(1, 2)))
    np.testing.assert_allclose(kcc.column(model, 3)(x), expected, rtol=1e-4, atol=1e-4)


def test_columns_of_a_reloaded_model_and_of_one_without_a_classifier(tmp_path):
    model = narrow_fractal()
    randomise(model)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    x = images(2, 32, 32, 3)
    outputs = [kcc.column(again, number)(x) for number in (1, 2, 3)]
    for number, output in enumerate(outputs, start=1):
        np.testing.assert_allclose(kcc.column(model, number)(x), output, rtol=1e-4, atol=1e-4)
        assert np.all(np.isfinite(output)) and np.ptp(output) > 0
    kcc.column(again, 1).save(tmp_path / "column.keras")
    shallow = keras.saving.load_model(tmp_path / "column.keras")
    np.testing.assert_allclose(shallow(x), outputs[0], rtol=1e-4, atol=1e-4)
    body = narrow_fractal(include_top=False, drop_path=0.0)
    assert kcc.column(body, 1)(x).shape == (2, 1, 1, 8)


def test_a_column_of_a_network_upon_another_graph():
    image = keras.Input((64, 64, 1), name="sensor")
    left, right = (keras.layers.Conv2D(3, 2, strides=2)(image) for _ in range(2))
    model = narrow_fractal(input_tensor=keras.layers.Add()([left, right]))
    column = kcc.column(model, 1)
    assert column.input is image
    assert column(images(2, 64, 64, 1)).shape == (2, 10)


def test_inner_outputs_of_a_column_are_its_own(tmp_path):
    """Its layers were called before, in the whole net: those outputs are not the column's."""
    model = narrow_fractal()
    randomise(model)
    column = kcc.column(model, 1)
    column.save(tmp_path / "column.keras")
    again = keras.saving.load_model(tmp_path / "column.keras")
    clone = keras.models.clone_model(column)
    clone.set_weights(column.get_weights())
    names = [*kcc.endpoints(column), "predictions"]
    assert names[:-1] == [f"stage{i}" for i in range(1, 6)]
    x = images(2, 32, 32, 3)
    features = [kcc.feature_extractor(m, names) for m in (column, again, clone)]
    assert [f.count_params() for f in features] == [column.count_params()] * 3
    mine, reloaded, cloned = (f.predict(x, verbose=0) for f in features)
    for name in names:
        np.testing.assert_allclose(mine[name], reloaded[name], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(mine[name], cloned[name], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(mine["predictions"], column(x), rtol=1e-4, atol=1e-4)


def test_a_column_of_a_network_whose_layers_were_called_before():
    left, right = keras.layers.Conv2D(2, 1), keras.layers.Conv2D(2, 3, padding="same")
    join = kcc.layers.FractalJoin()
    for size in (4, 8):
        image = keras.Input((size, size, 3))
        model = keras.Model(image, join([left(image), right(image)]))
    x = images(2, 8, 8, 3)
    for number, layer in enumerate((left, right), start=1):
        np.testing.assert_allclose(kcc.column(model, number)(x), layer(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (0, ValueError, "`number` must be at least 1. Received: number=0"),
        (4, ValueError, "`number` must be at most 3. Received: number=4"),
        (1.0, TypeError, "`number` must be an integer. Received: number=1.0"),
    ],
)
def test_a_column_that_is_not_there(number, error, message):
    with pytest.raises(error, match=message):
        kcc.column(narrow_fractal(), number)


def test_a_model_without_columns():
    with pytest.raises(ValueError, match="no FractalJoin, so it has no columns. Received: model="):
        kcc.column(kcc.ResNet20(), 1)
    with pytest.raises(TypeError, match="functional keras.Model with one output. Received: model="):
        kcc.column("fractalnet20", 1)


def test_a_foreign_model_is_refused():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="foreign")
    with pytest.raises(ValueError, match="no layers named .* Received: model='foreign'"):
        kcc.endpoints(model)


@pytest.mark.parametrize("model", [5, "resnet20", keras.Sequential(), keras.Model()])
def test_what_is_no_functional_model_is_refused(model):
    message = "`model` must be a functional keras.Model. Received: model="
    with pytest.raises(TypeError, match=message):
        kcc.endpoints(model)
    with pytest.raises(TypeError, match=message):
        kcc.feature_extractor(model, ["stage1"])


def test_batch_normalisation_inside_of_layers_is_frozen_and_comes_back():
    model = kcc.DenseNet40_12(input_shape=(8, 8, 3))
    x = images(4, 8, 8, 3)
    before = [w.numpy() for w in model.non_trainable_weights if "moving" in w.name]
    kcc.freeze_batch_norm(model)
    assert {w.name for w in model.trainable_weights} == {"kernel", "bias"}
    model(x, training=True)
    frozen = [w for w in model.weights if "moving" in w.name]
    assert len(frozen) == len(before) == 78
    assert not any(w.numpy().any() for w in frozen if w.name == "moving_mean")
    kcc.freeze_batch_norm(model, frozen=False)
    model(x, training=True)
    assert all(w.numpy().any() for w in frozen)
    assert "gamma" in {w.name for w in model.trainable_weights}


def test_only_models_can_be_frozen():
    with pytest.raises(TypeError, match="`model` must be a keras.Model"):
        kcc.freeze_batch_norm(keras.layers.Dense(2))
    with pytest.raises(TypeError, match="`frozen` must be True or False"):
        kcc.freeze_batch_norm(kcc.ResNet20(input_shape=(8, 8, 3)), frozen=1)
