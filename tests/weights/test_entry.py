"""What an entry of the catalog says of its graph, and how entries are shown."""

import dataclasses

import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import catalog
from keras_classic_cnns.weights.entry import EntryTable, graph


@pytest.mark.parametrize(
    ("model", "options", "call"),
    [
        ("resnet50", {}, "ResNet50()"),
        ("resnet50", {"stride_in": "3x3", "shortcut": "B"}, "ResNet50()"),
        ("resnet50", {"stride_in": "1x1", "zero_init_last_gamma": True}, "(stride_in='1x1')"),
        ("googlenet", {"variant": "bn", "aux_heads": True}, "(aux_heads=True, variant='bn')"),
        ("densenet121", {"memory_efficient": True, "dropout": 0.2}, "DenseNet121()"),
    ],
)
def test_a_graph_is_its_options_that_matter(model, options, call):
    spec = kcc.get_spec(model)
    assert graph(spec, options).endswith(call)
    assert graph(spec, dict(reversed(options.items()))) == graph(spec, options)


def test_a_table_has_a_line_an_entry():
    entry = catalog.find("googlenet", "imagenet", {"variant": "bn"})
    head, line = repr(EntryTable((entry,))).splitlines()
    assert head.split()[:4] == ["weights", "graph", "top-1", "top-5"]
    assert line.startswith("imagenet  GoogLeNet(variant='bn')  69.78")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "pickle"}, "`format` must be one of"),
        ({"interpolation": "nearest"}, "`interpolation` must be one of"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(catalog.find("resnet50", "imagenet"), **change)
