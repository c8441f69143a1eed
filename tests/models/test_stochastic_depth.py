"""What is usually got wrong about stochastic depth."""

import re

import keras
import numpy as np
import pytest
from harness import images, randomise, shared_model

import keras_classic_cnns as kcc
from keras_classic_cnns.layers import (
    BatchNormalization,
    GatedBatchNormalization,
    StochasticDepth,
    SurvivalGate,
)
from keras_classic_cnns.models.stochastic_depth import survival_probabilities


def layers_of(model, kind):
    return [layer for layer in model.layers if type(layer) is kind]


def draw(model):
    """The gates of a training step, `(units, batch)`."""
    x = images(8, 1, 1, 1)
    return np.stack([gate(x, training=True) for gate in layers_of(model, SurvivalGate)])[:, :, 0]


@pytest.fixture(scope="module")
def net():
    """The 110 layers at 8x8, with weights that matter."""
    keras.utils.set_random_seed(0)
    model = kcc.StochasticDepthResNet110(input_shape=(8, 8, 3), classifier_activation=None)
    randomise(model)
    return model


def test_survival_falls_linearly_over_every_unit():
    """Units that halve the map count too; the first one may already be dropped."""
    survivals = survival_probabilities(54, 0.5, "linear")
    assert survivals[0] == pytest.approx(1 - 0.5 / 54)
    assert survivals[53] == 0.5
    np.testing.assert_allclose(np.diff(survivals), np.full(53, -0.5 / 54))
    assert survival_probabilities(4, 0.7, "constant") == [0.7] * 4


def test_gate_and_end_of_a_branch_have_its_probability():
    for options, first in (({}, 1 - 0.5 / 54), ({"survival": 0.8, "decay": "constant"}, 0.8)):
        model = kcc.StochasticDepthResNet110(input_shape=(8, 8, 3), **options)
        ends, gates = layers_of(model, StochasticDepth), layers_of(model, SurvivalGate)
        assert len(ends) == len(gates) == 54
        assert [end.survival for end in ends] == [gate.survival for gate in gates]
        assert ends[0].survival == pytest.approx(first)
        assert all(gate.per == "batch" for gate in gates)
        # both normalisations of a branch are gated; that of the stem is not
        assert len(layers_of(model, GatedBatchNormalization)) == 108
        assert [layer.name for layer in layers_of(model, BatchNormalization)] == ["stem_bn"]


def test_three_quarters_of_the_units_are_there(net):
    """The expected number is 54 - 0.5 * 55 / 2 = 40.25."""
    active = np.array([draw(net)[:, 0].sum() for _ in range(60)])
    survivals = np.array(survival_probabilities(54, 0.5, "linear"))
    deviation = np.sqrt(np.sum(survivals * (1 - survivals)) / 60)
    assert abs(active.mean() - 40.25) < 4 * deviation
    assert np.ptp(active) > 2


