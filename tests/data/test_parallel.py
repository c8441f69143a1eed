"""Maps over several processors."""

import tensorflow as tf

from keras_classic_cnns.data.parallel import parallel_flat_map, parallel_map


def test_order_is_kept_unless_it_need_not_be():
    numbers = tf.data.Dataset.range(50)
    assert list(parallel_map(numbers, lambda n: 2 * n).as_numpy_iterator()) == list(
        range(0, 100, 2)
    )
    free = parallel_map(numbers, lambda n: 2 * n, deterministic=False)
    assert sorted(free.as_numpy_iterator()) == list(range(0, 100, 2))
    assert free._deterministic == "false"


def test_datasets_of_some_elements_keep_their_order():
    numbers = tf.data.Dataset.range(50)
    odd = parallel_flat_map(
        numbers, lambda n: tf.data.Dataset.from_tensors(n).filter(lambda n: n % 2 == 1)
    )
    assert list(odd.as_numpy_iterator()) == list(range(1, 50, 2))
