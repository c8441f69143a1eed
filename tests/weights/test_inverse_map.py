"""Key maps read backwards, over all maps and all nets of the other libraries."""

import re

import pytest
import torch_weights

from keras_classic_cnns.weights import get_key_map
from keras_classic_cnns.weights.inverse_map import find_key, module_of
from keras_classic_cnns.weights.key_map import KeyMap, find_path

NETS = {
    (peer.peer, peer.key_map): (name, peer)
    for name, peers in torch_weights.all_peers().items()
    for peer in peers
    if peer.peer.startswith(("torchvision/", "timm/"))
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
    assert module_of(target, rule) == module


def test_of_two_names_either_can_be_asked_for():
    assert module_of("x", (r"a|b\.c", "x"), alternative=-1) == "b.c"


def test_a_rule_that_the_model_does_not_follow_gives_way():
    rules = (("bn1", "stem_bn"), (r"conv1\.1", "stem_bn1"), ("bn1", "stem_bn3"))
    key_map = KeyMap("two", "", rules, ())
    assert find_key("stem_bn3/beta", key_map, {"stem_bn1/beta", "stem_bn3/beta"}) == "bn1.bias"
    with pytest.raises(LookupError, match="'two' has no key for the variable 'x/beta'"):
        find_key("x/beta", key_map, {"x/beta"})
