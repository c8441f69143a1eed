"""Outputs equal those of torchvision and timm, with the same weights."""

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
