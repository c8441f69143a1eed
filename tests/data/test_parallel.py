"""Maps over several processors."""

import tensorflow as tf

from keras_classic_cnns.data.parallel import parallel_map


def test_order_is_kept_unless_it_need_not_be():
    numbers = tf.data.Dataset.range(50)
    assert list(parallel_map(numbers, lambda n: 2 * n).as_numpy_iterator()) == list(
        range(0, 100, 2)
    )
    free = parallel_map(numbers, lambda n: 2 * n, deterministic=False)
    assert sorted(free.as_numpy_iterator()) == list(range(0, 100, 2))
    assert free._deterministic == "false"