def test_inference_weakens_each_branch_by_its_probability(net):
    """relu(x + p * f(x)), and no random draw; others scale in training instead."""
    end = net.get_layer("stage2_block3_drop")
    probe = keras.Model(
        net.input,
        [
            net.get_layer(f"stage2_block3_{name}").output
            for name in ("gate", "bn2", "drop", "add", "out")
        ]
        + [net.get_layer("stage2_block2_out").output],
    )
    x = images(2, 8, 8, 3)
    gate, branch, dropped, total, out, before = map(np.asarray, probe(x))
    assert end.survival == pytest.approx(1 - 21 / 54 * 0.5)
    np.testing.assert_allclose(gate, end.survival, rtol=1e-6)
    np.testing.assert_allclose(dropped, end.survival * branch, rtol=1e-5)
    np.testing.assert_allclose(total, before + dropped, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(out, np.maximum(total, 0))
    np.testing.assert_array_equal(net(x), net(x))


def test_a_training_step_keeps_a_branch_whole_or_drops_it_with_its_statistics():
    model = kcc.StochasticDepthResNet110(input_shape=(8, 8, 3), survival=0.3)
    model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy", run_eagerly=True)
    bns = layers_of(model, GatedBatchNormalization)
    kernels = [layer for layer in model.layers if layer.name.endswith(("_conv1", "_conv2"))]
    before = [layer.kernel.numpy() for layer in kernels]
    model.train_on_batch(images(4, 8, 8, 3), np.arange(4))
    moved = np.array([np.any(bn.moving_mean.numpy() != 0) for bn in bns]).reshape(54, 2)
    assert np.all(moved[:, 0] == moved[:, 1])  # both normalisations of a branch, or none
    assert 10 < moved[:, 0].sum() < 54
    learned = [
        np.any(layer.kernel.numpy() != old) for layer, old in zip(kernels, before, strict=True)
    ]
    np.testing.assert_array_equal(np.array(learned).reshape(54, 2), moved)


def test_samples_of_a_batch_may_differ():
    model = kcc.StochasticDepthResNet110(input_shape=(8, 8, 3), per="sample")
    assert np.any(np.ptp(draw(model), axis=1) > 0)


def test_the_same_seed_gives_the_same_run():
    runs = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        model = kcc.StochasticDepthResNet110(input_shape=(8, 8, 3))
        runs.append(np.stack([draw(model) for _ in range(3)]))
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.any(runs[0] != runs[2])


def test_certain_survival_is_plain_resnet(net):
    plain = kcc.ResNet110(input_shape=(8, 8, 3), classifier_activation=None)
    certain = kcc.StochasticDepthResNet110(
        input_shape=(8, 8, 3), classifier_activation=None, survival=1.0, shortcut="A"
    )
    assert [w.path for w in certain.weights] == [w.path for w in plain.weights]
    for model in (plain, certain):
        model.set_weights(net.get_weights())
    x = images(4, 8, 8, 3)
    np.testing.assert_allclose(certain(x), plain(x), rtol=1e-4, atol=1e-4)
    assert np.ptp(np.asarray(net(x)) - plain(x)) > 0.01  # and less than certain is not


def test_the_shortcut_averages_and_appends_zeros(net):
    """He et al. subsample: both have no parameters, but the values differ."""
    for size in (8, 9):
        model = kcc.StochasticDepthResNet110(input_shape=(size, size, 3))
        probe = keras.Model(
            model.input,
            [
                model.get_layer(name).output
                for name in ("stage1_block18_out", "stage2_block1_shortcut")
            ],
        )
        before, after = map(np.asarray, probe(images(2, size, size, 3)))
        assert after.shape == (2, -(-size // 2), -(-size // 2), 32)
        np.testing.assert_allclose(
            after[:, 1, 2, :16], before[:, 2:4, 4:6].mean(axis=(1, 2)), rtol=1e-5
        )
        np.testing.assert_allclose(  # of a window that is cut off, what there is of it
            after[:, -1, -1, :16],
            before[:, 2 * (after.shape[1] - 1) :, 2 * (after.shape[1] - 1) :].mean(axis=(1, 2)),
            rtol=1e-5,
        )
        assert not np.any(after[..., 16:])


def test_biases_are_those_of_every_convolution():
    model = kcc.StochasticDepthResNet110(use_bias=True)
    biased = [layer for layer in model.layers if getattr(layer, "use_bias", False)]
    assert len(biased) == 110  # 109 convolutions and the classifier


def test_the_imagenet_net_projects_and_strides_as_in_torch():
    model = shared_model("stochasticdepthresnet152")
    assert model.get_layer("stage2_block1_conv2").strides == (2, 2)
    assert model.get_layer("stage2_block1_shortcut_conv").strides == (2, 2)
    ends = layers_of(model, StochasticDepth)
    assert len(ends) == 50 and ends[-1].survival == 0.5
    # what rests with the branch, and what does not: the shortcut stays
    norms = [layer for layer in model.layers if "_bn" in layer.name]
    gated = {layer.name for layer in norms if isinstance(layer, GatedBatchNormalization)}
    plain = {layer.name for layer in norms} - gated
    assert len(gated) == 150 and all(re.search(r"_bn[123]$", name) for name in gated)
    assert plain == {"stem_bn", *(f"stage{i}_block1_shortcut_bn" for i in range(1, 5))}
    with pytest.raises(TypeError, match="has no argument `use_bias`"):
        kcc.StochasticDepthResNet152(use_bias=True)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"survival": 1.5}, ValueError, "`survival` must be at most 1. Received: survival=1.5"),
        ({"survival": "half"}, TypeError, "`survival` must be a number. Received: survival='half'"),
        ({"decay": "cosine"}, ValueError, "`decay` must be one of 'linear', 'constant'. Received"),
        ({"per": "image"}, ValueError, "`per` must be one of 'batch', 'sample'. Received"),
        ({"shortcut": "D"}, ValueError, "`shortcut` must be one of 'mean', 'A', 'B', 'C'. Rec"),
    ],
)
def test_refuses(options, error, message):
    with pytest.raises(error, match=message):
        kcc.StochasticDepthResNet110(**options)
