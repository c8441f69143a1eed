"""From settings to what `model.fit` takes: a compiled model and its data."""

import contextlib
import dataclasses
from typing import Any

import keras

from keras_classic_cnns import data, distribute, recipes, registry
from keras_classic_cnns.application.device_scaling import scale_in_steps
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.distribute import Placement
from keras_classic_cnns.preprocessing import Preprocessing
from keras_classic_cnns.recipes import Execution, Recipe
from keras_classic_cnns.recipes.recipe import PLAIN
from keras_classic_cnns.recipes.schedules import ScheduledRate
from keras_classic_cnns.training import workers
from keras_classic_cnns.training.jobs import TrainSettings
from keras_classic_cnns.training.settings import model_options
from keras_classic_cnns.training.splits import labelled, load_evaluation
from keras_classic_cnns.weights import weights_preprocessing


def compiled_model(
    name: str,
    recipe: Recipe,
    source: data.Source,
    *,
    input_shape: tuple[int, int, int] | None = None,
    weights: str | None = None,
    execution: Execution = PLAIN,
    sync_batch_norm: bool = False,
    **options: Any,
) -> keras.Model:
    """Builds an architecture for a data set and compiles it with a recipe, ready for `fit`.

    Args:
        name: A name from `list_models`.
        recipe: Its optimizer, schedule and label smoothing are taken.
        source: The training data: it gives the number of classes, and with the recipe's batch
            size the steps of an epoch.
        input_shape: Height, width and channels. Default: the architecture's.
        weights: What training starts from, as constructors take it. Default: random weights.
        execution: How a step is computed.
        sync_batch_norm: Whether batch normalisation sees the images of all replicas.
        **options: More arguments of the constructor.

    Returns:
        A compiled `keras.Model` for integer labels, with the metric `accuracy`, and `top5` where
        there are 20 classes or more.

    Example:
        >>> from keras_classic_cnns import data, recipes
        >>> digits = data.load("digits", "train")
        >>> recipe = recipes.get("lenet5").scaled(batch_size=32, epochs=2)
        >>> compiled_model("lenet5", recipe, digits).output_shape
        (None, 10)
    """
    classes = len(source.labels)
    spec = registry.get_spec(name)
    if input_shape is None:
        input_shape = (spec.input_size, spec.input_size, spec.channels)
    with execution.building():
        model = registry.get_model(
            name, weights=weights, input_shape=input_shape, classes=classes, **options
        )
    if sync_batch_norm:
        distribute.synchronize_batch_norm(model)
    recipe.compile(model, batches_per_epoch(source, recipe, execution), execution)
    return model


def batches_per_epoch(source: data.Source, recipe: Recipe, execution: Execution = PLAIN) -> int:
    """How many batches an epoch has; the parts of a step count each.

    Args:
        source: The training data.
        recipe: Gives the images of a step.
        execution: Gives the parts of a step.

    Raises:
        ValueError: A step has more images than there are, or `execution` does not fit.
    """
    steps = data.steps_per_epoch(source, recipe.batch_size)
    return execution.batches(steps, recipe.batch_size)


@dataclasses.dataclass(frozen=True)
class Plan:
    """A run in full: every name of the settings resolved, every default filled in.

    Args:
        settings: What was asked for.
        spec: The architecture.
        recipe: The recipe, scaled to the batch size and epochs of this run.
        train: The training data.
        eval: The validation data.
        input_shape: Height, width and channels.
        options: The architecture's own options, those of the recipe included.
        preprocessing: How the images are scaled: as those of the weights it starts from were.
        execution: How a step is computed.
        steps_per_epoch: Training batches an epoch: steps, or parts of steps where gradients are
            accumulated.
        placement: The devices it trains on.
    """

    settings: TrainSettings
    spec: registry.ModelSpec
    recipe: Recipe
    train: data.Source
    eval: data.Source
    input_shape: tuple[int, int, int]
    options: dict[str, Any]
    preprocessing: Preprocessing
    execution: Execution
    steps_per_epoch: int
    placement: Placement

    @property
    def total_steps(self) -> int:
        """Training steps of the whole run."""
        return self.steps_per_epoch * self.recipe.epochs

    @property
    def rate(self) -> ScheduledRate:
        """The learning rate of every batch."""
        return self.recipe.rate(self.steps_per_epoch, self.execution.accumulate)

    @property
    def images_at_a_time(self) -> int:
        """How many images one replica sees at a time."""
        part = self.execution.part(self.recipe.batch_size)
        return distribute.per_replica_batch(part, self.placement)

    def build(self, *, distributed: bool = True) -> keras.Model:
        """The compiled model, freshly initialised from the seed; its steps scale bytes.

        Args:
            distributed: Whether it is built for the placement; otherwise for one device.
        """
        keras.utils.set_random_seed(self.settings.seed)
        with self.placement.scope() if distributed else contextlib.nullcontext():
            model = compiled_model(
                self.spec.name,
                self.recipe,
                self.train,
                input_shape=self.input_shape,
                weights=self.settings.weights,
                adapt_input=self.settings.adapt_input,
                execution=self.execution,
                sync_batch_norm=self.settings.sync_batch_norm,
                **(self._step_options() | self.options),
            )
        if distributed:
            distribute.check_model(model, self.placement)
        scale_in_steps(model, self.preprocessing)
        return model

    def _step_options(self) -> dict[str, int]:
        """Options that take the length of the run; a longer run of the same kind changes them."""
        if self.settings.weights is not None:
            return {}
        return self.recipe.step_options_for(self.spec.options, self.steps_per_epoch)

    def batches(self) -> dict[str, Any]:
        """The arguments of pipelines that scale images as the run does."""
        return {
            "image_size": self.input_shape[:2],
            "channels": self.input_shape[2],
            "preprocessing": self.preprocessing,
            "batch_size": self.recipe.batch_size,
        }

    def train_batches(self, skip: int) -> Any:
        """The endless stream of training batches, without the first `skip` of them.

        Images are bytes, which the model's steps scale; mixed ones are scaled floats.
        """
        steps, parts = divmod(skip, self.execution.accumulate)
        stream = data.train_batches(
            self.train,
            **self.batches() | ({} if self.recipe.mixing else {"preprocessing": None}),
            augment=self.recipe.augment,
            mixing=self.recipe.mixing,
            seed=self.settings.seed,
            skip_steps=steps,
            max_damaged=self.settings.max_damaged,
        )
        stream = self.execution.in_parts(stream, self.recipe.batch_size).skip(parts)
        return distribute.distributable(stream, self.placement)

    def eval_batches(self) -> Any:
        """The validation batches, of bytes, which the model's steps scale.

        Over replicas they have a size that leaves none without an image. There a damaged image is
        an error: left out, it may leave a replica without one.
        """
        size = distribute.evaluation_batch(
            self.eval.num_examples, self.recipe.batch_size, self.placement
        )
        is_alone = self.placement.num_replicas_in_sync == 1
        batches = data.eval_batches(
            self.eval,
            **self.batches() | {"batch_size": size, "preprocessing": None},
            crop_fraction=self.recipe.crop_fraction,
            max_damaged=self.settings.max_damaged if is_alone else 0,
        )
        if self.placement.kind == "tpu":  # all are whole: now TensorFlow knows it too
            batches = batches.rebatch(size, drop_remainder=True)
        return distribute.distributable(batches, self.placement, training=False)


