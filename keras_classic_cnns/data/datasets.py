"""Image classification sets by name: those of TFDS that are on disk, digits, and folders."""

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.data import folders
from keras_classic_cnns.data.decoding import decode_image
from keras_classic_cnns.data.pipeline import parallel_map
from keras_classic_cnns.data.source import Source, shuffled

# Sets in which a mirrored image shows another class, or none: letters and numerals.
NO_MIRROR = frozenset(
    {
        "binary_alpha_digits",
        "cmaterdb",
        "digits",
        "emnist",
        "kmnist",
        "mnist",
        "mnist_corrupted",
        "omniglot",
        "svhn_cropped",
    }
)


def load(
    name: str | os.PathLike,
    split: str,
    *,
    data_dir: str | os.PathLike | None = None,
    seed: int | None = None,
    shuffle_files: bool = False,
) -> Source:
    """Opens an image classification set that is on disk.

    Nothing is downloaded and the network is never waited for; `"digits"` is made on first use
    from the images that scikit-learn bundles. Images are read when the dataset is iterated.

    Args:
        name: A TFDS name such as `"mnist"`, `"cifar10"`, `"imagenet2012"`, `"imagenette/320px"`
            (with a configuration) or `"cifar10:3.0.2"` (with a version); or `"digits"`; or the
            path of a folder of images, laid out as `split/class/image.jpg` or, where the whole
            is the split `"train"`, as `class/image.jpg`. Write `"./mnist"` for a folder that has
            the name of a set.
        split: A split of the set, in TFDS's syntax: `"train"`, `"test[:100]"`, `"train[10%:]"`,
            `"train+test"`.
        data_dir: The folder of TFDS sets; by default that of TFDS (`~/tensorflow_datasets`, or
            the environment variable `TFDS_DATA_DIR`).
        seed: Seed of the order of the files, in `[0, 2**32)`.
        shuffle_files: Whether the files of the set are read in an order drawn once from `seed`
            instead of by number.

    Returns:
        The `Source`.

    Raises:
        MissingDataError: The set is not, or not completely, on disk.
        ValueError: There is no such set, configuration or split, or the set is not one of
            labelled images, or the splits of a folder have different classes.

    Example:
        >>> source = load("digits", "test")
        >>> source.num_examples, len(source.labels)
        (360, 10)
    """
    name = _as_string(name)
    validate.string("split", split)
    if seed is not None:
        validate.seed("seed", seed)
    elif validate.boolean("shuffle_files", shuffle_files):
        raise ValueError(
            "`shuffle_files` needs a seed, since the order of a source must not change from one "
            f"reading to the next. {validate.received('seed', seed)}"
        )
    if _is_folder(name, data_dir):
        return folders.load_folder(name, split, seed=seed, shuffle=shuffle_files)
    builder = _builder(name, data_dir)
    image_key, label_key = _keys(name, builder)
    _check_complete(name, builder)
    encoded = _read(name, split, builder, (image_key, label_key), seed, shuffle_files)
    decode = _decoder(name, builder.info.features[image_key])
    return Source(
        name=name,
        split=split,
        dataset=parallel_map(encoded, lambda image, label, _: (decode(image), label)),
        num_examples=int(encoded.cardinality()),
        labels=tuple(builder.info.features[label_key].names),
        mirror=builder.name not in NO_MIRROR,
        encoded=encoded,
        decode=decode,
    )


def split_names(
    name: str | os.PathLike, *, data_dir: str | os.PathLike | None = None
) -> tuple[str, ...]:
    """The splits of a set or folder that is on disk, sorted by name.

    Args:
        name: As for `load`.
        data_dir: As for `load`.

    Raises:
        MissingDataError: The set is not on disk.
        ValueError: There is no such set or configuration.

    Example:
        >>> split_names("digits")
        ('test', 'train')
    """
    name = _as_string(name)
    if _is_folder(name, data_dir):
        return folders.folder_splits(name)
    builder = _builder(name, data_dir)
    names = tuple(split for split, _ in _splits(builder))
    if not names:  # TFDS knows the splits of what is prepared
        raise _missing(name, builder)
    return names


def _as_string(name: str | os.PathLike) -> str:
    return validate.string("name", os.fspath(name) if isinstance(name, os.PathLike) else name)


def _is_folder(name: str, data_dir: str | os.PathLike | None) -> bool:
    """Whether a name is that of a folder of images, and not of a set, which comes first."""
    if data_dir is not None and Path(data_dir, re.split("[:/]", name)[0]).is_dir():
        return folders.is_written_as_path(name)
    return folders.is_written_as_path(name) or (
        Path(name).is_dir() and re.split("[:/]", name)[0] not in _known_sets()
    )


def _known_sets() -> set[str]:
    import tensorflow_datasets as tfds

    # without the community's sets, whose list TFDS would fetch
    return {*tfds.list_builders(with_community_datasets=False), "digits"}


