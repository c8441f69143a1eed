"""What a run tells its user, beside Keras's progress."""

import sys
from collections.abc import Mapping, Sequence
from signal import Signals

import keras

from keras_classic_cnns.analysis import cost, training_memory
from keras_classic_cnns.application.auxiliary import with_aux_labels, without_aux
from keras_classic_cnns.data import pipeline
from keras_classic_cnns.training.build import Plan
from keras_classic_cnns.training.record import command_of
from keras_classic_cnns.training.run_directory import RunDirectory, best_row

Rows = Sequence[Mapping[str, float]]


def announce(plan: Plan, run: RunDirectory, step: int, damaged: Sequence[str] = ()) -> None:
    """Says what is trained on what and how, and from where on.

    Args:
        plan: The run.
        run: Its directory.
        step: The batch it goes on from; 0 for a new one.
        damaged: What is wrong with checkpoints that cannot be read.
    """
    recipe = plan.recipe
    print(
        f"{plan.spec.constructor} on {plan.train.name}: {plan.train.num_examples} images of "
        f"{len(plan.train.labels)} classes ({plan.train.split}), {plan.eval.num_examples} to "
        f"validate ({plan.eval.split}), input {'x'.join(map(str, plan.input_shape))}\n"
        f"Recipe {recipe.name}: {recipe.epochs} epochs of {plan.steps_per_epoch} steps, batch "
        f"{recipe.batch_size}, learning rate {recipe.learning_rate:g}, augmentation "
        f"{_augmentation(plan)}\n"
        f"{_devices(plan)}\n"
        f"Run directory: {run.path}",
        flush=True,
    )
    for reason in damaged:
        print(f"{reason}\nIt is passed over.", file=sys.stderr, flush=True)
    if step:
        print(f"Going on from {where(plan, step)}", flush=True)


def dry_run(plan: Plan, model: keras.Model, run: RunDirectory) -> None:
    """Says what a run would be, and what memory a step of it would take.

    Args:
        plan: The run.
        model: What it builds.
        run: Its directory.
    """
    announce(plan, run, step=0)
    execution = plan.execution
    part = plan.images_at_a_time
    batches = plan.train_batches(skip=0).rebatch(part, drop_remainder=True)
    needs = training_memory(model, with_aux_labels(batches, model))
    megabytes = {name: getattr(needs, name) / 1e6 for name in ("weights", "optimizer", "step")}
    listed = ", ".join(f"{name} {size:,.0f} MB" for name, size in megabytes.items())
    differences = "".join(f"\n  - {text}" for text in plan.recipe.differences) or " none"
    print(
        f"Model: {model.count_params():,} parameters, {cost(without_aux(model)).totals.macs:,} "
        f"multiply-accumulates an image; options {dict(plan.options) or 'none'}\n"
        f"Initialiser: {plan.recipe.initializer}; dropout: {plan.recipe.dropout}\n"
        f"Optimizer: {type(model.optimizer).__name__}, weight decay {plan.recipe.weight_decay:g}, "
        f"schedule {plan.recipe.schedule}\n"
        f"Mixing: {plan.recipe.mixing or 'none'}; validated on {_validated_on(plan)}\n"
        f"Precision {execution.precision}, XLA {execution.xla}, {part} images at a time, "
        f"{execution.accumulate} times a step\n"
        f"Memory, estimated: {listed}, together {needs.total / 1e6:,.0f} MB\n"
        f"Source: {plan.recipe.source}\n"
        f"Differences from it:{differences}\n"
        f"Expected error: {plan.recipe.expected_error}\n"
        "A dry run: nothing was trained or written.",
        flush=True,
    )


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


def _validated_on(plan: Plan) -> str:
    fraction = plan.recipe.crop_fraction
    if fraction is None:
        return "the largest centred rectangle"
    return f"the centre, {fraction:.1%} of the shorter side"


def _devices(plan: Plan) -> str:
    """What trains and why; over replicas also what each of them gets."""
    placement = plan.placement
    text = f"Trains on {placement.description}"
    if placement.num_replicas_in_sync > 1:
        text += f"\nEach replica gets {plan.images_at_a_time} images at a time"
        if not plan.settings.sync_batch_norm:
            text += ", which batch normalisation takes its statistics from (--sync_batch_norm: all)"
    if placement.kind == "tpu" and plan.execution.precision == "float32":
        text += "\nA TPU is fastest with --precision=mixed_bfloat16"
    return text


def _augmentation(plan: Plan) -> str:
    names = pipeline.applicable(plan.train, plan.recipe.augment)
    listed = ", ".join(names) or "none"
    if len(names) < len(plan.recipe.augment):
        listed += " (no flip: a mirrored image is another class)"
    return listed
