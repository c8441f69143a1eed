"""Sets that are really prepared, once a session, in folders of their own."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_classic_cnns.data import Source, datasets


@pytest.fixture(scope="session")
def digits_dir(tmp_path_factory):
    """A TFDS folder in which digits is prepared."""
    folder = tmp_path_factory.mktemp("tfds")
    datasets.load("digits", "train", data_dir=folder)
    return folder


@pytest.fixture(scope="session")
def digits(digits_dir):
    return datasets.load("digits", "train", data_dir=digits_dir)


@pytest.fixture(scope="session")
def store():
    """Prepares a TFDS set of one split, "train", in a folder."""

    def store(folder, name, features, examples):
        features = tfds.features.FeaturesDict(features)
        dataset = tf.data.Dataset.from_generator(
            lambda: iter(examples), output_signature=features.get_tensor_spec()
        )
        tfds.dataset_builders.store_as_tfds_dataset(
            name=name,
            version="1.0.0",
            features=features,
            split_datasets={"train": dataset},
            data_dir=folder,
        )

    return store


@pytest.fixture(scope="session")
def flowers_dir(tmp_path_factory, store):
    """A TFDS folder with a set of photos of many sizes, under keys of its own."""
    folder = tmp_path_factory.mktemp("tfds")
    store(
        folder,
        "my_flowers",
        {
            "picture": tfds.features.Image(shape=(None, None, 3), encoding_format="jpeg"),
            "species": tfds.features.ClassLabel(names=["daisy", "rose", "tulip"]),
            "note": tfds.features.Text(),
        },
        [
            {
                "picture": np.full((20 + index, 40 - index, 3), 40 + 10 * index, np.uint8),
                "species": index % 3,
                "note": f"number {index}",
            }
            for index in range(12)
        ],
    )
    return folder


@pytest.fixture
def numbered():
    """A source whose images are all one value, the number of the example."""

    def make(count, size=4, **kwargs):
        pairs = tf.data.Dataset.range(count).map(
            lambda i: (tf.fill((size, size, 1), tf.cast(i, tf.uint8)), i)
        )
        labels = tuple(str(i) for i in range(count))
        return Source("numbered", "train", pairs, num_examples=count, labels=labels, **kwargs)

    return make
