"""What would silently do nothing or the wrong thing is refused before training."""

import types

import keras
import pytest

from keras_classic_cnns.distribute import check_model, refuse_data_parallel, strategy
from keras_classic_cnns.recipes import SGDWithL2, SharedLossScaleOptimizer


def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


def compiled(model, **options):
    model.compile("sgd", "mse", **options)
    return model


@pytest.fixture(scope="module")
def mirrored():
    return strategy("mirrored")


def test_a_model_of_the_scope_passes_compiled_or_not(mirrored):
    with mirrored.scope():
        model = build()
        check_model(model, mirrored)
        check_model(compiled(model), mirrored)


def test_a_plain_model_passes_on_one_device():
    check_model(compiled(build()), strategy("cpu"))


def test_a_model_built_outside_is_refused(mirrored):
    with pytest.raises(ValueError, match="was built outside of the scope.*Received: model.name="):
        check_model(build(), mirrored)


def test_a_model_compiled_outside_is_refused(mirrored):
    with mirrored.scope():
        model = build()
    with pytest.raises(ValueError, match="was compiled outside of the scope"):
        check_model(compiled(model), mirrored)


def test_a_model_of_another_strategy_is_refused(mirrored):
    with mirrored.scope():
        model = compiled(build())
    with pytest.raises(ValueError, match="was built outside"):
        check_model(model, strategy("cpu"))


def test_several_steps_an_execution_are_refused_over_workers_only():
    one = strategy("cpu")
    model = compiled(build(), steps_per_execution=2)
    check_model(model, one)
    with pytest.raises(ValueError, match="Received: steps_per_execution=2"):
        check_model(model, types.SimpleNamespace(strategy=one.strategy, workers=2))


def own(model, optimizer):
    model.compile(optimizer, "mse", auto_scale_loss=False)
    return model


@pytest.mark.parametrize("clip", ["clipnorm", "global_clipnorm", "clipvalue"])
def test_a_clip_of_each_share_is_refused_and_one_of_the_sum_is_not(mirrored, clip):
    with mirrored.scope():
        model = own(build(), keras.optimizers.SGD(**{clip: 0.5}))
        with pytest.raises(ValueError, match=f"not their sum.*Received: {clip}=0.5$"):
            check_model(model, mirrored)
        check_model(own(build(), SGDWithL2(**{clip: 0.5})), mirrored)
    check_model(own(build(), keras.optimizers.SGD(**{clip: 0.5})), strategy("cpu"))


def test_a_loss_scale_of_the_first_replica_is_refused(mirrored):
    with mirrored.scope():
        model = own(build(), keras.mixed_precision.LossScaleOptimizer(keras.optimizers.SGD()))
        with pytest.raises(ValueError, match="asks the first replica.*Received: model.optimizer="):
            check_model(model, mirrored)
        check_model(own(build(), SharedLossScaleOptimizer(keras.optimizers.SGD())), mirrored)
        scaled = SharedLossScaleOptimizer(keras.optimizers.SGD(clipnorm=0.5))
        with pytest.raises(ValueError, match="Received: clipnorm=0.5$"):
            check_model(own(build(), scaled), mirrored)


def test_only_models_are_taken(mirrored):
    with pytest.raises(TypeError, match="must be a keras.Model"):
        check_model("model", mirrored)


@pytest.fixture
def data_parallel():
    distribution = keras.distribution.DataParallel(devices=["cpu:0", "cpu:1"])
    keras.distribution.set_distribution(distribution)
    yield
    keras.distribution.set_distribution(None)


def test_data_parallel_is_refused_everywhere(data_parallel):
    model = build()
    for call in (
        refuse_data_parallel,
        lambda: strategy("cpu"),
        lambda: check_model(model, types.SimpleNamespace()),
    ):
        with pytest.raises(ValueError, match="does nothing on the TensorFlow backend.*Received:"):
            call()


def test_without_a_distribution_nothing_is_refused():
    refuse_data_parallel()
