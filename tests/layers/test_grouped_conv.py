"""GroupedConv2D against an independent reference in float64, and against keras.layers.Conv2D."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_classic_cnns.layers import _tensorflow, grouped_conv
from keras_classic_cnns.layers.grouped_conv import GroupedConv2D, merged_groups

IMPLEMENTATIONS = ("auto", "native", "merged", "split")
NATIVE_TRAINS = _tensorflow.onednn_trains_groups("float32") or _tensorflow.has_accelerator()


class Reference:
    """A grouped convolution as sums over kernel taps and groups, in float64 numpy."""

    def __init__(self, x, kernel, *, groups, strides, padding, dilation):
        self.kernel = kernel.astype("float64")
        self.groups, self.strides, self.dilation = groups, strides, dilation
        spans = [(k - 1) * d + 1 for k, d in zip(kernel.shape[:2], dilation, strict=True)]
        self.pads = [(0, 0), (0, 0)]
        if padding == "same":
            totals = [
                max((-(-n // s) - 1) * s + span - n, 0)
                for n, s, span in zip(x.shape[1:3], strides, spans, strict=True)
            ]
            self.pads = [(total // 2, total - total // 2) for total in totals]
        self.x = np.pad(x.astype("float64"), [(0, 0), *self.pads, (0, 0)])
        self.size = [
            (n - span) // s + 1
            for n, s, span in zip(self.x.shape[1:3], strides, spans, strict=True)
        ]

    def taps(self):
        """Yields, for each kernel tap and group, what selects it in input, kernel and output."""
        for i, j in np.ndindex(*self.kernel.shape[:2]):
            rows, columns = (
                slice(t * d, t * d + s * (n - 1) + 1, s)
                for t, d, s, n in zip((i, j), self.dilation, self.strides, self.size, strict=True)
            )
            depth, filters = self.kernel.shape[2], self.kernel.shape[3] // self.groups
            for g in range(self.groups):
                ins = slice(g * depth, (g + 1) * depth)
                outs = slice(g * filters, (g + 1) * filters)
                yield (..., rows, columns, ins), (i, j, slice(None), outs), (..., outs)

    def output(self):
        y = np.zeros((len(self.x), *self.size, self.kernel.shape[3]))
        for x, k, out in self.taps():
            y[out] += self.x[x] @ self.kernel[k]
        return y

    def gradients(self, upstream):
        """Gradients of sum(upstream * output) with respect to input and kernel."""
        dx, dk = np.zeros_like(self.x), np.zeros_like(self.kernel)
        for x, k, out in self.taps():
            dx[x] += upstream[out] @ self.kernel[k].T
            dk[k] += np.einsum("bhwi,bhwo->io", self.x[x], upstream[out])
        (top, bottom), (left, right) = self.pads
        height, width = dx.shape[1:3]
        return dx[:, top : height - bottom, left : width - right], dk


def built(shape, *args, seed=0, dtype=None, **kwargs):
    layer = GroupedConv2D(*args, dtype=dtype, **kwargs)
    layer.build(shape)
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    return layer


def random_input(shape, dtype="float32"):
    return np.random.default_rng(7).normal(size=shape).astype(dtype)


def differentiate(layer, x, upstream):
    """Output and gradients of sum(upstream * output) for input and kernel."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_sum(tf.cast(y, "float32") * upstream)
    gradients = tape.gradient(loss, [x, layer._kernel.value])
    return (y, *gradients)


def to_numpy(tensor):
    return tf.cast(tensor, "float64").numpy()


