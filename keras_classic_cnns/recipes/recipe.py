"""The record of how a network is trained."""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from keras_classic_cnns.core import validate
from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.recipes.compiling import compile_classifier, fit_arguments
from keras_classic_cnns.recipes.execution import Execution
from keras_classic_cnns.recipes.rules import Average, Momentum, RMSProp
from keras_classic_cnns.recipes.schedules import Schedule, ScheduledRate

PLAIN = Execution()
# What some parts of a recipe must be, and in words.
_KINDS = {
    "schedule": (Schedule, "a Schedule, such as Steps()"),
    "rule": (Momentum | RMSProp, "a Momentum or an RMSProp"),
    "mixing": (Mixing | None, "a Mixing or None"),
    "average": (Average | None, "an Average or None"),
}


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: a value, to look at, change with `dataclasses.replace`, and use.

    Args:
        name: What `recipes.get` knows it by.
        source: The paper or code it is taken from.
        differences: Where it departs from its source, a sentence each.
        learning_rate: The base learning rate, above 0.
        batch_size: Examples a step, over all devices.
        epochs: Passes over the training images.
        schedule: The factor on the learning rate over the run.
        rule: How the optimizer steps, `Momentum` or `RMSProp`.
        weight_decay: At least 0. Times the weight it is added to the gradient, before momentum and
            scaling, unless it is decoupled.
        decoupled: Whether the decay, times the learning rate and the weight, is taken off the
            weight beside the step instead.
        decay_spares: Weights whose path ends in one of these are not decayed.
        clip: The greatest norm of all gradients together, weight decay left out; longer ones are
            shortened to it. `None` clips nothing.
        average: The average of the weights that takes their place when the run is over, or `None`.
            Until then it stands in the optimizer. In plain `fit` the weights themselves are
            evaluated until then; the command evaluates the averages.
        options: Options of constructors that the paper trains with, where they differ from our
            defaults; one that an architecture does not have is passed over.
        step_options: Options that take the number of steps of the run.
        augment: Names of `data.augment.NAMES`, applied in this order.
        mixing: How the images of a batch are mixed, or `None`.
        crop_fraction: Images are validated on their middle, which is this share of the shorter
            side, in `[0.1, 1]`: 0.875 for 224 of 256 pixels. `None` is the largest square.
        label_smoothing: The share of the target given to all classes alike, in `[0, 1)`.
        initializer: How the networks start; words, since their constructors do it.
        dropout: What they drop, likewise; the option `dropout` of many changes it.
        expected_error: The error it leads to, and who says so.

    Raises:
        ValueError: A number is out of range.
        TypeError: A part is none of the kind that it must be.

    Example:
        >>> from keras_classic_cnns.recipes import Steps
        >>> recipe = Recipe(
        ...     "mine", "none", learning_rate=0.1, batch_size=128, epochs=10, schedule=Steps()
        ... )
        >>> recipe.scaled(batch_size=32, epochs=3).learning_rate
        0.025
    """

    name: str
    source: str
    differences: tuple[str, ...] = ()
    learning_rate: float = dataclasses.field(kw_only=True)
    batch_size: int = dataclasses.field(kw_only=True)
    epochs: int = dataclasses.field(kw_only=True)
    schedule: Schedule = dataclasses.field(kw_only=True)
    rule: Momentum | RMSProp = Momentum()
    weight_decay: float = 0.0
    decoupled: bool = False
    decay_spares: tuple[str, ...] = ()
    clip: float | None = None
    average: Average | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)
    step_options: tuple[str, ...] = ()
    augment: tuple[str, ...] = ()
    mixing: Mixing | None = None
    crop_fraction: float | None = None
    label_smoothing: float = 0.0
    initializer: str = "He's normal of the fan-out"
    dropout: str = "none"
    expected_error: str = "not published"

    def __post_init__(self) -> None:
        validate.positive_int("batch_size", self.batch_size)
        validate.positive_int("epochs", self.epochs)
        validate.number("weight_decay", self.weight_decay, minimum=0)
        validate.boolean("decoupled", self.decoupled)
        validate.positive("learning_rate", self.learning_rate)
        if self.clip is not None:
            validate.positive("clip", self.clip)
        validate.rate("label_smoothing", self.label_smoothing)
        if self.crop_fraction is not None:
            validate.number("crop_fraction", self.crop_fraction, minimum=0.1, maximum=1)
        for name, (kind, what) in _KINDS.items():
            if not isinstance(value := getattr(self, name), kind):
                raise TypeError(f"`{name}` must be {what}. {validate.received(name, value)}")
        for name in ("augment", "decay_spares"):
            validate.names(name, getattr(self, name))

    def scaled(self, batch_size: int | None = None, epochs: int | None = None) -> "Recipe":
        """The same recipe for another batch size or a shorter run.

        The learning rate goes with the batch size, `rate * batch_size / self.batch_size`: a step
        over k times as many examples is k times as long. Schedule and average are in fractions of
        the run and move with the epochs. The weight decay stays. For RMSProp the rule is
        borrowed: with the papers' epsilon of 1 small gradients stay nearly what they are, as in
        SGD, for which the rule was found.

        Source: P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour"
        (2017), the linear scaling rule.

        Args:
            batch_size: Examples a step; `None` keeps it.
            epochs: Passes over the training images; `None` keeps it.

        Returns:
            A new recipe.
        """
        batch_size = self.batch_size if batch_size is None else batch_size
        validate.positive_int("batch_size", batch_size)
        return dataclasses.replace(
            self,
            learning_rate=self.learning_rate * batch_size / self.batch_size,
            batch_size=batch_size,
            epochs=self.epochs if epochs is None else epochs,
        )

    def rate(self, steps_per_epoch: int, accumulate: int = 1) -> ScheduledRate:
        """The learning rate of every batch of the run.

        Args:
            steps_per_epoch: Batches in one epoch, at least 1.
            accumulate: How many of them make one step, and have its rate; at least 1.
        """
        validate.positive_int("steps_per_epoch", steps_per_epoch)
        validate.positive_int("accumulate", accumulate)
        total_steps = max(1, self.epochs * steps_per_epoch // accumulate)
        return ScheduledRate(self.learning_rate, self.schedule, total_steps, accumulate)

    def optimizer(self, steps_per_epoch: int, accumulate: int = 1) -> keras.optimizers.Optimizer:
        """A new optimizer that follows this recipe for the whole run.

        Args:
            steps_per_epoch: Batches that it sees in one epoch, at least 1.
            accumulate: How many of them make one step.
        """
        return self.rule.optimizer(
            self.rate(steps_per_epoch, accumulate),
            l2=0.0 if self.decoupled else self.weight_decay,
            weight_decay=self.weight_decay if self.decoupled else None,
            spares=self.decay_spares,
            global_clipnorm=self.clip,
            gradient_accumulation_steps=accumulate if accumulate > 1 else None,
            **self._averaging(steps_per_epoch),
        )

    def compile(
        self, model: keras.Model, steps_per_epoch: int, execution: Execution = PLAIN
    ) -> None:
        """Compiles a classifier for plain `fit`, on integer labels or, mixed, on shares of classes.

        The metrics are `accuracy`, and `top5` where there are 20 classes or more. Auxiliary heads
        count with the weights of their paper.

        Args:
            model: A classifier; whether it returns logits is read off its last layer.
            steps_per_epoch: Batches an epoch, which the schedule counts in.
            execution: How a step is computed.

        Raises:
            TypeError: `model` is not a `keras.Model`.
            ValueError: It was not built in the precision of `execution`.
            UnsupportedModelError: It is no classifier.

        Example:
            >>> from keras_classic_cnns import LeNet5, recipes
            >>> model = LeNet5()
            >>> recipes.get("lenet5").compile(model, steps_per_epoch=10)
            >>> type(model.optimizer).__name__
            'SGDWithL2'
        """
        execution.check_precision(model)
        compile_classifier(
            model,
            optimizer=self.optimizer(steps_per_epoch, execution.accumulate),
            label_smoothing=self.label_smoothing,
            **execution.compile_arguments(),
        )

    def datasets(
        self,
        model: keras.Model,
        train: Any,
        evaluation: Any = None,
        *,
        seed: int = 0,
        execution: Execution = PLAIN,
        on_device: bool = False,
        max_damaged: float = 0.01,
        evaluation_batch_size: int | None = None,
    ) -> dict[str, Any]:
        """The arguments of `fit` for a model and its data, augmented and mixed as the recipe says.

        Args:
            model: The model: its input tells size and channels, and
                `keras_classic_cnns.preprocessing_for` how images are scaled.
            train: The training data, of `data.load`, `data.from_arrays` or `data.from_tfrecords`,
                or the name of a set or a folder's path, whose split `train` it is.
            evaluation: The data to validate on, or the name of a set or a folder's path, whose
                split for it is taken (`data.evaluation_split`); its `train` where it has none.
                Default: where `train` is a name, that set's, if it has one.
            seed: Of order and augmentation, in `[0, 2**32)`.
            execution: As for `compile`; with `accumulate` a batch comes in its parts, which
                `steps_per_epoch` counts.
            on_device: Whether images stay bytes, a quarter of floats on the way to a GPU or TPU,
                and the steps of `model` scale them: of this object only (`scale_in_steps`). Mixed
                images are floats, and scaled before.
            max_damaged: As for `data.train_batches`.
            evaluation_batch_size: Images of a batch to validate on; by default the recipe's.

        Returns:
            `x` (an endless stream), `steps_per_epoch`, `epochs`, `shuffle` (off: the data have been
            shuffled), and `validation_data` where there are any.

        Raises:
            TypeError: The data are neither a source nor a name.
            ValueError: A batch has more images than there are, a name is unknown, there is nothing
                to validate on but the training data, model, training and validation data have not
                the same number of classes, the model has no one size, or `execution` does not fit.
            MissingDataError: The data are not on this machine.

        Example:
            >>> from keras_classic_cnns import LeNet5, recipes
            >>> recipe = recipes.get("lenet5").scaled(batch_size=32, epochs=2)
            >>> model = LeNet5(classes=10)
            >>> arguments = recipe.datasets(model, "digits")
            >>> arguments["steps_per_epoch"], arguments["epochs"]
            (44, 2)
            >>> recipe.compile(model, arguments["steps_per_epoch"])
            >>> history = model.fit(**arguments)  # doctest: +SKIP
        """
        if evaluation_batch_size is None:
            evaluation_batch_size = self.batch_size
        validate.positive_int("evaluation_batch_size", evaluation_batch_size)
        how = {
            "execution": execution,
            "on_device": on_device,
            "max_damaged": max_damaged,
            "evaluation_batch_size": evaluation_batch_size,
        }
        return fit_arguments(self, model, train, evaluation, seed=seed, **how)

    def _averaging(self, steps_per_epoch: int) -> dict[str, Any]:
        if self.average is None:
            return {}
        total_steps = self.epochs * steps_per_epoch
        return {
            "use_ema": True,
            "ema_momentum": self.average.momentum_of(total_steps),
            # the last epoch, and not its very end: steps whose gradients overflowed do not count
            "average_from": total_steps - steps_per_epoch // 2,
        }

    def options_for(self, known: Collection[str]) -> dict[str, Any]:
        """The options that an architecture is trained with.

        Args:
            known: The names of the options it has, `spec.options`.

        Example:
            >>> from keras_classic_cnns import get_spec, recipes
            >>> recipes.get("googlenet").options_for(get_spec("googlenet").options)
            {'aux_heads': True}
        """
        return {name: value for name, value in self.options.items() if name in known}

    def step_options_for(self, known: Collection[str], steps_per_epoch: int) -> dict[str, int]:
        """The options of an architecture that take the number of steps of the run.

        Args:
            known: The names of the options it has, `spec.options`.
            steps_per_epoch: Steps in one epoch, at least 1.
        """
        total_steps = self.epochs * validate.positive_int("steps_per_epoch", steps_per_epoch)
        return {name: total_steps for name in self.step_options if name in known}
