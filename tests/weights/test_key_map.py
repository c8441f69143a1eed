"""Key maps: which weight of ours each name of another library leads to."""

import dataclasses

import pytest

from keras_classic_cnns.weights import get_key_map, list_key_maps
from keras_classic_cnns.weights.key_map import KeyMap, find_path, find_paths


def test_templates_count_and_name_variables():
    rules = ((r"a(\d+)\.b(\d+)", "x{1+1}_{2-1}"), ("c", "y/own_kernel"), ("d", "z"))
    key_map = KeyMap("", "", rules, ())
    paths = {"x2_4/kernel", "y/own_kernel", "z/gamma", "z/moving_variance"}
    assert find_path("a1.b5.weight", key_map, paths) == "x2_4/kernel"
    assert find_path("c.weight", key_map, paths) == "y/own_kernel"
    assert find_path("d.weight", key_map, paths) == "z/gamma"
    assert find_path("d.running_var", key_map, paths) == "z/moving_variance"
    assert find_path("e.weight", key_map, paths) is None
    assert find_path("d.bias", key_map, paths) is None


def test_a_rule_that_leads_nowhere_gives_way_to_the_next():
    key_map = KeyMap("", "", (("bn1", "stem_bn"), ("bn1", "stem_bn3")), ())
    assert find_path("bn1.bias", key_map, {"stem_bn3/beta"}) == "stem_bn3/beta"
    assert find_path("bn1.bias", key_map, {"stem_bn/beta", "stem_bn3/beta"}) == "stem_bn/beta"
    assert find_path("bn1.bias", key_map, {"stem_conv/bias"}) is None


def test_names_of_keras_end_with_the_variable():
    key_map = KeyMap("", "", ((r"conv(\d)[/_]conv", "stem{1}"),), (), layout="keras")
    assert find_path("conv1/conv/kernel", key_map, {"stem1/kernel"}) == "stem1/kernel"
    assert find_path("conv1_conv/kernel", key_map, {"stem1/kernel"}) == "stem1/kernel"
    assert find_path("conv1_conv/bias", key_map, {"stem1/kernel"}) is None


def test_ignored_keys_are_left_out_and_optional_ones_where_nothing_of_ours_is_theirs():
    key_map = KeyMap("", "", (("fc", "predictions"),), (r".*\.count",), (r"fc\..*",))
    keys = ["a.count", "fc.weight", "b.weight"]
    whole = find_paths(keys, key_map, {"predictions/kernel"})
    assert whole == {"fc.weight": "predictions/kernel", "b.weight": None}
    assert find_paths(keys, key_map, {"conv/kernel"}) == {"b.weight": None}


def test_the_prefix_of_data_parallel_counts_where_all_keys_have_it():
    key_map = KeyMap("", "", (("fc", "predictions"),), (r".*\.count",))
    paths = {"predictions/kernel"}
    assert find_paths(["module.fc.weight", "module.a.count"], key_map, paths) == {
        "module.fc.weight": "predictions/kernel"
    }
    assert find_paths(["module.fc.weight", "a.count"], key_map, paths) == {"module.fc.weight": None}


def test_renames_come_first():
    key_map = KeyMap(
        "", "", (("conv1", "stem"),), (), renames=(("^gpu_0/", ""), ("_w$", ".weight"))
    )
    assert find_paths(["gpu_0/conv1_w"], key_map, {"stem/kernel"}) == {
        "gpu_0/conv1_w": "stem/kernel"
    }


NUMBERED = KeyMap("", "", (), (), layout="keras", numbered=(("conv2d", (r"stem\d", r"block\d+")),))


@pytest.mark.parametrize("first", [0, 1, 95])
def test_numbered_layers_go_by_their_order(first):
    """Keras counts on when a second model is built, and older versions began with 1."""
    ours = {f"{name}/kernel" for name in ("stem1", "stem2", "block9", "block10")}
    keys = [f"conv2d_{i}/kernel" if i else "conv2d/kernel" for i in range(first, first + 4)]
    expected = ["stem1/kernel", "stem2/kernel", "block9/kernel", "block10/kernel"]
    assert find_paths(reversed(keys), NUMBERED, ours) == dict(zip(keys, expected, strict=True))


def test_numbered_layers_may_have_parameters_of_other_names():
    key_map = dataclasses.replace(NUMBERED, layout="torch")
    ours = {"stem1/kernel", "stem1/bias", "block1/kernel", "block1/bias"}
    keys = ["conv2d_3.weight", "conv2d_3.bias", "conv2d_7.weight", "conv2d_7.gamma"]
    expected = ["stem1/kernel", "stem1/bias", "block1/kernel", None]
    assert find_paths(keys, key_map, ours) == dict(zip(keys, expected, strict=True))


def test_numbered_layers_of_another_count_lead_nowhere():
    assert find_paths(["conv2d/kernel"], NUMBERED, {"stem1/kernel", "block1/kernel"}) == {
        "conv2d/kernel": None
    }


def test_a_map_that_extends_another_has_its_rules_but_not_what_it_ignores(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text('{"peers": "", "rules": [["x", "y"]], "ignored": ["z"]}')
    (tmp_path / "b.json").write_text(
        '{"extends": "a", "peers": "", "rules": [["v", "w"]], "ignored": []}'
    )
    monkeypatch.setattr("keras_classic_cnns.weights.key_map._FOLDER", tmp_path)
    assert get_key_map("b") == KeyMap("b", "", (("v", "w"), ("x", "y")), ())


def test_an_unknown_map():
    assert "resnet" in list_key_maps()
    with pytest.raises(ValueError, match="Did you mean 'resnet'"):
        get_key_map("resnets")


def test_an_unknown_layout():
    with pytest.raises(ValueError, match="`layout` must be one of 'torch', 'keras'. Received: lay"):
        KeyMap("", "", (), (), layout="caffe")