@st.composite
def convolutions(draw):
    groups = draw(st.sampled_from([2, 3, 4, 6, 8]))
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    # Keras refuses strides and dilation at once
    strides, dilation = draw(pair), (1, 1)
    if draw(st.booleans()):
        strides, dilation = dilation, strides
    return {
        "batch": draw(st.integers(1, 3)),
        "size": draw(st.tuples(st.integers(7, 10), st.integers(7, 10))),
        "depth": draw(st.integers(1, 5)),
        "filters": groups * draw(st.integers(1, 5)),
        "groups": groups,
        "kernel_size": draw(pair),
        "strides": strides,
        "dilation": dilation,
        "padding": draw(st.sampled_from(["same", "valid"])),
    }


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(case=convolutions())
def test_output_and_gradients_equal_the_reference(implementation, case):
    x = random_input((case["batch"], *case["size"], case["depth"] * case["groups"]))
    layer = built(
        x.shape,
        case["filters"],
        case["kernel_size"],
        strides=case["strides"],
        padding=case["padding"],
        dilation_rate=case["dilation"],
        groups=case["groups"],
        use_bias=False,
        implementation=implementation,
    )
    reference = Reference(
        x,
        layer.kernel.numpy(),
        groups=case["groups"],
        strides=case["strides"],
        padding=case["padding"],
        dilation=case["dilation"],
    )
    expected = reference.output()
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-4)
    if implementation == "native" and not NATIVE_TRAINS:
        return
    upstream = np.random.default_rng(1).normal(size=expected.shape).astype("float32")
    _, *gradients = differentiate(layer, x, upstream)
    for gradient, wanted in zip(gradients, reference.gradients(upstream), strict=True):
        np.testing.assert_allclose(gradient, wanted, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_takes_the_weights_of_keras_and_gives_its_output(implementation):
    arguments = dict(
        filters=24, kernel_size=3, strides=2, padding="same", groups=4, activation="relu"
    )
    theirs = keras.layers.Conv2D(**arguments, bias_initializer="normal")
    x = random_input((2, 9, 9, 8))
    expected = theirs(x)
    ours = GroupedConv2D(**arguments, implementation=implementation)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    assert [w.path.split("/")[-1] for w in ours.weights] == ["kernel", "bias"]
    np.testing.assert_allclose(ours(x), expected, atol=1e-5)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize(
    ("policy", "out", "tolerance"),
    [
        ("float16", "float16", 1e-2),
        ("bfloat16", "bfloat16", 6e-2),
        ("mixed_float16", "float16", 1e-2),
        ("mixed_bfloat16", "bfloat16", 6e-2),
        ("float64", "float64", 1e-12),
    ],
)
def test_data_types(implementation, policy, out, tolerance):
    layer = built(
        (2, 8, 8, 32), 64, 3, groups=8, use_bias=False, dtype=policy, implementation=implementation
    )
    x = tf.cast(random_input((2, 8, 8, 32)), out)
    kernel = to_numpy(tf.cast(layer.kernel.value, out))
    reference = Reference(
        to_numpy(x), kernel, groups=8, strides=(1, 1), padding="valid", dilation=(1, 1)
    )
    y = layer(x)
    assert y.dtype == out
    scale = np.abs(reference.output()).max()
    np.testing.assert_allclose(to_numpy(y), reference.output(), atol=tolerance * scale)
    trains = _tensorflow.onednn_trains_groups(out) or _tensorflow.has_accelerator()
    if implementation == "native" and not trains:
        return
    upstream = np.ones(y.shape, "float32")
    _, *gradients = differentiate(layer, x, upstream)
    for gradient, wanted in zip(gradients, reference.gradients(upstream), strict=True):
        scale = np.abs(wanted).max()
        np.testing.assert_allclose(to_numpy(gradient), wanted, atol=tolerance * scale)


@pytest.mark.parametrize("implementation", ["auto", "merged", "split"])
def test_trains_compiled_by_xla(implementation):
    layer = built((1, 6, 6, 8), 8, 3, groups=4, implementation=implementation)
    x, upstream = random_input((1, 6, 6, 8)), np.ones((1, 4, 4, 8), "float32")
    plain = differentiate(layer, x, upstream)
    compiled = tf.function(lambda: differentiate(layer, x, upstream), jit_compile=True)()
    for a, b in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def convolutions_in(function):
    """How many convolutions a graph holds, however deep."""
    graph = function.graph.as_graph_def()
    bodies = [graph.node, *(body.node_def for body in graph.library.function)]
    return sum(node.op == "Conv2D" for body in bodies for node in body)


def traced(layer, function=None, **options):
    spec = tf.TensorSpec((None, 8, 8, 32), layer.compute_dtype)
    return tf.function(function or layer, input_signature=[spec], **options).get_concrete_function()


def test_auto_is_native_where_it_trains_and_merged_elsewhere(monkeypatch):
    def count(implementation="auto", **options):
        layer = built((None, 8, 8, 32), 32, 3, groups=8, implementation=implementation)
        return convolutions_in(traced(layer, **options))

    assert (count("native"), count("merged"), count("split")) == (1, 2, 8)
    monkeypatch.setattr(grouped_conv, "onednn_trains_groups", lambda dtype: True)
    assert count() == 1
    assert count(jit_compile=True) == 2  # XLA's gradient of the native form is slow on CPU
    monkeypatch.setattr(grouped_conv, "onednn_trains_groups", lambda dtype: False)
    assert count() == 2
    monkeypatch.setattr(grouped_conv, "has_accelerator", lambda: True)
    assert count() == count(jit_compile=True) == 1


def test_a_place_on_the_cpu_counts_more_than_a_gpu_that_is_there(monkeypatch):
    """TensorFlow trains no grouped convolution in double precision on the CPU."""
    monkeypatch.setattr(
        tf.config, "list_logical_devices", lambda kind: ["GPU:0"] if kind == "GPU" else []
    )
    layer = built((None, 8, 8, 32), 32, 3, groups=8, dtype="float64")

    def placed(x):
        with tf.device("CPU:0"):
            return layer(x)

    assert convolutions_in(traced(layer)) == 1
    assert convolutions_in(traced(layer, function=placed)) == 2
    with tf.device("CPU:0"):
        assert convolutions_in(traced(layer)) == 2
        x = random_input((1, 8, 8, 32)).astype("float64")
        differentiate(layer, x, np.ones((1, 6, 6, 32)))


def test_half_precision_is_not_taken_by_onednn_unasked():
    assert not _tensorflow.onednn_trains_groups("float16")
    assert not _tensorflow.onednn_trains_groups("float64")


@pytest.mark.parametrize("form", ["auto", "native"])
def test_other_backends_use_keras_own_form(monkeypatch, form):
    layer = built((1, 8, 8, 8), 8, 3, groups=2, implementation=form)
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    monkeypatch.setattr(keras.layers.Conv2D, "convolution_op", lambda *args: "Keras's")
    assert layer.convolution_op(random_input((1, 8, 8, 8)), layer.kernel) == "Keras's"


def test_one_group_is_an_ordinary_convolution():
    x = random_input((2, 7, 7, 5))
    ours = built(x.shape, 6, 3)
    theirs = keras.layers.Conv2D(6, 3)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_array_equal(ours(x), theirs(x))


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_any_batch_and_any_map_size(implementation):
    inputs = keras.Input((None, None, 16))
    layer = GroupedConv2D(32, 3, strides=2, padding="same", groups=4, implementation=implementation)
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, None, 32)
    for shape in [(1, 5, 8, 16), (3, 11, 7, 16)]:
        x = random_input(shape)
        reference = Reference(
            x,
            layer.kernel.numpy(),
            groups=4,
            strides=(2, 2),
            padding="same",
            dilation=(1, 1),
        )
        np.testing.assert_allclose(model.predict(x, verbose=0), reference.output(), atol=1e-4)


