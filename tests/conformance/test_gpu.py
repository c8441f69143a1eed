"""On a GPU every kind of net computes what it does on the CPU, and trains; elsewhere these skip."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from cases import FIRST, MANY
from harness import batch, build, run_python

from keras_classic_cnns.training import TrainSettings, fit

pytestmark = pytest.mark.skipif(
    not tf.config.list_physical_devices("GPU"), reason="TensorFlow sees no GPU"
)


def on_both(case, work, **arguments):
    """What `work(model)` gives on the CPU and on the GPU, from the same weights and draws."""
    results = []
    for device in ("CPU:0", "GPU:0"):
        keras.utils.set_random_seed(1)
        with tf.device(device):
            results.append(work(build(case, **arguments)))
    return results


@pytest.mark.parametrize("case", FIRST)
def test_inference_is_that_of_the_cpu(case):
    x, _ = batch(case)
    cpu, gpu = on_both(case, lambda model: np.array(model(x)), classifier_activation=None)
    assert "GPU" in tf.constant(x).device
    np.testing.assert_allclose(gpu, cpu, rtol=1e-3, atol=1e-4 * np.ptp(cpu))


@pytest.mark.parametrize("case", FIRST)
def test_loss_and_gradients_are_those_of_the_cpu(case):
    """In double precision: normalised over eight values, small differences grow layer by layer."""
    keras.config.set_dtype_policy("float64")
    x, y = batch(case)

    def loss_and_gradients(model):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(
                keras.losses.sparse_categorical_crossentropy(y, model(x, training=True))
            )
        gradients = tape.gradient(loss, model.trainable_weights)
        return float(loss), [np.array(gradient) for gradient in gradients]

    (cpu_loss, cpu), (gpu_loss, gpu) = on_both(case, loss_and_gradients)
    np.testing.assert_allclose(gpu_loss, cpu_loss, rtol=1e-5)
    apart = sum(np.sum((a - b) ** 2) for a, b in zip(gpu, cpu, strict=True))
    assert apart <= 1e-4**2 * sum(np.sum(gradient**2) for gradient in cpu)


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("case", MANY)
def test_trains_in_mixed_precision(case, policy, jit_compile):
    keras.config.set_dtype_policy(policy)
    model = build(case)
    x, y = batch(case)
    model.compile(
        keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy", jit_compile=jit_compile
    )
    losses = [model.train_on_batch(x, y) for _ in range(10)]
    assert np.all(np.isfinite(losses))
    assert all(np.all(np.isfinite(weight)) for weight in model.get_weights())


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_a_run_learns(tmp_path, policy):
    settings = TrainSettings(
        model="resnet20",
        dataset="digits",
        image_size=16,
        epochs=6,
        batch_size=64,
        learning_rate=0.1,
        augment=("pad_crop",),
        precision=policy,
        progress="none",
        out=tmp_path,
    )
    assert fit.train(settings).history[-1]["accuracy"] > 0.8


def test_deterministic_runs_repeat_bit_by_bit():
    code = (
        "import keras, numpy as np, pathlib, tempfile\n"
        "from keras_classic_cnns.training import TrainSettings, fit\n"
        "weights = []\n"
        "for _ in range(2):\n"
        "    out = pathlib.Path(tempfile.mkdtemp()) / 'run'\n"
        "    fit.train(TrainSettings(model='resnet20', dataset='digits', image_size=16, epochs=2,\n"
        "        batch_size=64, deterministic=True, progress='none', out=out))\n"
        "    weights.append(keras.models.load_model(out / 'best.keras').get_weights())\n"
        "print(all(np.array_equal(a, b) for a, b in zip(*weights)))"
    )
    assert run_python(code).strip().endswith("True")
