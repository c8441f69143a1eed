"""Shares of global batches: their sizes, and that ragged ones are refused."""

import types

import pytest
import tensorflow as tf
from harness import two_replicas

from keras_classic_cnns.distribute import (
    distributable,
    evaluation_batch,
    global_batch,
    per_replica_batch,
)

ONE = tf.distribute.get_strategy()


def replicas(count):
    return types.SimpleNamespace(num_replicas_in_sync=count)


def numbers(count, batch, drop_remainder=False):
    data = tf.data.Dataset.range(count).map(lambda i: (tf.fill((2,), i), i))
    return data.batch(batch, drop_remainder=drop_remainder)


def test_global_and_share_are_inverse():
    assert global_batch(32, replicas(3)) == 96
    assert per_replica_batch(96, replicas(3)) == 32


def test_a_batch_that_cannot_be_shared_evenly_is_refused():
    with pytest.raises(ValueError, match="multiple of the 3 replicas.*Received: batch_size=32"):
        per_replica_batch(32, replicas(3))


@pytest.mark.parametrize("function", [global_batch, per_replica_batch])
def test_a_batch_is_a_positive_number(function):
    with pytest.raises(ValueError, match="at least 1"):
        function(0, ONE)


def shares(count, batch, strategy):
    """How many examples each replica is given in each step, as TensorFlow deals them out."""
    data = distributable(numbers(count, batch), strategy, training=False)
    steps = strategy.experimental_distribute_dataset(data)
    return [[len(v) for v in strategy.experimental_local_results(labels)] for _, labels in steps]


@pytest.mark.parametrize("count", range(9, 18))
def test_the_evaluation_batch_leaves_nobody_without_an_image(count):
    strategy = two_replicas()
    dealt = shares(count, evaluation_batch(count, 8, strategy), strategy)
    assert all(share > 0 for step in dealt for share in step)
    assert sum(map(sum, dealt)) == count


def test_the_danger_is_real():
    assert shares(9, 4, two_replicas())[-1] == [1, 0]


@pytest.mark.parametrize(
    ("examples", "at_most", "count", "batch"),
    [
        (360, 64, 1, 64),
        (37, 12, 1, 12),
        (37, 12, 2, 10),  # 12 leaves 1 image, 10 leaves 7
        (100, 36, 3, 36),  # leaves 28: 10, 10, 8
    ],
)
def test_the_largest_such_batch_is_taken(examples, at_most, count, batch):
    assert evaluation_batch(examples, at_most, replicas(count)) == batch


@pytest.mark.parametrize(("examples", "at_most"), [(1, 8), (22, 3), (8, 2)])
def test_no_such_batch_is_an_error(examples, at_most):
    with pytest.raises(ValueError, match="without an image in the last step"):
        evaluation_batch(examples, at_most, replicas(3))


def test_on_a_tpu_all_batches_are_of_one_size():
    tpu = types.SimpleNamespace(num_replicas_in_sync=8, kind="tpu")
    assert evaluation_batch(360, 64, tpu) == 40
    tpu = types.SimpleNamespace(num_replicas_in_sync=1, kind="tpu")
    assert evaluation_batch(360, 64, tpu) == 60
    tpu = types.SimpleNamespace(num_replicas_in_sync=8, kind="tpu")
    with pytest.raises(ValueError, match=r"such as test\[:360\]. Received: examples=361"):
        evaluation_batch(361, 64, tpu)


def test_one_replica_takes_the_dataset_as_it_is():
    data = numbers(5, 2)
    assert distributable(data, ONE) is data


def test_every_worker_reads_everything_in_the_same_order():
    options = distributable(numbers(8, 4, True), replicas(2)).options()
    policy = options.experimental_distribute.auto_shard_policy
    assert policy == tf.data.experimental.AutoShardPolicy.DATA
    assert options.deterministic is True


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (numbers(8, 4), "drop_remainder=True"),
        (numbers(8, 3, True), "multiple of the 2 replicas"),
        (tf.data.Dataset.range(4), "drop_remainder=True"),
        (tf.data.Dataset.from_tensors((tf.zeros((4, 2)), tf.zeros(2))), "batches of one size"),
    ],
)
def test_ragged_batches_are_refused_for_training(data, message):
    with pytest.raises(ValueError, match=message):
        distributable(data, replicas(2))


def test_ragged_batches_are_fine_for_evaluation():
    assert distributable(numbers(8, 3), replicas(2), training=False) is not None


def test_only_datasets_are_taken():
    with pytest.raises(TypeError, match=r"must be a tf.data.Dataset. Received: dataset=\[1\]"):
        distributable([1], replicas(2))
