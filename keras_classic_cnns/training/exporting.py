"""From a run to a SavedModel, with the run's preprocessing and class names inside."""

from pathlib import Path

from keras_classic_cnns import export
from keras_classic_cnns.training.jobs import ExportSettings
from keras_classic_cnns.training.loading import load_trained


def export_trained(settings: ExportSettings) -> Path:
    """Exports a trained model; see `keras_classic_cnns.export.saved_model`.

    Args:
        settings: Which model, to where.

    Returns:
        The folder of the new version.
    """
    trained = load_trained(
        settings.path,
        checkpoint=settings.checkpoint,
        preprocessing=settings.preprocessing,
        labels=settings.labels,
    )
    return export.saved_model(
        trained.model,
        Path(settings.out) if settings.out else trained.path.parent / "export",
        preprocessing=trained.preprocessing,
        labels=trained.labels,
        top=settings.top,
        version=settings.version,
        warmup=settings.warmup,
    )