def small_model(implementation="auto"):
    # bias and ReLU behind the convolution: what TensorFlow's graph optimizer fuses
    inputs = keras.Input((8, 8, 16))
    x = GroupedConv2D(32, 3, groups=8, activation="relu", implementation=implementation)(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(3)(x))


def test_fit_lowers_the_loss():
    keras.utils.set_random_seed(3)
    model = small_model()
    model.compile(keras.optimizers.Adam(0.01), "mse")
    x, y = random_input((16, 8, 8, 16)), random_input((16, 3))
    losses = model.fit(x, y, batch_size=8, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_low_rank_adaptation_changes_the_output():
    layer = built((1, 8, 8, 8), 8, 3, groups=2)
    x = random_input((1, 8, 8, 8))
    before = layer(x)
    layer.enable_lora(2)
    np.testing.assert_allclose(layer(x), before, atol=1e-5)
    layer.lora_kernel_b.assign(np.ones(layer.lora_kernel_b.shape))
    assert not np.allclose(layer(x), before, atol=1e-2)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_config_round_trip(implementation):
    layer = GroupedConv2D(
        8,
        (3, 1),
        strides=(1, 2),
        groups=2,
        kernel_regularizer="l2",
        implementation=implementation,
        name="grouped",
    )
    config = layer.get_config()
    assert config["implementation"] == implementation
    assert config["groups"] == 2
    assert GroupedConv2D.from_config(config).get_config() == config
    theirs = keras.layers.Conv2D.from_config(
        {key: value for key, value in config.items() if key != "implementation"}
    )
    assert theirs.get_config() == {k: v for k, v in config.items() if k != "implementation"}


def test_keras_file_reloads_in_safe_mode(tmp_path):
    model = small_model("merged")
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert reloaded.layers[1].implementation == "merged"
    x = random_input((2, 8, 8, 16))
    np.testing.assert_array_equal(reloaded(x), model(x))


SERVE = """
import sys
import numpy as np
import tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
np.save(sys.argv[1] + "/y.npy", model.serve(np.load(sys.argv[1] + "/x.npy")))
"""


def run_python(code, *arguments, onednn):
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": str(int(onednn))}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True)


@pytest.mark.parametrize("implementation", ["native", "merged"])
def test_saved_model_needs_neither_xla_nor_onednn(implementation, tmp_path):
    model = small_model(implementation)
    x = random_input((4, 8, 8, 16))
    model.export(str(tmp_path), verbose=False)
    assert b"_XlaMustCompile" not in (tmp_path / "saved_model.pb").read_bytes()
    np.save(tmp_path / "x.npy", x)
    run_python(SERVE, tmp_path, onednn=False)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model(x), atol=1e-5)


