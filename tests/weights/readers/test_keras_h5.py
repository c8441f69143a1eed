"""The HDF5 files of Keras 2 and 3."""

import h5py
import keras
import numpy as np
import pytest
from weights.readers import weight_files as files

from keras_classic_cnns.core.errors import WeightsFileError
from keras_classic_cnns.weights.readers import read_arrays


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.bin"


def write(path, layers, group="", fixed=True):
    """A file of Keras 2: the names of variables by layer; each holds its number, in float32."""
    as_names = (lambda names: np.array(names, "S")) if fixed else list
    with h5py.File(path, "w") as file:
        root = file.require_group(group) if group else file
        root.attrs["layer_names"] = as_names([layer.encode() for layer in layers])
        number = 0
        for layer, names in layers.items():
            inner = root.create_group(layer)
            inner.attrs["weight_names"] = as_names([name.encode() for name in names])
            for name in names:
                inner[name] = np.full((2, 3), number, "f4")
                number += 1


LAYERS = {
    "z_conv": ["z_conv/kernel:0", "z_conv/bias:0"],
    "relu": [],
    "bn": ["bn/gamma:0", "bn/beta:0", "bn/moving_mean:0", "bn/moving_variance:0"],
    "a_sep": ["a_sep/depthwise_kernel:0", "a_sep/pointwise_kernel:0"],
}
KEYS = [
    *("z_conv/kernel", "z_conv/bias"),
    *("bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance"),
    *("a_sep/depthwise_kernel", "a_sep/pointwise_kernel"),
]


@pytest.mark.parametrize("group", ["", "model_weights"])
@pytest.mark.parametrize("fixed", [True, False])
def test_keys_of_keras_2_in_the_order_of_the_file(path, group, fixed):
    write(path, LAYERS, group, fixed)
    arrays = read_arrays(path)
    assert list(arrays) == KEYS
    assert [int(array[0, 0]) for array in arrays.values()] == list(range(8))


@pytest.mark.parametrize(
    ("layer", "names", "keys"),
    [
        ("block1", ["block1_W_1:0", "block1_b_1:0"], ["block1/kernel", "block1/bias"]),
        ("b", ["b_gamma:0", "b_running_std:0"], ["b/gamma", "b/moving_variance"]),
        ("c", ["c_1/kernel_1:0", "c_1/bias_2:0"], ["c/kernel", "c/bias"]),
        ("c", ["c/kernel"], ["c/kernel"]),
        ("c", ["scope/c/kernel:0", "scope/c/bias:0"], ["c/kernel", "c/bias"]),
        ("n", ["n/mean:0", "n/count:0"], ["n/mean", "n/count"]),
        ("sub", ["x/kernel:0", "y/kernel:0"], ["sub/x/kernel", "sub/y/kernel"]),
        ("body", ["net/body/unit/conv/kernel:0"], ["body/net/body/unit/conv/kernel"]),
        ("rnn", ["rnn/kernel:0", "rnn/recurrent_kernel:0"], ["rnn/rnn/kernel", None]),
    ],
)
def test_names_of_variables(path, layer, names, keys):
    write(path, {layer: names})
    found = list(read_arrays(path))
    assert found == [key or found[index] for index, key in enumerate(keys)]


def test_long_lists_of_names_are_cut(path):
    write(path, LAYERS)
    with h5py.File(path, "a") as file:
        names = file.attrs["layer_names"]
        del file.attrs["layer_names"]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = names[:1], names[1:]
    assert list(read_arrays(path)) == KEYS


def small_net():
    image = keras.Input((8, 8, 3))
    x = keras.layers.SeparableConv2D(4, 3, name="sep")(image)
    x = keras.layers.BatchNormalization(name="bn")(x)
    model = keras.Model(image, keras.layers.Dense(2, name="head")(x))
    model.set_weights([np.random.default_rng(0).normal(size=w.shape) for w in model.weights])
    return model


def test_what_keras_3_writes(tmp_path):
    model = small_net()
    wanted = sorted(w.numpy().tobytes() for w in model.weights)
    model.save(tmp_path / "net.keras")
    model.save_weights(tmp_path / "net.weights.h5")
    for name in ("net.keras", "net.weights.h5"):
        arrays = read_arrays(tmp_path / name)
        assert sorted(array.tobytes() for array in arrays.values()) == wanted
        assert "layers/separable_conv2d/vars/0" in arrays


def test_what_keras_3_writes_in_the_format_of_keras_2(tmp_path):
    model = small_net()
    model.save(tmp_path / "net.h5")
    arrays = read_arrays(tmp_path / "net.h5")
    assert list(arrays)[:4] == ["sep/depthwise_kernel", "sep/pointwise_kernel", "sep/bias"] + [
        "bn/gamma"
    ]
    np.testing.assert_array_equal(arrays["head/kernel"], model.get_layer("head").kernel)


