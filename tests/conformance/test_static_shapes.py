"""Training steps as a TPU wants them: whole in XLA, every size known, convolutions in bfloat16.

There was no TPU at hand. TensorFlow lowers a step to XLA's language, HLO, in the same way for each
device; what stays of it, to turn HLO into code, is the device's own. That code for CPUs is right,
test_xla.py shows.
"""

import collections
import re

import keras
import pytest
import tensorflow as tf
from cases import FIRST
from harness import build

import keras_classic_cnns as kcc


def hlo(step, *specs):
    """What TensorFlow makes of a function for XLA; fails where an operation has no such form."""
    function = tf.function(step, jit_compile=True, autograph=False)
    return function.experimental_get_compiler_ir(*specs)(stage="hlo")


def unfit(text):
    """What of a step a TPU could not compute at all, or only with the help of its host."""
    sizes = re.findall(r"\[[^\]\n]*<=[^\]\n]*\]", text)  # known only when it runs
    operations = r"\b(?:custom-call|infeed|outfeed|send|recv|set-dimension-size)(?=\()"
    return sizes + re.findall(operations, text)


def check_step(case):
    """The step of `fit`, as a run compiles it: it scales bytes, and keeps the metrics."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = build(case)
    recipe = kcc.recipes.for_model(kcc.get_spec(case.name)).scaled(batch_size=8, epochs=1)
    recipe.compile(model, steps_per_epoch=4)
    kcc.scale_in_steps(model, kcc.preprocessing_for(model))
    model.optimizer.build(model.trainable_variables)
    nothing = tf.zeros((8,), tf.int64), tf.zeros((8, *model.output_shape[1:]))
    model.compute_loss(None, *nothing)
    model.compute_metrics(None, *nothing)  # Keras makes their variables now, not in the step

    def step(images, labels):
        return model.train_step((images, labels))

    images = tf.TensorSpec((8, *model.input_shape[1:]), tf.uint8)
    text = hlo(step, images, tf.TensorSpec((8,), tf.int64))
    assert unfit(text) == []
    kinds = collections.Counter(re.findall(r"= (\w+)\[[^=\n]*\bconvolution\(", text))
    assert set(kinds) <= {"bf16", "f32"} and kinds["bf16"]
    # of a classifier that is a convolution: itself, and its gradient to kernel and input
    assert kinds["f32"] <= 3


@pytest.mark.parametrize("case", FIRST)
def test_a_training_step_is_whole_and_of_fixed_size_in_bfloat16(case, elsewhere):
    elsewhere(check_step, case)


def test_a_size_that_depends_on_the_values_is_found():
    def step(x):
        return tf.reduce_sum(tf.boolean_mask(x, x > 0))

    assert unfit(hlo(step, tf.TensorSpec((8,), tf.float32))) != []
