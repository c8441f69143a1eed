"""Curves: against values written down, in and out of graphs, saved, and after the run."""

import math

import hypothesis
import keras
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from keras_classic_cnns import recipes
from keras_classic_cnns.recipes import Cosine, Exponential, Polynomial, Steps, WarmUp, linear
from keras_classic_cnns.recipes.schedules import Schedule, ScheduledRate

# schedule: {step of 1000: factor}
VALUES = {
    Exponential(0.94, times=50): {0: 1, 19: 1, 20: 0.94, 39: 0.94, 40: 0.8836, 999: 0.94**49},
    Exponential(0.5, times=2.5): {399: 1, 400: 0.5, 799: 0.5, 800: 0.25, 1000: 0.25},
    Exponential(0.5, times=4, staircase=False): {0: 1, 125: 0.70710678, 250: 0.5, 1000: 0.0625},
    Exponential(0.5, times=0): {0: 1, 1000: 1},
    Exponential(0.5, times=0.5): {0: 1, 999: 1},
    linear(): {0: 1, 250: 0.75, 999: 0.001, 1000: 0, 2000: 0},
    linear(end=0.2): {0: 1, 500: 0.6, 1000: 0.2},
    Polynomial(power=0.5): {0: 1, 750: 0.5, 990: 0.1, 1000: 0},
    Polynomial(power=2, end=0.1): {0: 1, 500: 0.325, 1000: 0.1},
    Cosine(): {0: 1, 250: 0.85355339, 500: 0.5, 750: 0.14644661, 1000: 0, 1500: 0},
    Cosine(end=0.1): {0: 1, 500: 0.55, 1000: 0.1},
    WarmUp(0.1, Cosine()): {0: 0, 25: 0.25, 99: 0.99, 100: 1, 550: 0.5, 1000: 0},
    WarmUp(0.1, linear(), start=0.5): {0: 0.5, 50: 0.75, 100: 1, 550: 0.5, 1000: 0},
    WarmUp(0.2, Steps((0.5,), (1.0, 0.1))): {199: 0.995, 200: 1, 599: 1, 600: 0.1, 999: 0.1},
    WarmUp(0.5): {250: 0.5, 500: 1, 1000: 1},
}
EACH = pytest.mark.parametrize("schedule", VALUES, ids=str)


@EACH
def test_factors_are_those_written_down(schedule):
    found = {step: float(schedule(step, 1000)) for step in VALUES[schedule]}
    assert found == pytest.approx(VALUES[schedule], abs=2e-6)


@EACH
def test_is_the_same_function_in_a_graph(schedule):
    rate = ScheduledRate(0.1, schedule, 1000)
    in_graph = tf.function(rate)
    for step in VALUES[schedule]:
        found = float(in_graph(tf.constant(step, tf.int64)))
        assert found == pytest.approx(float(rate(step)), rel=1e-5, abs=1e-8)


@EACH
def test_reloads_as_what_it_was(schedule):
    config = keras.saving.serialize_keras_object(ScheduledRate(0.1, schedule, 1000))
    again = keras.saving.deserialize_keras_object(config, safe_mode=True)
    assert again.schedule == schedule and type(again.schedule) is type(schedule)


@EACH
def test_means_the_same_in_a_run_of_another_length(schedule):
    for step in range(0, 1000, 100):
        long, short = schedule(step * 10, 10_000), schedule(step, 1000)
        assert float(long) == pytest.approx(float(short), abs=2e-6)


@hypothesis.given(
    epochs=st.integers(1, 400), steps=st.integers(1, 500), every=st.floats(0.5, 50), data=st.data()
)
@hypothesis.settings(max_examples=50, deadline=None)
def test_a_staircase_counts_the_multiples_passed(epochs, steps, every, data):
    total = epochs * steps
    step = data.draw(st.integers(0, total - 1))
    times = epochs / every
    multiples = [count / times for count in range(1, int(times) + 1) if count / times < 1]
    count = sum(step >= round(multiple * total) for multiple in multiples)
    factor = float(Exponential(0.99, times)(step, total))
    assert math.log(factor) == pytest.approx(count * math.log(0.99), rel=1e-3, abs=1e-5)


def test_inception_v3_takes_6_percent_off_every_two_epochs():
    rate = recipes.get("inception_v3").rate(steps_per_epoch=800)
    found = [float(rate(step)) for step in (0, 1599, 1600, 3199, 3200, 79_999)]
    assert found == pytest.approx([0.045, 0.045, 0.0423, 0.0423, 0.039762, 0.045 * 0.94**49])


@pytest.mark.parametrize("total", [1, 2, 3])
@EACH
def test_the_shortest_runs_have_finite_rates(schedule, total):
    for step in range(total + 1):
        assert math.isfinite(float(schedule(step, total)))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Exponential(0, 5), ValueError, "`base` must be above 0. Received: base=0$"),
        (lambda: Exponential(1.1, 5), ValueError, "at most 1. Received: base=1.1$"),
        (lambda: Exponential(0.5, -1), ValueError, "at least 0. Received: times=-1$"),
        (lambda: Exponential(0.5, 5, staircase=1), TypeError, "Received: staircase=1$"),
        (lambda: Polynomial(0), ValueError, "`power` must be above 0. Received: power=0$"),
        (lambda: Polynomial(1, end=2), ValueError, "at most 1. Received: end=2$"),
        (lambda: Cosine(-0.1), ValueError, "at least 0. Received: end=-0.1$"),
        (lambda: Cosine("0"), TypeError, "Received: end='0'$"),
        (lambda: WarmUp(0), ValueError, "`share` must be above 0. Received: share=0$"),
        (lambda: WarmUp(1.0), ValueError, "must be less than 1. Received: share=1.0$"),
        (lambda: WarmUp(0.1, start=2), ValueError, "at most 1. Received: start=2$"),
        (lambda: WarmUp(0.1, 0.5), TypeError, "`then` must be a schedule.*Received: then=0.5$"),
    ],
)
def test_wrong_curves(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_schedule_says_its_factors():
    with pytest.raises(TypeError, match="abstract"):
        Schedule()
