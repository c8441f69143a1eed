"""The layers of Keras 3 files: their names, and files that are not what they should be."""

import zipfile

import h5py
import keras
import ml_dtypes
import numpy as np
import pytest

from keras_classic_cnns.core.errors import WeightsFileError
from keras_classic_cnns.layers import Fire
from keras_classic_cnns.weights.readers import read_layers

ENDINGS = pytest.mark.parametrize("ending", [".keras", ".weights.h5"])


def net(dtype="float32"):
    image = keras.Input((4, 4, 3), name="image")
    x = Fire(2, 4, 4, name="fire", dtype=dtype)(image)
    x = keras.layers.Flatten(name="flatten")(x)
    return keras.Model(image, keras.layers.Dense(5, name="predictions", dtype=dtype)(x))


def saved(path, dtype="float32"):
    model = net(dtype)
    model.save(path) if path.suffix == ".keras" else model.save_weights(path)
    return model


@ENDINGS
def test_layers_and_sublayers_by_name(tmp_path, ending):
    path = tmp_path / f"net{ending}"
    model = saved(path)
    layers = read_layers(path)
    assert layers["flatten"] == ("flatten", [])
    assert layers["predictions"].kind == "dense"
    assert layers["fire/squeeze"].kind == "squeeze"
    for name in ("fire/squeeze", "predictions"):
        layer = model.get_layer(name.split("/")[0])
        expected = (layer.squeeze if "/" in name else layer).weights
        for array, weight in zip(layers[name].arrays, expected, strict=True):
            np.testing.assert_array_equal(array, weight)


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16"])
def test_numbers_keep_their_type(tmp_path, dtype):
    model = saved(tmp_path / "net.weights.h5", dtype)
    kernel = read_layers(tmp_path / "net.weights.h5")["predictions"].arrays[0]
    assert kernel.dtype == (ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    np.testing.assert_array_equal(kernel, keras.ops.convert_to_numpy(model.layers[-1].kernel))


def test_weights_beyond_the_ninth_keep_their_order(tmp_path):
    with h5py.File(tmp_path / "net.weights.h5", "w") as file:
        group = file.create_group("layers/many/vars")
        group.attrs["name"] = "many"
        for index in range(12):
            group[str(index)] = np.full(3, index, "float32")
    arrays = read_layers(tmp_path / "net.weights.h5")["many"].arrays
    assert [array[0] for array in arrays] == list(range(12))


def no_layers(file):
    del file["layers"]


def soft_link(file):
    file["layers/flatten/more"] = h5py.SoftLink("/layers/dense")


def number_as_name(file):
    file["layers/dense/vars"].attrs["name"] = 3


def huge(file):
    del file["layers/dense/vars/1"]
    file["layers/dense/vars"].create_dataset("1", (1 << 40,), "float32", chunks=(1024,))


@ENDINGS
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (no_layers, "does not itself hold 'layers'"),
        (soft_link, "does not itself hold 'more'"),
        (number_as_name, "The name of a layer is no text"),
        (huge, "far more than a file of"),
    ],
)
def test_refuses(tmp_path, ending, change, message):
    path, inner = tmp_path / f"net{ending}", tmp_path / "inner.weights.h5"
    saved(inner)
    with h5py.File(inner, "a") as file:
        change(file)
    if ending == ".keras":
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(inner, "model.weights.h5")
    else:
        inner.rename(path)
    with pytest.raises(WeightsFileError, match=f"{message}.*Received: path='.*net{ending}'"):
        read_layers(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(WeightsFileError, match="cannot be read"):
        read_layers(tmp_path / "none.weights.h5")
    with pytest.raises(WeightsFileError, match="cannot be read"):
        read_layers(tmp_path / "none.keras")
