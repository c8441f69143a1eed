"""Outputs equal those of torchvision, timm and keras.applications, with the same weights."""

import keras
import numpy as np
import pytest
import torch_weights

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import get_key_map, list_key_maps, load_state_dict

LISTS = torch_weights.all_peers()
PEERS = [
    pytest.param(
        name,
        peer,
        id=str(peer),
        marks=[pytest.mark.exhaustive] if peer.exhaustive else [],
    )
    for name, peers in LISTS.items()
    for peer in peers
]
TRAINED = [param for param in PEERS if param.values[1].train_size]

SEEN = 0.05  # of the range of the logits, what two images must differ by for equality to say much


def assert_close(ours, theirs, tolerance=1e-4):
    """max |a - b| <= 1e-4 of the range of the logits, which depend on the image."""
    assert ours.shape == theirs.shape
    assert np.max(np.abs(theirs - theirs[:1])) > SEEN * np.ptp(theirs)
    assert difference(ours, theirs) <= tolerance


def difference(ours, theirs):
    """The largest difference of two logits, as a share of their range."""
    return float(np.max(np.abs(ours - theirs)) / np.ptp(theirs))


def twin(name, peer, size, **options):
    """Our net with the weights of the other library's."""
    model = kcc.get_model(
        peer.ours,
        input_shape=(size, size, 3),
        classifier_activation=None,
        **{**peer.options, **options},
        weights=None,
    )
    state = torch_weights.fill(torch_weights.shapes(name, peer.peer), peer.gain)
    load_state_dict(model, state, get_key_map(peer.key_map))
    return model


def stored(name, key):
    return np.load(torch_weights.PARITY / f"{name}.npz")[key]


@pytest.mark.parametrize("name, peer", PEERS)
def test_torch(name, peer, record_property):
    for size in peer.sizes:
        model = twin(name, peer, size)
        ours = model.predict(torch_weights.image(size), verbose=0)
        heads = ours if isinstance(ours, dict) else {"predictions": ours}
        for head, logits in heads.items():
            ending = "" if head == "predictions" else f"_{head}"
            reference = stored(name, f"{peer}_{size}{ending}")
            record_property(f"{size} {head}", difference(logits, reference))
            assert_close(logits, reference)


@pytest.mark.parametrize("name, peer", TRAINED)
def test_torch_in_training(name, peer, record_property):
    """With the statistics of the batch; without dropout."""
    keras.config.set_dtype_policy(peer.train_dtype)
    free = {"dropout": 0.0} if "dropout" in kcc.get_spec(peer.ours).options else {}
    model = twin(name, peer, peer.train_size, **free)
    image = torch_weights.image(peer.train_size, batch=8)
    ours = np.asarray(model(image.astype(peer.train_dtype), training=True))
    reference = stored(name, f"{peer}_train")
    record_property(f"{peer.train_size} in training", difference(ours, reference))
    assert_close(ours, reference, tolerance=1e-3)


def test_every_key_map_of_these_libraries_is_compared():
    compared = {peer.key_map for peers in LISTS.values() for peer in peers}
    libraries = ("torchvision", "timm", "pytorchcv")
    assert compared == {
        name
        for name in list_key_maps()
        if any(word in get_key_map(name).peers for word in libraries)
    }


def test_torchvision_would_notice_a_wrong_stride():
    (peer,) = (peer for peer in LISTS["resnet"] if peer.ours == "resnet50")
    model = twin("resnet", peer, 96, stride_in="1x1")
    with pytest.raises(AssertionError):
        assert_close(
            model.predict(torch_weights.image(96), verbose=0), stored("resnet", f"{peer}_96")
        )


def test_keras_applications():
    theirs = keras.applications.ResNet50(
        weights=None, input_shape=(96, 96, 3), classifier_activation=None
    )
    state = torch_weights.fill(
        {f"{w.path}/{i}": w.shape[::-1] for i, w in enumerate(theirs.weights)}
    )
    for weight, value in zip(theirs.weights, state.values(), strict=True):
        if weight.name in ("moving_variance", "gamma"):
            value = np.abs(value) + 0.5
        elif weight.name == "kernel":  # `fill` knows torch's names only
            value = 10 * value * np.sqrt(2 / np.prod(weight.shape[:-1]))
        weight.assign(value.T)
    ours = kcc.ResNet50(
        input_shape=(96, 96, 3), classifier_activation=None, stride_in="1x1", weights=None
    )
    for layer in ours.layers:
        if layer.weights:
            _copy(layer, theirs, _keras_name(layer.name))
    x = torch_weights.image(96)
    assert_close(ours.predict(x, verbose=0), theirs.predict(x, verbose=0))


def _keras_name(name: str) -> str:
    if not name.startswith("st"):
        return name
    if name.startswith("stem"):
        return name.replace("stem_", "conv1_")
    stage, block, *kind = name.split("_")
    prefix = f"conv{int(stage[5:]) + 1}_{block}"
    if kind[0] == "shortcut":
        return f"{prefix}_0_{kind[1]}"
    return f"{prefix}_{kind[0][-1]}_{kind[0][:-1]}"


def _copy(layer, theirs, name: str) -> None:
    source = theirs.get_layer(name)
    if isinstance(layer, keras.layers.Conv2D):
        layer.kernel.assign(source.kernel)
    else:
        values = source.get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            # their convolutions have a bias: subtracting it from the moving mean is the same
            convolution = theirs.get_layer(name[: -len("bn")] + "conv")
            values[2] = values[2] - convolution.bias.numpy()
        layer.set_weights(values)
