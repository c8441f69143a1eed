"""Trains, evaluates, exports and uses a network, offline, in a few minutes on two CPU cores.

    python scripts/quickstart.py

Every step is a command that you could type yourself; it is shown before it runs. A second run
goes on where the first one stopped, and repeats what is quick.
"""

import json
import runpy
import shlex
import shutil
import sys
import time
from pathlib import Path

# Sets TensorFlow's switches before it is imported, as the commands do; runs no command.
runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")))

import keras  # noqa: E402
from absl import app, flags  # noqa: E402

from keras_classic_cnns import cli, data  # noqa: E402

OUT = flags.DEFINE_string("out", "runs/quickstart", "The run directory.")
EPOCHS = flags.DEFINE_integer("epochs", 15, "Length of the training.", lower_bound=1)
SEED = flags.DEFINE_integer(
    "seed", 0, "Seeds weights, data and augmentation.", lower_bound=0, upper_bound=2**32 - 1
)
flags.DEFINE_boolean("onednn", None, "Let TensorFlow compute with oneDNN. Default: on.")

WANTED_ACCURACY = 0.97
IMAGE_NUMBER = 7  # of the test images, the one to predict


def main(argv: list[str]) -> None:
    """Runs all steps; exits with an error where one fails or the network is not good enough."""
    if len(argv) > 1:
        raise app.UsageError(f"Too many words: {' '.join(argv[1:])}")
    started = time.monotonic()
    run = Path(OUT.value)
    # A tenth of the training images chooses the best epoch, so that the test images do not.
    splits = ["--train_split=train[:90%]", "--eval_split=train[90%:]"]
    lengths = ["--batch_size=32", f"--epochs={EPOCHS.value}", f"--seed={SEED.value}"]
    what = ["--model=resnet20", "--dataset=digits", *splits, *lengths, f"--out={run}"]
    step("Train ResNet-20 on handwritten digits: the paper's recipe, scaled down", "train", *what)
    step("Evaluate it on images it has never seen", "evaluate", str(run), "--split=test")
    step("Export it for TensorFlow Serving", "export", str(run))
    image, label = write_test_image(run)
    print(f"\nOne of the test images, which shows {label}, is now the file {image}.")
    step("Ask the exported model what it shows", "predict", str(run / "export"), str(image))
    accuracy = json.loads((run / "evaluation.json").read_text(encoding="utf-8"))["top1"]
    summarize(run, image, accuracy, time.monotonic() - started)
    if accuracy < WANTED_ACCURACY:
        sys.exit(f"\nThe test accuracy should be at least {WANTED_ACCURACY:.0%}.")


def step(title: str, *words: str) -> None:
    """Shows a command and runs it; ends the program where it fails."""
    print(f"\n{title}\n$ {cli.PROGRAM} {shlex.join(words)}", flush=True)
    code = cli.main(words)
    if code:
        sys.exit(code)


def write_test_image(run: Path) -> tuple[Path, str]:
    """Writes one of the test images as a PNG file; returns it and what it shows."""
    source = data.load("digits", "test")
    pixels, label = next(source.dataset.skip(IMAGE_NUMBER).as_numpy_iterator())
    path = run / "digit.png"
    keras.utils.save_img(path, pixels, scale=False)
    return path, source.labels[label]


def summarize(run: Path, image: Path, accuracy: float, seconds: float) -> None:
    """Says what was made, and what to try next."""
    print(f"""
Done in {seconds:.0f} s: ResNet-20 reads {accuracy:.2%} of the test images right.

  {run}/best.keras            the trained network, a Keras model
  {run}/learning_curve.png    how it learned
  {run}/confusion.png         what it takes for what
  {run}/export                the SavedModel for TensorFlow Serving
  {image}             the image it was asked about

To try next{activation()}:
  {cli.PROGRAM} list                             the other networks
  {cli.PROGRAM} train --model=lenet5 --dataset=digits --epochs=20
  {cli.PROGRAM} train --help                     all that can be chosen
  tensorboard --logdir {run}/tensorboard
  In Python: import keras, keras_classic_cnns; keras.models.load_model("{run}/best.keras")""")


def activation() -> str:
    """How to reach the commands from the shell, where that takes a step."""
    if shutil.which(cli.PROGRAM) or sys.prefix == sys.base_prefix:
        return ""
    return f" (first: source {Path(sys.prefix) / 'bin' / 'activate'})"


if __name__ == "__main__":
    app.run(main)
