"""From settings to what `model.fit` takes: a compiled model and its data."""

import dataclasses
from typing import Any

import keras
import numpy as np

from keras_classic_cnns import data, recipes, registry
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.preprocessing import Preprocessing
from keras_classic_cnns.recipes import Execution, Recipe
from keras_classic_cnns.recipes.recipe import PLAIN
from keras_classic_cnns.training.jobs import TrainSettings
from keras_classic_cnns.training.settings import model_options
from keras_classic_cnns.weights import weights_preprocessing


def compiled_model(
    name: str,
    recipe: Recipe,
    source: data.Source,
    *,
    input_shape: tuple[int, int, int] | None = None,
    weights: str | None = None,
    execution: Execution = PLAIN,
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
    execution.part(recipe.batch_size)
    batches = data.steps_per_epoch(source, recipe.batch_size) * execution.accumulate
    if batches % execution.steps_per_execution:
        raise ValueError(
            f"`steps_per_execution` must divide the {batches} batches of an epoch, or the last "
            "ones would run into the next epoch. "
            f"{validate.received('steps_per_execution', execution.steps_per_execution)}"
        )
    return batches


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

    @property
    def total_steps(self) -> int:
        """Training steps of the whole run."""
        return self.steps_per_epoch * self.recipe.epochs

    def build(self) -> keras.Model:
        """The compiled model, freshly initialised from the seed."""
        keras.utils.set_random_seed(self.settings.seed)
        return compiled_model(
            self.spec.name,
            self.recipe,
            self.train,
            input_shape=self.input_shape,
            weights=self.settings.weights,
            adapt_input=self.settings.adapt_input,
            execution=self.execution,
            **(self._step_options() | self.options),
        )

    def _step_options(self) -> dict[str, int]:
        """Options that take the length of the run; a longer run of the same kind changes them."""
        if self.settings.weights is not None:
            return {}
        return self.recipe.step_options_for(self.spec.options, self.steps_per_epoch)

    def batches(self) -> dict[str, Any]:
        """The arguments that all pipelines of the run share."""
        return {
            "image_size": self.input_shape[:2],
            "channels": self.input_shape[2],
            "preprocessing": self.preprocessing,
            "batch_size": self.recipe.batch_size,
        }

    def train_batches(self, skip: int) -> Any:
        """The endless stream of training batches, without the first `skip` of them."""
        steps, parts = divmod(skip, self.execution.accumulate)
        stream = data.train_batches(
            self.train,
            **self.batches(),
            augment=self.recipe.augment,
            mixing=self.recipe.mixing,
            seed=self.settings.seed,
            skip_steps=steps,
        )
        if self.execution.accumulate == 1:
            return stream
        part = self.execution.part(self.recipe.batch_size)
        return stream.rebatch(part, drop_remainder=True).skip(parts)

    def eval_batches(self) -> Any:
        """The validation batches."""
        fraction = self.recipe.crop_fraction
        return data.eval_batches(self.eval, **self.batches(), crop_fraction=fraction)


def make_plan(settings: TrainSettings) -> Plan:
    """Resolves settings: opens the data and scales the recipe.

    Args:
        settings: What was asked for.

    Raises:
        ValueError: A name is unknown, or a value does not fit the data.
        MissingDataError: The data set is not on this machine.
    """
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
    options = model_options(settings.option, spec.options)
    if settings.weights is None:  # with weights the graph is that of the weights
        options = recipe.options_for(spec.options) | options
    evaluation = load_evaluation(settings.dataset, settings.eval_split, settings.data_dir)
    data.labels.check_same_classes(train, evaluation)
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
        steps_per_epoch=batches_per_epoch(train, recipe, execution),
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


def load_evaluation(dataset: str, split: str | None, data_dir: str | None) -> data.Source:
    """Opens the split to evaluate on.

    The validation split comes before the test split, since some sets (imagenet2012) keep the
    labels of the latter to themselves.

    Args:
        dataset: The name of the set, or the path of a folder.
        split: The split, or `None` for the set's validation split, else its test split.
        data_dir: Where the sets lie, or `None` for the usual folder.

    Raises:
        MissingDataError: The data set is not on this machine.
        ValueError: There is no such set or split, or the split keeps its labels to itself.
    """
    if split is not None:
        return labelled(data.load(dataset, split, data_dir=data_dir))
    there = data.split_names(dataset, data_dir=data_dir)
    for candidate in ("validation", "val", "test"):  # folders like the short name
        if candidate in there:
            return labelled(data.load(dataset, candidate, data_dir=data_dir))
    raise ValueError(
        "The set has neither a validation nor a test split. Hold a part of the training data "
        "back, with the splits train[:90%] and train[90%:]. "
        f"{validate.received('dataset', dataset)}"
    )


def labelled(source: data.Source) -> data.Source:
    """Looks at the first example of a source whether it tells its class.

    Args:
        source: The examples.

    Returns:
        The source, which checks the labels of the others when they are read.

    Raises:
        ValueError: The split keeps its labels to itself.
    """
    examples = source.dataset if source.encoded is None else source.encoded
    for _, label, *_ in examples.take(1).as_numpy_iterator():
        check_labels(label, len(source.labels), f"{source.name}, {source.split}")
    return data.labels.checked(source)


def check_labels(labels: Any, classes: int, where: str) -> None:
    """Checks that every image has one of the classes.

    Args:
        labels: The labels, an array of integers of any shape.
        classes: How many classes there are.
        where: The data they come from, for the message.

    Raises:
        ValueError: A label is none of the classes.
    """
    labels = np.atleast_1d(labels)
    others = labels[(labels < 0) | (labels >= classes)]
    if others.size:
        raise ValueError(
            f"There are images without one of the {classes} classes in {where}: a split with "
            "such labels keeps them to itself, as the test split of imagenet2012 does. Choose "
            f"another split. {validate.received('label', int(others[0]))}"
        )
