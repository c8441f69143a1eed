"""What every worker of a test runs: `python worker.py FOLDER PLANS`; TF_CONFIG says which it is."""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import keras_classic_cnns as kcc

SHAPES = {"lenet5": (32, 32, 1), "resnet20": (16, 16, 1)}
SHOWN = ("loss", "accuracy")  # after every step, as in the progress bar
BATCH, EPOCHS, IMAGES = 48, 2, 192
TESTED, TEST_BATCH = 100, 36  # the last batch has 28: uneven shares, none empty, for 2 and 3


def in_memory(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Batches without a cache in their pipeline, of which Keras reads one first and starts anew."""
    images, labels = next(batches.as_numpy_iterator())
    return tf.data.Dataset.from_tensor_slices((images, labels)).batch(TEST_BATCH)


def train(
    network: str, placement: Any, synchronized: bool = False, dtype: str = "float32"
) -> dict[str, np.ndarray]:
    """Fits, validates, evaluates and predicts; the model is under "model"."""
    keras.utils.set_random_seed(1)
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    with placement.scope():
        model = kcc.get_model(network, input_shape=SHAPES[network], weights=None, classes=10)
        if synchronized:
            kcc.distribute.synchronize_batch_norm(model)
        optimizer = keras.optimizers.SGD(0.02, momentum=0.9)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    kcc.distribute.check_model(model, placement)
    height, width, channels = SHAPES[network]
    same = {"image_size": (height, width), "channels": channels, "preprocessing": "tf"}
    learned = kcc.data.load("digits", f"train[:{IMAGES}]")
    tested = kcc.data.load("digits", f"test[:{TESTED}]")
    batches = kcc.data.train_batches(learned, batch_size=BATCH, seed=0, **same)
    held_out = in_memory(kcc.data.eval_batches(tested, batch_size=TESTED, **same))
    held_out = kcc.distribute.distributable(held_out, placement, training=False)
    steps = []
    shown = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda _, logs: steps.append([float(logs[name]) for name in SHOWN])
    )
    history = model.fit(
        kcc.distribute.distributable(batches, placement),
        steps_per_epoch=IMAGES // BATCH,
        epochs=EPOCHS,
        validation_data=held_out,
        callbacks=[shown],
        verbose=0,
    ).history
    return {
        "model": model,
        "shown": np.array(steps),
        **{name: np.array(values) for name, values in history.items()},
        "evaluated": np.array(model.evaluate(held_out, verbose=0)),
        "predicted": model.predict(held_out, verbose=0),
        **{weight.path: np.array(weight) for weight in model.weights},
    }


def main() -> None:
    folder, plans = Path(sys.argv[1]), json.loads(sys.argv[2])
    placement = kcc.distribute.strategy("auto")
    print(placement, flush=True)
    for name, arguments in plans.items():
        found = train(placement=placement, **arguments)
        model = found.pop("model")
        kcc.distribute.save(model, folder / f"{name}.keras", placement)
        np.savez(folder / f"{name}-{placement.worker}.npz", **found)


if __name__ == "__main__":
    main()
