"""Numbers that workers tell each other; over real processes in training/test_workers.py."""

import dataclasses

from harness import two_replicas

from keras_classic_cnns.distribute import exchange, strategy


def test_one_worker_hears_itself():
    assert exchange([3, 4], strategy("cpu")) == [(3, 4)]


def test_the_devices_of_a_worker_count_once():
    """Two devices here, and two workers; the other one is silent."""
    placement = dataclasses.replace(strategy("cpu"), strategy=two_replicas(), worker=1)
    two = dataclasses.replace(placement, workers=1)
    assert exchange([5], two) == [(5,)]
    # the sum over both devices of this process stands for that over two workers of one device each
    both = dataclasses.replace(placement, workers=2)
    assert exchange([2**52 // 2, 7], both) == [(0, 0), (2**52, 14)]
