"""What training costs beside `model.fit`: what `train` does against a bare fit.

Model, recipe and data are the same; the bare fit takes scaled floats, `train` bytes that its steps
scale, and its callbacks. In every round both train the same model for some steps. The step of a
shared machine varies by more than the callbacks take, so processor time is compared, and the
callbacks' own is measured as well: what passes inside of them, a step, held against the time that a
step takes at least, where all cores share its work. Checkpoints are not steps, and stand apart.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

import keras
import timing

from keras_classic_cnns import data
from keras_classic_cnns.training import TrainSettings, checkpoint
from keras_classic_cnns.training.build import Plan, make_plan
from keras_classic_cnns.training.callbacks import Clock, Keeper, StopOnNaN
from keras_classic_cnns.training.checkpoint import Progress
from keras_classic_cnns.training.interrupts import Interrupts
from keras_classic_cnns.training.run_directory import RunDirectory
from keras_classic_cnns.training.tensorboard import board_of

RUNS = {  # on digits
    "resnet20": {"image_size": 32, "batch_size": 128},
    "resnet50": {"image_size": 64, "batch_size": 16},
}
HEADER = [
    "network",
    "bare fit, processor ms a step",
    "as train does it",
    "ratio",
    "in these callbacks, ms a step",
    "share of a step",
    "in Keras's TensorBoard, ms a step",
    "a checkpoint, s",
]


class StepsOnly(Keeper):
    """The keeper without the end of an epoch."""

    def on_epoch_end(self, epoch, logs=None):
        pass


class Watch(keras.callbacks.Callback):
    """Passes everything on to callbacks, and notes the time that passes in them during steps."""

    def __init__(self, *callbacks):
        super().__init__()
        self.inner = keras.callbacks.CallbackList(callbacks)
        self.seconds, self.begun = 0.0, 0

    def set_model(self, model):
        super().set_model(model)
        self.inner.set_model(model)

    def set_params(self, params):
        super().set_params(params)
        self.inner.set_params(params)

    def on_train_begin(self, logs=None):
        self.inner.on_train_begin(logs)

    def on_train_end(self, logs=None):
        self.inner.on_train_end(logs)

    def on_epoch_begin(self, epoch, logs=None):
        self.inner.on_epoch_begin(epoch, logs)

    def on_train_batch_begin(self, batch, logs=None):
        began = time.thread_time()
        self.inner.on_train_batch_begin(batch, logs)
        self.begun, self.seconds = self.begun + 1, self.seconds + time.thread_time() - began

    def on_train_batch_end(self, batch, logs=None):
        began = time.thread_time()
        self.inner.on_train_batch_end(batch, logs)
        self.seconds += time.thread_time() - began

    def milliseconds(self) -> float:
        """In a step."""
        return 1e3 * self.seconds / self.begun


def callbacks_of(plan: Plan, run: RunDirectory) -> list[keras.callbacks.Callback]:
    """What `train` gives to fit."""
    clock = Clock(1, plan.total_steps, plan.recipe.batch_size)  # sample images come at 0 only
    keeper = StepsOnly(
        run,
        plan.steps_per_epoch,
        Progress(),
        plan.rate,
        clock=clock,
        interrupts=Interrupts(),
    )
    return [clock, StopOnNaN(clock), keeper, board_of(plan, run.tensorboard, clock)]


def measure(name: str, steps: int, runs: int, folder: Path) -> list[str]:
    """A line of the table."""
    plan = make_plan(
        TrainSettings(model=name, dataset="digits", channels=3, epochs=1, **RUNS[name])
    )
    model, ready = plan.build(), plan.train_batches(skip=0)
    scaled = data.train_batches(
        plan.train, **plan.batches(), augment=plan.recipe.augment, seed=plan.settings.seed
    )

    def fit(callbacks=(), batches=ready):
        began = time.process_time()
        model.fit(
            batches, steps_per_epoch=steps, callbacks=list(callbacks), verbose=0, shuffle=False
        )
        return 1e3 * (time.process_time() - began) / steps

    def watched(make):
        def run():
            watch = Watch(*make())
            fit([watch])
            return watch.milliseconds()

        return run

    run = RunDirectory(folder / name)
    plain = lambda: [keras.callbacks.TensorBoard(folder / "keras", write_graph=False)]  # noqa: E731
    candidates = {
        "bare": lambda: fit(batches=scaled),
        "ours": lambda: fit(callbacks_of(plan, run)),
        "inside": watched(lambda: callbacks_of(plan, run)),
        "keras": watched(plain),
    }
    times = timing.interleave(candidates, runs)
    bare, ours, inside = (statistics.median(times[key]) for key in ("bare", "ours", "inside"))
    run.path.mkdir(exist_ok=True)
    saving = [
        timing.seconds(lambda: checkpoint.save(model, run.last, Progress())) for _ in range(3)
    ]
    return [
        f"{plan.spec.constructor}, {plan.input_shape[0]} pixels, batch {plan.recipe.batch_size}",
        *(timing.spread(times[key]) for key in ("bare", "ours")),
        f"{ours / bare:.3f}",
        timing.spread(times["inside"], 2),
        f"{inside * len(os.sched_getaffinity(0)) / bare:.2%}",
        timing.spread(times["keras"], 2),
        timing.spread(saving, 2),
    ]


def main() -> None:
    flags = timing.flags_of_steps(__doc__, RUNS)
    timing.print_machine()
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(name, flags.steps, flags.runs, Path(folder)) for name in flags.models]
    timing.print_table(HEADER, rows)


if __name__ == "__main__":
    main()