def test_bfloat16_and_compressed_numbers(path, tmp_path):
    keras.config.set_dtype_policy("bfloat16")
    model = small_net()
    model.save_weights(tmp_path / "net.weights.h5")
    kernel = np.asarray(model.get_layer("head").kernel).astype("f4")
    found = [a for a in read_arrays(tmp_path / "net.weights.h5").values() if a.shape == (4, 2)]
    np.testing.assert_array_equal(found, [kernel])
    with h5py.File(path, "w") as file:
        file.create_dataset("vars/0", data=np.arange(100.0), compression="gzip")
        file["vars/1"] = np.arange(3, dtype=">f2")
    arrays = read_arrays(path)
    np.testing.assert_array_equal(arrays["vars/0"], np.arange(100))
    np.testing.assert_array_equal(arrays["vars/1"], np.arange(3))
    assert {array.dtype for array in arrays.values()} == {np.dtype("f4")}


def soft(file, path):
    file["vars/0"] = h5py.SoftLink("/elsewhere")


def external_link(file, path):
    file["vars/0"] = h5py.ExternalLink("other.h5", "/x")


def external_numbers(file, path):
    file.create_dataset("vars/0", (3,), "u1", external=[(str(path), 0, 3)])


def virtual(file, path):
    layout = h5py.VirtualLayout((3,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (3,))
    file.create_virtual_dataset("vars/0", layout)


def strings(file, path):
    file["vars/0"] = ["a", "b"]


def huge(file, path):
    file.create_dataset("vars/0", (1 << 40,), "f4", chunks=(1 << 20,))


def unwritten(file, path):
    file.create_dataset("vars/0", (1 << 10,), "f4")


def bomb(file, path):
    file.create_dataset("vars/0", data=np.zeros(1 << 23), compression="gzip", chunks=(1 << 21,))


def circle(file, path):
    file["vars/0"] = np.zeros(3)
    file["vars/again"] = file["vars"]


def empty(file, path):
    file["vars/0"] = h5py.Empty("f4")


def no_variables(file, path):
    file.create_group("layers")


def named_elsewhere(file, path):
    file.attrs["layer_names"] = np.array([b"conv"])
    file["conv"] = h5py.ExternalLink("other.h5", "/x")


def numbers_for_names(file, path):
    file.attrs["layer_names"] = [1, 2]


def unlisted(file, path):
    file.attrs["layer_names"] = np.array([b"conv"])
    file["conv/kernel:0"] = np.zeros(3)


def twice(file, path):
    file.attrs["layer_names"] = np.array([b"conv", b"conv"])
    file.create_group("conv").attrs["weight_names"] = np.array([b"kernel:0"])
    file["conv/kernel:0"] = np.zeros(3)


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (soft, "It does not itself hold '0'"),
        (external_link, "It does not itself hold '0'"),
        (external_numbers, "has its numbers in another file"),
        (virtual, "has its numbers in another file"),
        (strings, "holds object, which is no type of a weight"),
        (huge, "would take 4,398,046,511,104 bytes"),
        (unwritten, "is larger than what is stored of it"),
        (bomb, "would take 67,108,864 bytes"),
        (circle, "in two places"),
        (empty, "has no numbers"),
        (no_variables, "without the variables of a Keras model"),
        (named_elsewhere, "It does not itself hold 'conv'"),
        (numbers_for_names, "The attribute layer_names has no names"),
        (unlisted, "The layer 'conv' does not list its variables"),
        (twice, "the key 'conv/kernel' twice"),
    ],
)
def test_wrong_files_are_refused(path, fill, message):
    with h5py.File(path, "w") as file:
        fill(file, path)
    with pytest.raises(WeightsFileError, match=message):
        read_arrays(path)


def test_an_archive_without_hdf5_in_it_is_refused(refused):
    content = files.archive({"config.json": b"{}", "model.weights.h5": b"\x80\x02N."})
    refused(content, "a pickle that torch.save did not write")


def changed(path, old, new):
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def test_heaps_of_strings_without_an_end_are_refused(path):
    """HDF5 goes round in circles in them, so that this test would not end."""
    write(path, LAYERS, fixed=False)
    changed(path, b"\x02\0\0\0\0\0\0\0bn\0\0\0\0\0\0", bytes(16))
    with pytest.raises(WeightsFileError, match="a heap of strings without an end"):
        read_arrays(path)


def test_strings_longer_than_the_file_are_refused(path):
    """HDF5 allocates what a string says of its length, before it looks for it."""
    write(path, {"convolution": []}, fixed=False)
    content = path.read_bytes()
    place = content.index(b"\x0b\0\0\0", content.index(b"layer_names\0"))
    path.write_bytes(content[:place] + b"\xff\xff\xff\xff" + content[place + 4 :])
    with pytest.raises(WeightsFileError, match="names that are longer than the file"):
        read_arrays(path)


def test_other_sizes_of_addresses_are_refused(path):
    write(path, LAYERS)
    content = bytearray(path.read_bytes())
    content[13] = 4
    path.write_bytes(content)
    with pytest.raises(WeightsFileError, match="of an uncommon kind"):
        read_arrays(path)
