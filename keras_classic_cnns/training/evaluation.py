"""What a trained model gets right: loss, top-1, top-5, and which classes it takes for which."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_classic_cnns import data
from keras_classic_cnns.application.classifier import Head, read_head
from keras_classic_cnns.core import files, validate
from keras_classic_cnns.training import plots
from keras_classic_cnns.training.jobs import EvaluateSettings
from keras_classic_cnns.training.loading import Trained, load_trained
from keras_classic_cnns.training.splits import check_labels, load_evaluation
from keras_classic_cnns.training.view_choice import Views, choose_views, prepare_views

# What a probability counts as that is too small for float32, so that its logarithm is finite.
_TINY = np.finfo(np.float32).tiny


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """The result of `evaluate`.

    Args:
        model: The file that was evaluated.
        dataset: The data set.
        split: Its split.
        labels: The class names.
        views: What was looked at of each image.
        loss: The mean cross-entropy, in nats: for softmax and logits what training shows as
            `val_loss`, but without label smoothing, whatever the recipe has of it.
        confusion: `confusion[i, j]` images of class `i` were taken for class `j`.
        top5_correct: Images whose class was among the five most probable ones; `None` where
            there are five classes or fewer, since every image would count.
        picture: The confusion matrix as a PNG file, or `None` without matplotlib.
        report: The same figures as a JSON file.
    """

    model: Path
    dataset: str
    split: str
    labels: tuple[str, ...]
    views: Views
    loss: float
    confusion: np.ndarray
    top5_correct: int | None
    picture: Path | None
    report: Path

    @property
    def images(self) -> int:
        """How many images there were."""
        return int(self.confusion.sum())

    @property
    def top1(self) -> float:
        """The share of images whose most probable class was the right one."""
        return float(np.trace(self.confusion)) / self.images

    @property
    def top5(self) -> float | None:
        """The share of images whose class was among the five most probable ones."""
        return None if self.top5_correct is None else self.top5_correct / self.images

    @property
    def class_accuracy(self) -> tuple[float | None, ...]:
        """Top-1 by true class; `None` for a class without images."""
        totals = self.confusion.sum(axis=1)
        return tuple(
            float(right) / int(total) if total else None
            for right, total in zip(np.diag(self.confusion), totals, strict=True)
        )

    def as_json(self) -> dict[str, Any]:
        """All of it in the types of JSON."""
        return {
            "model": str(self.model),
            "dataset": self.dataset,
            "split": self.split,
            "images": self.images,
            "views": dataclasses.asdict(self.views),
            "loss": self.loss,
            "top1": self.top1,
            "top5": self.top5,
            "labels": list(self.labels),
            "class_accuracy": list(self.class_accuracy),
            "confusion": self.confusion.tolist(),
        }

    def __str__(self) -> str:
        top5 = "does not apply to 5 classes or fewer" if self.top5 is None else f"{self.top5:.2%}"
        width = max(map(len, (*self.labels, "class")))
        lines = [
            f"{self.model} on {self.dataset}, {self.split}: {self.images} images",
            f"  views {self.views}",
            f"  loss  {self.loss:.4f}",
            f"  top-1 {self.top1:.2%}",
            f"  top-5 {top5}",
            "",
            f"  {'class':<{width}}  images  accuracy  most often taken for",
            *(f"  {line}" for line in self._class_lines(width)),
        ]
        return "\n".join(lines)

    def _class_lines(self, width: int) -> list[str]:
        lines = []
        for index, (label, share) in enumerate(zip(self.labels, self.class_accuracy, strict=True)):
            wrong = self.confusion[index].copy()
            wrong[index] = 0
            other = f"{self.labels[wrong.argmax()]} ({wrong.max()})" if wrong.any() else ""
            percent = "-" if share is None else f"{share:.1%}"
            total = self.confusion[index].sum()
            lines.append(f"{label:<{width}}  {total:>6}  {percent:>8}  {other}".rstrip())
        return lines


def evaluate(settings: EvaluateSettings) -> Evaluation:
    """Evaluates a trained model on a split of a data set.

    Args:
        settings: Which model on which data.

    Returns:
        The figures; they and the picture of the confusion matrix are written as well.

    Raises:
        FileNotFoundError: There is no such model.
        ValueError: A setting does not fit.
        MissingDataError: The data set is not on this machine.
    """
    trained = load_trained(
        settings.path, checkpoint=settings.checkpoint, preprocessing=settings.preprocessing
    )
    source = _source(settings, trained)
    views = choose_views(settings.views, settings.scales, trained, source)
    model, batches = prepare_views(
        views, trained, source, settings.batch_size, settings.max_damaged
    )
    where = f"{source.name}, {source.split}"
    loss, confusion, top5_correct = count(model, batches, where, read_head(trained.model))
    folder = Path(settings.out) if settings.out else trained.path.parent
    picture, report = folder / "confusion.png", folder / "evaluation.json"
    title = f"{trained.model.name} on {where}"
    drawn = plots.confusion_matrix(confusion, source.labels, picture, title)
    result = Evaluation(
        trained.path,
        source.name,
        source.split,
        source.labels,
        views,
        loss,
        confusion,
        top5_correct,
        picture if drawn else None,
        report,
    )
    with files.atomic_write(report) as file:
        json.dump(result.as_json(), file, indent=2)
        file.write("\n")
    return result


def count(
    model: keras.Model, batches: Any, where: str = "the data", head: Head | None = None
) -> tuple[float, np.ndarray, int | None]:
    """Runs a classifier over batches and counts.

    Args:
        model: A classifier, of probabilities or logits.
        batches: An iterable of `(images, labels)`. Where there are several views of each image,
            `images` is a tuple of arrays `(batch, views, height, width, channels)`, and their
            probabilities are averaged.
        where: The data they come from, for the message.
        head: What the outputs of the model mean; by default its last layer says it.

    Returns:
        The mean cross-entropy; the confusion matrix of shape `(classes, classes)`; and how
        many classes were among the five most probable ones, or `None` for five or fewer.

    Raises:
        ValueError: A label is none of the model's classes, an output is not finite, or there are
            no images.
    """
    head = read_head(model) if head is None else head
    loss, within5 = 0.0, 0
    confusion = np.zeros((head.classes, head.classes), np.int64)
    for images, labels in batches:
        labels = np.asarray(labels)
        check_labels(labels, head.classes, where)
        shares = _shares(model, images, head)
        true = np.take_along_axis(shares, labels[:, None], axis=1)
        loss -= np.log(np.maximum(true, _TINY)).sum()
        np.add.at(confusion, (labels, shares.argmax(axis=1)), 1)
        # in this order a class comes behind those of equal share before it, as with argmax
        best = np.argsort(-shares, axis=1, kind="stable")[:, :5]
        within5 += int((best == labels[:, None]).any(axis=1).sum())
    if not confusion.any():
        raise ValueError(
            "There is no image to evaluate on: none can be read, and the log names those that are "
            f"damaged. {validate.received('dataset', where)}"
        )
    return float(loss) / confusion.sum(), confusion, within5 if head.classes > 5 else None


def _shares(model: keras.Model, images: Any, head: Head) -> np.ndarray:
    """The probabilities of a batch, averaged over the views of each image."""
    if not isinstance(images, tuple):
        return _probabilities(model, images, head)
    of_views = []
    for views in images:
        batch, number = views.shape[:2]
        flat = np.reshape(views, (batch * number, *views.shape[2:]))
        of_views.append(_probabilities(model, flat, head).reshape(batch, number, -1))
    return np.concatenate(of_views, axis=1).mean(axis=1)


def _probabilities(model: keras.Model, images: Any, head: Head) -> np.ndarray:
    outputs = np.asarray(model.predict_on_batch(images), np.float64)
    if not np.isfinite(outputs).all():
        raise ValueError(
            "The model's outputs are not finite: it has diverged in training. "
            f"{validate.received('model', model.name)}"
        )
    return _softmax(outputs) if head.logits else outputs


def _source(settings: EvaluateSettings, trained: Trained) -> data.Source:
    run = trained.run or {}
    dataset = settings.dataset or run.get("dataset")
    if dataset is None:
        raise ValueError(
            "A model that lies in no run directory needs a data set to be evaluated on. "
            f"{validate.received('dataset', settings.dataset)}"
        )
    is_own = dataset == run.get("dataset")
    split = settings.split or (run["eval_split"] if is_own else None)
    source = load_evaluation(dataset, split, settings.data_dir or trained.data_dir)
    classes = trained.model.output_shape[-1]
    if len(source.labels) != classes:
        raise ValueError(
            f"The model tells {classes} classes apart and the data set has "
            f"{len(source.labels)}. {validate.received('dataset', dataset)}"
        )
    return source


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