def make_plan(settings: TrainSettings) -> Plan:
    """Resolves settings: chooses the devices, opens the data and scales the recipe.

    Args:
        settings: What was asked for.

    Raises:
        ValueError: A name is unknown, or a value does not fit the data or the devices.
        MissingDataError: The data set is not on this machine.
        DistributionError: The devices that were asked for are not there.
    """
    # several workers must meet before TensorFlow does a thing
    placement = workers.make_placement(settings)
    spec = registry.get_spec(settings.model)
    recipe = make_recipe(settings, spec)
    train = data.load(
        settings.dataset,
        settings.train_split,
        data_dir=settings.data_dir,
        seed=settings.seed,
        shuffle_files=True,
    )
    size, channels = settings.image_size or spec.input_size, settings.channels or spec.channels
    if settings.augment is None:  # what was asked for and does not fit is refused
        augment = data.augment.for_channels(recipe.augment, channels)
        recipe = dataclasses.replace(recipe, augment=augment)
    execution = Execution(
        settings.precision, settings.xla, settings.steps_per_execution, settings.accumulate
    )
    distribute.per_replica_batch(execution.part(recipe.batch_size), placement)
    options = model_options(settings.option, spec.options)
    if settings.weights is None:  # with weights the graph is that of the weights
        options = recipe.options_for(spec.options) | options
    evaluation = load_evaluation(settings.dataset, settings.eval_split, settings.data_dir)
    data.labels.check_same_classes(train, evaluation)
    steps = batches_per_epoch(train, recipe, execution)
    _check_profile(settings.profile_steps, steps * recipe.epochs)
    return Plan(
        settings=settings,
        spec=spec,
        recipe=recipe,
        train=labelled(train),
        eval=evaluation,
        input_shape=(size, size, channels),
        options=options,
        preprocessing=weights_preprocessing(settings.weights, spec, {**spec.options, **options}),
        execution=execution,
        steps_per_epoch=steps,
        placement=placement,
    )


def _check_profile(profile: tuple[int, ...] | None, total_steps: int) -> None:
    if profile is not None and profile[0] > total_steps:
        raise ValueError(
            f"`profile_steps` must start within the {total_steps} batches of the run. "
            f"{validate.received('profile_steps', profile)}"
        )


def make_recipe(settings: TrainSettings, spec: registry.ModelSpec) -> Recipe:
    """The recipe of a run: the paper's unless another is named, scaled and overridden as asked."""
    recipe = recipes.get(settings.recipe) if settings.recipe else recipes.for_model(spec)
    recipe = recipe.scaled(batch_size=settings.batch_size, epochs=settings.epochs)
    changes = {"learning_rate": settings.learning_rate, "augment": settings.augment}
    recipe = dataclasses.replace(recipe, **_given(changes))
    alphas = {"mixup_alpha": settings.mixup_alpha, "cutmix_alpha": settings.cutmix_alpha}
    if not _given(alphas):
        return recipe
    alphas = (dataclasses.asdict(recipe.mixing) if recipe.mixing else {}) | _given(alphas)
    return dataclasses.replace(recipe, mixing=Mixing(**alphas) if any(alphas.values()) else None)


def _given(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}
