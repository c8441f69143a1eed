"""The table of networks that torchvision and timm have too."""

import pytest
import torch_weights

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import list_key_maps
from keras_classic_cnns.weights.torch_peers import torch_peers

SIZES = {"filters", "drop_path_rate"}  # a narrower net is the same graph


def test_every_row_is_of_a_model_of_ours():
    for twin in torch_peers():
        assert set(twin.options) <= set(kcc.get_spec(twin.model).options)
        assert twin.key_map in list_key_maps()
        assert twin.name.split("/")[0] in ("torchvision", "timm")


def test_no_row_comes_twice():
    rows = [(twin.model, twin.name, *twin.options.items()) for twin in torch_peers()]
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("name", torch_weights.all_peers())
def test_it_agrees_with_the_nets_that_are_compared(name):
    for peer in torch_weights.peers(name):
        if not peer.peer.startswith(("torchvision/", "timm/")):
            continue
        options = {key: value for key, value in peer.options.items() if key not in SIZES}
        assert [
            twin
            for twin in torch_peers()
            if (twin.model, twin.name, twin.key_map) == (peer.ours, peer.peer, peer.key_map)
            and dict(twin.options) == options
        ]
