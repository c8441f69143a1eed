"""What a run tells its user, beside Keras's progress."""

from collections.abc import Mapping, Sequence
from signal import Signals

from keras_classic_cnns.data import pipeline
from keras_classic_cnns.training.build import Plan
from keras_classic_cnns.training.record import command_of
from keras_classic_cnns.training.run_directory import RunDirectory, best_row

Rows = Sequence[Mapping[str, float]]


def announce(plan: Plan, run: RunDirectory, step: int) -> None:
    """Says what is trained on what and how, and from where on."""
    recipe = plan.recipe
    print(
        f"{plan.spec.constructor} on {plan.train.name}: {plan.train.num_examples} images of "
        f"{len(plan.train.labels)} classes ({plan.train.split}), {plan.eval.num_examples} to "
        f"validate ({plan.eval.split}), input {'x'.join(map(str, plan.input_shape))}\n"
        f"Recipe {recipe.name}: {recipe.epochs} epochs of {plan.steps_per_epoch} steps, batch "
        f"{recipe.batch_size}, learning rate {recipe.learning_rate:g}, augmentation "
        f"{_augmentation(plan)}\n"
        f"Run directory: {run.path}",
        flush=True,
    )
    if step:
        print(f"Going on from {where(plan, step)}", flush=True)


def without_history(run: RunDirectory, epochs: int) -> None:
    """Says that the history of the epochs so far is lost, and what that means."""
    print(
        f"{run.history} is missing: the history starts again with epoch {epochs + 1}, and "
        f"{run.best.name} will be the best epoch from there on.",
        flush=True,
    )


def finished(plan: Plan, rows: Rows) -> None:
    """Says that a run is complete."""
    print(f"Finished {plan.recipe.epochs} epochs: {best_of(rows)}", flush=True)


def nothing_to_do(plan: Plan, rows: Rows) -> None:
    """Says that a run was complete before."""
    print(
        f"Nothing to do: this run has finished its {plan.recipe.epochs} epochs "
        f"({best_of(rows)}). A higher --epochs makes it longer.",
        flush=True,
    )


def stopped(plan: Plan, run: RunDirectory, step: int, signal: Signals) -> None:
    """Says where a run was stopped, and how to go on."""
    print(
        f"Stopped by {signal.name} after {where(plan, step)}; saved in {run.last}\n"
        f"To go on: {command_of(plan.settings)}",
        flush=True,
    )


def without_tensorboard() -> None:
    """Says that there will be no TensorBoard files."""
    print("TensorBoard is not installed (pip install tensorboard): no files for it.", flush=True)


def where(plan: Plan, step: int) -> str:
    """Says how far a run is: `step 50 (epoch 3 of 10, 6 of 22 steps)`."""
    epoch, done = divmod(step, plan.steps_per_epoch)
    if step and not done:
        epoch, done = epoch - 1, plan.steps_per_epoch
    return (
        f"step {step} (epoch {epoch + 1} of {plan.recipe.epochs}, {done} of "
        f"{plan.steps_per_epoch} steps)"
    )


def best_of(rows: Rows) -> str:
    """Says which epoch was the best: `best validation accuracy 98.61% in epoch 9`."""
    if not rows:
        return "its history.csv is missing"
    best = best_row(rows)
    return f"best validation accuracy {best['val_accuracy']:.2%} in epoch {best['epoch']}"


def _augmentation(plan: Plan) -> str:
    names = pipeline.applicable(plan.train, plan.recipe.augment)
    listed = ", ".join(names) or "none"
    if len(names) < len(plan.recipe.augment):
        listed += " (no flip: a mirrored image is another class)"
    return listed
