"""Schedules: pure functions of the step that survive saving."""

import hypothesis
import keras
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from keras_classic_cnns.recipes.curves import Cosine
from keras_classic_cnns.recipes.schedules import ScheduledRate, Steps, divide_by_ten


def test_cifar_resnet_divides_at_32k_and_48k():
    rate = ScheduledRate(0.1, divide_by_ten(0.5, 0.75), 64_000)
    rates = [float(rate(step)) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)]
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_without_boundaries_the_rate_is_constant():
    assert float(ScheduledRate(0.25, Steps(), 10)(7)) == 0.25


@hypothesis.given(
    fractions=st.lists(st.floats(0.01, 0.99), unique=True, max_size=5).map(sorted),
    total=st.integers(1, 2_000_000),
    data=st.data(),
)
@hypothesis.settings(max_examples=50, deadline=None)
def test_factor_is_that_of_the_boundaries_passed(fractions, total, data):
    schedule = Steps(tuple(fractions), tuple(1.0 / 2**i for i in range(len(fractions) + 1)))
    step = data.draw(st.integers(0, total))
    passed = sum(step >= round(fraction * total) for fraction in fractions)
    assert float(schedule(step, total)) == 1.0 / 2**passed


def test_is_the_same_function_in_a_graph():
    rate = ScheduledRate(0.1, divide_by_ten(1 / 3, 2 / 3), 90)
    in_graph = tf.function(rate)
    for step in (0, 29, 30, 60, 89, 500):
        assert float(in_graph(tf.constant(step, tf.int64))) == float(rate(step))


def test_reloads_as_what_it_was():
    rate = ScheduledRate(0.1, Steps((0.1, 0.5), (0.1, 1.0, 0.1)), 1000, parts=4)
    config = keras.saving.serialize_keras_object(rate)
    assert config["registered_name"] == "keras_classic_cnns>ScheduledRate"
    again = keras.saving.deserialize_keras_object(config, safe_mode=True)
    assert (again.schedule, again.learning_rate, again.total_steps) == (rate.schedule, 0.1, 1000)
    assert again.parts == 4
    old = {key: value for key, value in rate.get_config().items() if key != "parts"}
    assert ScheduledRate.from_config(old).parts == 1


def test_all_parts_of_a_step_have_its_rate():
    whole, parts = (ScheduledRate(0.1, Cosine(), 5, parts) for parts in (1, 3))
    assert [float(parts(number)) for number in range(15)] == [
        float(whole(number // 3)) for number in range(15)
    ]
    with pytest.raises(ValueError, match="Received: parts=0$"):
        ScheduledRate(0.1, Cosine(), 5, 0)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        (((0.5, 0.5), (1, 1, 1)), ValueError, r"must ascend.*Received: boundaries=\(0.5, 0.5\)$"),
        (((0.0,), (1, 1)), ValueError, r"between 0 and 1. Received: boundaries=\(0.0,\)$"),
        (((1.0,), (1, 1)), ValueError, r"between 0 and 1. Received: boundaries=\(1.0,\)$"),
        (((0.5,), (1,)), ValueError, r"one more than the 1 boundaries. Received: factors=\(1,\)$"),
        (((0.5,), (1, -1)), ValueError, "at least 0. Received: factors=-1$"),
        ((("a",), (1, 1)), TypeError, "must be a number. Received: boundaries='a'$"),
        ((("nan",), (1, 1)), TypeError, "Received: boundaries='nan'$"),
        (((float("nan"),), (1, 1)), ValueError, "must be finite. Received: boundaries=nan$"),
    ],
)
def test_wrong_steps(arguments, error, message):
    with pytest.raises(error, match=message):
        Steps(*arguments)


def test_after_the_run_the_factor_stays():
    assert float(divide_by_ten(0.5)(5000, 100)) == pytest.approx(0.1)


def test_wrong_rates():
    with pytest.raises(ValueError, match="Received: learning_rate=-0.1$"):
        ScheduledRate(-0.1, Steps(), 10)
    with pytest.raises(ValueError, match="Received: total_steps=0$"):
        ScheduledRate(0.1, Steps(), 0)
