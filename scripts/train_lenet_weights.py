"""Trains the LeNet-5 that comes with the package, `LeNet5(weights="digits")`.

    python scripts/train_lenet_weights.py

The recipe is the paper's, over more epochs, since there are forty times fewer images than in MNIST.
The weights are those of the end of its schedule: nothing is chosen by the test images, which say
only how good they are. Writes the weights and a record beside them.
"""

import json
import platform
import runpy
import tempfile
from datetime import UTC, datetime
from pathlib import Path

# Sets TensorFlow's switches before it is imported, as the commands do; runs no command.
runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")))

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from absl import app, flags  # noqa: E402

import keras_classic_cnns as kcc  # noqa: E402
from keras_classic_cnns import training  # noqa: E402
from keras_classic_cnns.core import files  # noqa: E402
from keras_classic_cnns.weights.digest import hash_file  # noqa: E402

BUNDLED = Path(kcc.__file__).with_name("weights") / "bundled"
MODEL, TAG, OPTIONS = "lenet5", "digits", {"variant": "modern"}
# what each epoch is evaluated on chooses nothing, so it may be images that are trained on
SPLITS = {"train_split": "train", "eval_split": "train[:10%]"}

OUT = flags.DEFINE_string("out", str(BUNDLED), "The folder to write to.")
EPOCHS = flags.DEFINE_integer("epochs", 100, "Length of the training.", lower_bound=1)
SEED = flags.DEFINE_integer(
    "seed", 0, "Seeds weights and the order of the data.", lower_bound=0, upper_bound=2**32 - 1
)
flags.DEFINE_boolean("onednn", None, "Let TensorFlow compute with oneDNN. Default: on.")


def main(argv: list[str]) -> None:
    """Trains, evaluates, writes weights and record."""
    if len(argv) > 1:
        raise app.UsageError(f"Too many words: {' '.join(argv[1:])}")
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        option = tuple(f"{name}={value}" for name, value in OPTIONS.items())
        settings = training.TrainSettings(
            model=MODEL,
            dataset=TAG,
            out=run,
            option=option,
            seed=SEED.value,
            epochs=EPOCHS.value,
            progress="line",
            **SPLITS,
        )
        training.train(settings)
        test = training.evaluate(
            training.EvaluateSettings(path=run, checkpoint="last", split="test")
        )
        model = training.load_trained(run, checkpoint="last").model
    print(test)
    weights = Path(OUT.value) / f"{MODEL}_{TAG}.weights.h5"
    with files.atomic_path(weights) as temporary:
        model.save_weights(temporary)
    record = {
        "model": MODEL,
        "tag": TAG,
        "options": OPTIONS,
        "file": weights.name,
        "sha256": hash_file(weights).sha256.value,
        "bytes": weights.stat().st_size,
        "input_shape": model.input_shape[1:],
        "preprocessing": kcc.preprocessing_for(model).name,
        "top1": {"split": "test", "images": test.images, "accuracy": test.top1},
        "training": {
            "dataset": TAG,
            "recipe": kcc.recipes.for_model(kcc.get_spec(MODEL)).name,
            "split": SPLITS["train_split"],
            "epochs": EPOCHS.value,
            "seed": SEED.value,
            "date": datetime.now(UTC).date().isoformat(),
            "versions": {
                "python": platform.python_version(),
                "keras": keras.__version__,
                "tensorflow": tf.__version__,
                "numpy": np.__version__,
                "keras_classic_cnns": kcc.__version__,
            },
        },
    }
    with files.atomic_write(weights.with_name(f"{MODEL}_{TAG}.json")) as file:
        file.write(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    app.run(main)