def _builder(name: str, data_dir: str | os.PathLike | None) -> Any:
    """The TFDS builder of a set; reads metadata from disk, prepares nothing but `digits`."""
    import tensorflow_datasets as tfds

    data_dir = None if data_dir is None else os.path.expanduser(data_dir)
    if re.match(r"\w+:[A-Za-z_]", name):  # TFDS asks the network about "huggingface:mnist"
        raise ValueError(
            "Sets of other hubs are not read, only TFDS's own and those prepared in `data_dir`. "
            f"{validate.received('name', name)}"
        )
    if re.split("[:/]", name)[0] == "digits":
        from keras_classic_cnns.data import digits

        digits.prepare(data_dir)
    try:
        return tfds.builder(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError as error:
        raise ValueError(
            "TFDS has no set of this name, nor is one prepared in "
            f"{data_dir or 'the folder of TFDS sets'}, nor is it a folder of images. "
            f"{errors.close_matches(name, _known_sets())}{validate.received('name', name)}"
        ) from error
    except (ValueError, AssertionError) as error:  # its syntax, configuration or version
        raise ValueError(
            "TFDS sets are named as in 'cifar10', 'imagenette/320px' or 'cifar10:3.0.2'. "
            f"{_configurations(name)}{validate.received('name', name)}"
        ) from error


def _configurations(name: str) -> str:
    """A sentence that lists what there is of a set, for an error."""
    import tensorflow_datasets as tfds

    base = re.split("[:/]", name)[0]
    if base not in _known_sets() - {"digits"}:
        return ""
    builder = tfds.builder_cls(base)
    configs = ", ".join(repr(f"{base}/{config}") for config in builder.builder_configs)
    versions = ", ".join(str(version) for version in (builder.VERSION,) if version)
    return f"There is {configs or repr(base)}, of version {versions}. "


def _keys(name: str, builder: Any) -> tuple[str, str]:
    """The keys of the image and of the label among the features of a set."""
    import tensorflow_datasets as tfds

    features = builder.info.features
    kinds = dict(features.items()) if isinstance(features, tfds.features.FeaturesDict) else {}
    images = [
        key
        for key, kind in kinds.items()
        if isinstance(kind, tfds.features.Image)
        and not isinstance(kind, tfds.features.LabeledImage)
    ]
    labels = [key for key, kind in kinds.items() if isinstance(kind, tfds.features.ClassLabel)]
    supervised = builder.info.supervised_keys
    if supervised is not None and supervised[0] in images and supervised[1] in labels:
        return supervised
    if len(images) == len(labels) == 1:
        return images[0], labels[0]
    found = ", ".join(f"{key} ({type(kind).__name__})" for key, kind in kinds.items())
    raise ValueError(
        f"Not an image classification set: it needs one Image and one ClassLabel, and has "
        f"{found or type(features).__name__}. {validate.received('name', name)}"
    )


def _check_complete(name: str, builder: Any) -> None:
    """Raises where the folder of a set exists but does not hold all of it."""
    folder = Path(builder.data_path)
    if not folder.exists():
        return
    present = set(os.listdir(folder))
    wanted = {"dataset_info.json", "features.json"}
    for part in builder.info.splits.values():
        wanted.update(part.filenames)
    missing = sorted(wanted - present)
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise errors.MissingDataError(
            f"The set in {folder} is incomplete: {', '.join(missing[:3])}{more} missing. Delete "
            f"that folder and prepare the set anew{_how_to_prepare(name, builder)}"
            f"{validate.received('name', name)}"
        )


def _missing(name: str, builder: Any) -> errors.MissingDataError:
    return errors.MissingDataError(
        f"The set {name!r} is not on this disk: looked for {builder.data_path}. It is never "
        f"downloaded unasked. Prepare it{_how_to_prepare(name, builder)}"
        f"{validate.received('name', name)}"
    )


def _how_to_prepare(name: str, builder: Any) -> str:
    if builder.name == "digits":
        return ": it is made on first use. "
    root = builder.data_dir_root
    return (
        " on a machine with internet access:\n"
        f'    python -c "import tensorflow_datasets as tfds; '
        f"tfds.builder('{name}').download_and_prepare()\"\n"
        f"and copy the folder {builder.name}/ from that machine's ~/tensorflow_datasets/ to "
        f"{root} (on this machine, give the builder data_dir='{root}' instead). "
    )


def _read(
    name: str, split: str, builder: Any, keys: tuple[str, str], seed: int | None, shuffle: bool
) -> tf.data.Dataset:
    """`(bytes of the image file, label, name)` of every example of the split."""
    import tensorflow_datasets as tfds

    image_key, label_key = keys
    # what is kept in memory is decided in the pipeline alone
    config = tfds.ReadConfig(try_autocache=False, add_tfds_id=True)
    if shuffle:  # TFDS's `shuffle_files` draws anew at every reading, and from the global seed too
        config.experimental_interleave_sort_fn = functools.partial(shuffled, seed=seed)
    try:
        dataset = builder.as_dataset(
            split=split,
            decoders={image_key: tfds.decode.SkipDecoding()},
            read_config=config,
        )
    except AssertionError as error:
        raise _missing(name, builder) from error
    except ValueError as error:
        counts = {key: part.num_examples for key, part in _splits(builder)}
        raise folders.no_examples(name, split, counts) from error
    return dataset.map(lambda example: (example[image_key], example[label_key], example["tfds_id"]))


def _splits(builder: Any) -> list[tuple[str, Any]]:
    return sorted(builder.info.splits.items())


def _decoder(name: str, feature: Any) -> Callable[[tf.Tensor], tf.Tensor]:
    """A function from the bytes of one image to uint8 pixels."""
    dtype = tf.as_dtype(feature.np_dtype)
    if dtype not in (tf.uint8, tf.uint16):
        raise ValueError(
            f"Images must be stored as uint8 or uint16; those of {name!r} are {dtype.name}. "
            f"{validate.received('name', name)}"
        )

    height, width, channels = feature.shape
    if dtype == tf.uint8:  # of 2 and 4 channels, and an unknown number, the rest is laid on white
        channels = 1 if channels in (1, 2) else 3
        shape = (height, width, channels)
        return lambda image: tf.ensure_shape(decode_image(image, channels), shape)
    # 65535 / 257 = 255
    return lambda image: tf.cast(feature.decode_example(image) // 257, tf.uint8)
