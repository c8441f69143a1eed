"""Key maps read backwards, over all maps and all nets of the other libraries."""

import re

import numpy as np
import pytest
import torch_weights

from keras_classic_cnns.weights import get_key_map, list_key_maps
from keras_classic_cnns.weights.inverse_map import find_key, modules, to_torch_layout
from keras_classic_cnns.weights.key_map import KeyMap, find_path, to_keras_layout

NETS = {
    (peer.peer, peer.key_map): (name, peer)
    for name, peers in torch_weights.all_peers().items()
    for peer in peers
}


class Anywhere:
    """Paths of a model that has every layer, with the variables that its keys ask for."""

    def __init__(self, *endings):
        self.endings = endings

    def __contains__(self, path):
        return path.endswith(self.endings)


# what a layer has by torch's word for it; a path may name a kernel itself
KERNELS = Anywhere("/kernel", "_kernel", "/bias")
NORMS = Anywhere("/gamma", "/beta", "/moving_mean", "/moving_variance")


@pytest.mark.parametrize("name, peer", NETS.values(), ids=map("-".join, NETS))
def test_every_key_of_every_net_comes_back(name, peer):
    """So no two of them lead to one variable, and each rule can be turned around."""
    table = torch_weights.shapes(name, peer.peer)
    key_map = get_key_map(peer.key_map)
    alternative = -1 if peer.peer.startswith("timm/") else 0
    for key in table:
        if not any(re.fullmatch(pattern, key) for pattern in key_map.ignored):
            is_norm = f"{key.rpartition('.')[0]}.running_mean" in table
            path = find_path(key, key_map, NORMS if is_norm else KERNELS)
            assert find_key(path, key_map, {path}, alternative) == key


def test_every_map_is_turned_around():
    assert {key_map for _, key_map in NETS} == set(list_key_maps())


@pytest.mark.parametrize(
    ("rule", "target", "module"),
    [
        ((r"layer(\d+)\.(\d+)\.(conv|bn)", "s{1}_b{2+1}_{3}"), "s2_b12_bn", "layer2.11.bn"),
        ((r"i(\d)([ab])\.x", "s{1-2}_i{1}{2}"), "s1_i3b", "i3b.x"),
        ((r"i(\d)([ab])\.x", "s{1-2}_i{1}{2}"), "s1_i4b", None),  # the places disagree
        ((r"f([6-9])", "b{1-5}"), "b5", None),  # 10 is not in the group
        ((r"norm\.?(\d)", "bn{1}"), "bn2", "norm2"),
        ((r"a|b\.c", "x"), "x", "a"),
        ((r"a", "x"), "y", None),
    ],
)
def test_rules_are_turned_around(rule, target, module):
    assert list(modules(target, rule)) == ([] if module is None else [module])


def test_of_two_names_either_can_be_asked_for():
    assert list(modules("x", (r"a|b\.c", "x"), alternative=-1)) == ["b.c"]


def test_a_rule_that_the_model_does_not_follow_gives_way():
    rules = (("bn1", "stem_bn"), (r"conv1\.1", "stem_bn1"), ("bn1", "stem_bn3"))
    key_map = KeyMap("two", "", rules, ())
    assert find_key("stem_bn3/beta", key_map, {"stem_bn1/beta", "stem_bn3/beta"}) == "bn1.bias"
    with pytest.raises(LookupError, match="'two' has no key for the variable 'x/beta'"):
        find_key("x/beta", key_map, {"x/beta"})


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        ((3, 5, 4, 8), (8, 4, 3, 5), {}),
        ((3, 3, 2, 8), (8, 2, 3, 3), {}),  # grouped
        ((4, 8), (8, 4), {}),
        ((4, 8), (8, 4, 1, 1), {"is_convolution": True}),
        ((24, 8), (8, 24), {"flattened": (2, 3, 4)}),
        ((24, 8), (8, 4, 2, 3), {"flattened": (2, 3, 4), "is_convolution": True}),
        ((8,), (8,), {}),
    ],
)
def test_layouts_are_undone_by_loading(ours, theirs, options):
    array = np.arange(np.prod(ours), dtype="float32").reshape(ours)
    found = to_torch_layout(array, "layer/kernel", **options)
    assert found.shape == theirs and found.flags.c_contiguous
    back = to_keras_layout(found, ours, options.get("flattened"))
    np.testing.assert_array_equal(back, array)


def test_a_depthwise_layout():
    array = np.arange(72, dtype="float64").reshape(3, 3, 8, 1)
    found = to_torch_layout(array, "layer/depthwise_kernel")
    assert found.shape == (8, 1, 3, 3) and found.dtype == "float32"
    np.testing.assert_array_equal(found[5, 0], array[:, :, 5, 0])
