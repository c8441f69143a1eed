"""Batches over replicas: how many images each sees, and which worker reads which.

Keras is given global batches, and TensorFlow hands each replica its share.
"""

from typing import Any

import tensorflow as tf

from keras_classic_cnns.core import validate


def global_batch(per_replica: int, placement: Any) -> int:
    """The batch over all replicas, which is what `dataset.batch` takes.

    Args:
        per_replica: Images that one replica sees in a step, at least 1.
        placement: What `strategy` returned, or a strategy of TensorFlow.

    Example:
        >>> global_batch(32, tf.distribute.get_strategy())
        32
    """
    return validate.positive_int("per_replica", per_replica) * placement.num_replicas_in_sync


def per_replica_batch(batch_size: int, placement: Any) -> int:
    """The share of one replica of a global batch.

    Args:
        batch_size: The global batch, at least 1.
        placement: What `strategy` returned, or a strategy of TensorFlow.

    Raises:
        ValueError: The shares would differ.

    Example:
        >>> per_replica_batch(64, tf.distribute.get_strategy())
        64
    """
    validate.positive_int("batch_size", batch_size)
    share, rest = divmod(batch_size, placement.num_replicas_in_sync)
    if rest:
        raise ValueError(
            f"`batch_size` must be a multiple of the {placement.num_replicas_in_sync} replicas, or "
            "the gradient would weigh images differently. "
            f"{validate.received('batch_size', batch_size)}"
        )
    return share


def evaluation_batch(examples: int, at_most: int, placement: Any) -> int:
    """The largest global batch with which every replica has an image in every step of evaluation.

    Shares of a last batch may differ, and the result is exact all the same; but none may be empty:
    a convolution of oneDNN, on CPUs, returns a wrong shape for no images, and a worker that stops
    takes the others with it. On a TPU, whose steps are compiled for one size, no batch may be
    smaller than the others.

    Args:
        examples: How many are evaluated.
        at_most: The largest batch that fits, a positive number.
        placement: What `strategy` returned, or a strategy of TensorFlow.

    Returns:
        A multiple of the number of replicas that is at most `at_most`; with one replica `at_most`
        itself.

    Raises:
        ValueError: There is none.

    Example:
        >>> evaluation_batch(360, 64, tf.distribute.get_strategy())
        64
    """
    validate.positive_int("examples", examples)
    validate.positive_int("at_most", at_most)
    replicas = placement.num_replicas_in_sync
    on_tpu = getattr(placement, "kind", None) == "tpu"
    if replicas == 1 and not on_tpu:
        return at_most
    for batch in range(at_most - at_most % replicas, 0, -replicas):
        left = examples % batch
        share = -(-left // replicas)  # TensorFlow deals these out in turn until none is left
        if not left or (not on_tpu and left > (replicas - 1) * share):
            return batch
    if on_tpu:
        raise ValueError(
            f"A TPU needs batches of one size, which its {replicas} replicas share, and {examples} "
            f"examples cannot be cut into any. Evaluate a multiple of {replicas}, such as "
            f"test[:{examples - examples % replicas}]. {validate.received('examples', examples)}"
        )
    raise ValueError(
        f"With batches of at most {at_most}, {examples} examples leave one of {replicas} replicas "
        "without an image in the last step. Allow larger batches, or evaluate a multiple of the "
        f"number of replicas. {validate.received('at_most', at_most)}"
    )


def distributable(
    dataset: tf.data.Dataset, placement: Any, *, training: bool = True
) -> tf.data.Dataset:
    """A dataset of global batches, such that the replicas together see each batch once.

    Every worker reads the whole of it and keeps its share, so that a batch is the same however many
    workers there are. The order must not differ between workers: shuffle with a seed.

    Args:
        dataset: Batches, the same on every worker.
        placement: What `strategy` returned.
        training: Whether it is for `fit`. For evaluation and prediction a last batch may be
            smaller; see `evaluation_batch`.

    Returns:
        The dataset with the options set; the same object where there is one replica.

    Raises:
        TypeError: `dataset` is not a `tf.data.Dataset`.
        ValueError: For training: the batches have no fixed size, or one that the replicas cannot
            share evenly.

    Example:
        >>> images = tf.data.Dataset.from_tensor_slices(tf.zeros((8, 32, 32, 3)))
        >>> batches = images.batch(4, drop_remainder=True)
        >>> distributable(batches, tf.distribute.get_strategy()) is batches
        True
    """
    if not isinstance(dataset, tf.data.Dataset):
        raise TypeError(
            f"`dataset` must be a tf.data.Dataset. {validate.received('dataset', dataset)}"
        )
    validate.boolean("training", training)
    if placement.num_replicas_in_sync == 1:
        return dataset
    if training:
        _check_shares(dataset, placement)
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    # workers that read in different orders would see some images twice and others never
    options.deterministic = True
    return dataset.with_options(options)


def _check_shares(dataset: tf.data.Dataset, placement: Any) -> None:
    """Refuses ragged batches, whose gradients Keras weighs wrongly or cannot add up."""
    shapes = [spec.shape for spec in tf.nest.flatten(dataset.element_spec)]
    sizes = {shape[0] if shape.rank else None for shape in shapes}
    if len(sizes) != 1 or None in sizes:
        raise ValueError(
            "Training over replicas needs batches of one size: call "
            "`.batch(batch_size, drop_remainder=True)`. "
            f"{validate.received('dataset.element_spec', dataset.element_spec)}"
        )
    per_replica_batch(sizes.pop(), placement)
