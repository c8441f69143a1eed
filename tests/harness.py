"""What every layer and every model must pass, on public Keras API only."""

import functools
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import keras_classic_cnns as kcc


def without_values() -> keras.StatelessScope:
    """Where nets are built of which only shapes are asked: their weights take most of the time."""
    return keras.StatelessScope(initialize_variables=False)


@functools.lru_cache(maxsize=4)
def shared_model(name: str, **options: Any) -> keras.Model:
    """A model without values that neighbouring tests share; they must not change it."""
    with without_values():
        return kcc.get_model(name, **options, weights=None)


def images(*shape: int, seed: int = 0) -> np.ndarray:
    """Preprocessed images, as networks see them: about zero mean, about unit deviation."""
    return np.random.RandomState(seed).standard_normal(shape).astype("float32")


def build(case: Any, **arguments: Any) -> keras.Model:
    """The net of a `cases.case.ModelCase`, for ten classes."""
    shape = (case.size, case.size, case.channels)
    return kcc.get_model(
        case.name, input_shape=shape, classes=10, **case.options, **arguments, weights=None
    )


def batch(case: Any, size: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels for it."""
    return images(size, case.size, case.size, case.channels), np.arange(size) % 10


def call_afresh(check: Callable[[Any], None], case: Any) -> None:
    """Calls a check as a test begins: same seed, Keras's usual settings, whole float32 on GPUs."""
    tf.config.experimental.enable_tensor_float_32_execution(False)
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("float32")
    check(case)


def randomise(model: Any, seed: int = 0) -> None:
    """Gives every weight a value that matters: no ones, no zeros, variances above zero."""
    random = np.random.RandomState(seed)
    for weight in model.weights:
        noise = random.standard_normal(weight.shape)
        if "variance" in weight.name:
            weight.assign(1 + 0.5 * np.abs(noise))
        elif weight.name == "gamma":
            weight.assign(1 + 0.1 * noise)
        elif len(weight.shape) > 1:
            fan_in = np.prod(weight.shape[:-1])
            weight.assign(noise / np.sqrt(fan_in))
        elif "seed" not in weight.path:
            weight.assign(0.1 * noise)


def kernel_shapes(model: Any, prefix: str) -> list[tuple[int, ...]]:
    """Shapes of the kernels of layers whose names begin so, ordered by the names."""
    layers = (x for x in model.layers if x.name.startswith(prefix) and hasattr(x, "kernel"))
    return [tuple(x.kernel.shape) for x in sorted(layers, key=lambda x: x.name)]


def repeat_draws(model: keras.Model) -> Callable[[], None]:
    """A function that lets layers with random draws repeat those they would make now."""
    states = [x.seed_generator.state for x in model.layers if hasattr(x, "seed_generator")]
    values = [state.numpy() for state in states]

    def repeat() -> None:
        for state, value in zip(states, values, strict=True):
            state.assign(value)

    return repeat


def check_layer(
    make: Callable[..., keras.layers.Layer],
    input_shape: tuple[int, ...] | list[tuple[int, ...]],
    reference: Callable[[keras.layers.Layer, Any], np.ndarray],
    tolerance: float = 1e-5,
    has_gradient: bool = True,
) -> None:
    """Holds a layer against an independent computation and against Keras's own conventions.

    Args:
        make: Makes a fresh layer from keyword arguments such as `dtype` and `name`.
        input_shape: Of a batch; a list of shapes for a layer that takes a list.
        reference: `reference(layer, x)` computes the output in NumPy.
        tolerance: Largest difference in float32.
        has_gradient: Whether the output depends on the values of the input.
    """
    shapes = input_shape if isinstance(input_shape, list) else [input_shape]
    x = _like(input_shape, [images(*shape, seed=i) for i, shape in enumerate(shapes)])
    layer = make()
    layer(x)
    randomise(layer)
    y = keras.ops.convert_to_numpy(layer(x))
    expected = reference(layer, keras.tree.map_structure(lambda t: t.astype("float64"), x))
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)
    assert layer.compute_output_shape(input_shape) == y.shape
    _check_symbolic(layer, input_shape, y.shape)
    _check_config(layer, x, y)
    if has_gradient:
        _check_gradients(layer, x)
    _check_dtypes(make, x, y.dtype)
    compiled = tf.function(layer, jit_compile=True)(keras.tree.map_structure(tf.constant, x))
    np.testing.assert_allclose(compiled, layer(x), rtol=1e-4, atol=1e-4)


def _like(input_shape: Any, tensors: list) -> Any:
    """A list where the layer takes a list, else its only member."""
    return tensors if isinstance(input_shape, list) else tensors[0]


def _check_symbolic(layer: Any, input_shape: Any, output_shape: tuple) -> None:
    shapes = input_shape if isinstance(input_shape, list) else [input_shape]
    symbolic = layer(_like(input_shape, [keras.KerasTensor((None, *s[1:])) for s in shapes]))
    assert tuple(symbolic.shape) == (None, *output_shape[1:])
    if len(shapes[0]) == len(output_shape) == 4:
        free = _like(input_shape, [(None, None, None, shape[-1]) for shape in shapes])
        tensors = _like(input_shape, [keras.KerasTensor((None, None, None, s[-1])) for s in shapes])
        assert layer(tensors).shape[-1] == output_shape[-1]
        # a layer whose output has a size of its own knows it
        known = {(None, None, None, output_shape[-1]), (None, *output_shape[1:])}
        assert layer.compute_output_shape(free) in known


def _check_config(layer: Any, x: Any, y: np.ndarray) -> None:
    serialized = keras.saving.serialize_keras_object(layer)
    assert serialized["registered_name"] == f"keras_classic_cnns>{type(layer).__name__}"
    copy = keras.saving.deserialize_keras_object(serialized)
    assert copy.get_config() == layer.get_config()
    copy(x)
    copy.set_weights(layer.get_weights())
    np.testing.assert_allclose(copy(x), y, rtol=1e-6, atol=1e-6)


def _check_gradients(layer: Any, x: Any) -> None:
    x = keras.tree.map_structure(tf.constant, x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
        loss = tf.reduce_sum(y * images(*y.shape, seed=1))
    sources = [*keras.tree.flatten(x), *layer.trainable_variables]
    for gradient in tape.gradient(loss, sources):
        assert gradient is not None and np.all(np.isfinite(gradient))
        assert np.any(np.asarray(gradient) != 0)


def _check_dtypes(make: Callable, x: Any, dtype: Any) -> None:
    assert dtype == np.float32
    for policy, compute in (("mixed_float16", "float16"), ("mixed_bfloat16", "bfloat16")):
        layer = make(dtype=policy)
        y = layer(x)
        assert keras.backend.standardize_dtype(y.dtype) == compute
        assert np.all(np.isfinite(keras.ops.convert_to_numpy(keras.ops.cast(y, "float32"))))
        assert all(weight.dtype == "float32" for weight in layer.trainable_weights)


def two_replicas() -> tf.distribute.Strategy:
    """A strategy over the two logical CPUs; the default all-reduce allows one in a process only."""
    reduction = tf.distribute.ReductionToOneDevice()
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"], cross_device_ops=reduction)


def run_python(code: str, *arguments: str, timeout_s: float = 300) -> str:
    """Runs code in a fresh process and returns what it printed.

    Args:
        code: Python source; `sys.argv[1:]` are the arguments.
        *arguments: Given to it.
        timeout_s: It is killed after that many seconds.
    """
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