def test_keras_own_layer_leaves_xla_in_a_saved_model(tmp_path):
    """The reason for this layer; should it fail, Keras has changed and the layer may go."""
    inputs = keras.Input((8, 8, 16))
    model = keras.Model(inputs, keras.layers.Conv2D(16, 3, groups=4)(inputs))
    model.export(str(tmp_path), verbose=False)
    assert b"_XlaMustCompile" in (tmp_path / "saved_model.pb").read_bytes()


TRAIN = """
import keras
import numpy as np
import tensorflow as tf
from keras_classic_cnns.layers.grouped_conv import GroupedConv2D

layer = GroupedConv2D(16, 3, groups=4, kernel_initializer="ones")
x = tf.reshape(tf.range(512, dtype="float32"), (1, 8, 8, 8)) / 512

@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) ** 2)
    return tape.gradient(loss, layer._kernel.value)

layer.build(x.shape)
print(float(tf.reduce_sum(step())))
"""


def test_trains_with_and_without_onednn():
    with_it, without = (float(run_python(TRAIN, onednn=on).stdout) for on in (True, False))
    assert with_it == pytest.approx(without, rel=1e-5)


@pytest.mark.parametrize(
    ("groups", "depth", "expected"),
    [
        (32, 4, 4),  # the four stages of ResNeXt-50
        (32, 8, 4),
        (32, 16, 2),
        (32, 32, 1),
        (64, 2, 8),
        (2, 48, 1),
        (3, 5, 3),
        (6, 5, 6),
        (5, 1, 5),
        (7, 20, 1),
    ],
)
def test_merged_groups(groups, depth, expected):
    assert merged_groups(groups, depth) == expected


@given(groups=st.integers(1, 64), depth=st.integers(1, 40))
@settings(derandomize=True)
def test_merged_groups_divides_and_is_wide_enough(groups, depth):
    merge = merged_groups(groups, depth)
    assert groups % merge == 0
    assert merge == groups or merge * depth >= 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"implementation": "fast"},
            "`implementation` must be one of 'auto', 'native', 'merged', 'split'. "
            "Received: implementation='fast'",
        ),
        ({"data_format": "channels_first"}, "Received: data_format='channels_first'"),
        ({"filters": 9}, "evenly divisible"),
    ],
)
def test_errors_name_the_argument(arguments, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        GroupedConv2D(**{"filters": 8, "kernel_size": 3, "groups": 2, **arguments})


def test_channels_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="evenly divisible"):
        GroupedConv2D(8, 3, groups=4).build((None, 8, 8, 6))
