"""The catalog: entries are well formed, fit their graphs, and are found by tag and options."""

import importlib.util
import inspect
import json
import re
from pathlib import Path
from urllib.parse import urlparse

import pytest
from goldens.models_file import read_goldens

import keras_classic_cnns as kcc
from keras_classic_cnns.preprocessing import MODES, Preprocessing
from keras_classic_cnns.weights import catalog, list_key_maps
from keras_classic_cnns.weights.digest import Digest
from keras_classic_cnns.weights.remote import RemoteFile

ALL = catalog.entries()
GOLDENS = read_goldens()
CIFAR = {"cifar10": 10, "cifar100": 100}
ENDINGS = {"safetensors": ".safetensors", "torch": ".pth", "keras_h5": ".h5", "onnx": ".onnx"}

# Maps that entries name and that are not there: these entries are not offered
# Models that have weights without any option
DEFAULTS = """
    alexnetv2 densenet121 densenet161 densenet169 densenet201 googlenet inceptionresnetv2
    inceptionv3 inceptionv4 nasnetlarge nasnetmobile nin preactresnet18 preactresnet34
    preactresnet50 preactresnet101 resnet18 resnet34 resnet50 resnet101 resnet152 resnext50
    resnext101 resnext101_32x4d resnext101_64x4d senet154 seresnet50 seresnet101 seresnet152
    seresnext50 seresnext101 squeezenet10 squeezenet11 vgg11 vgg13 vgg16 vgg19 wideresnet50_2
    wideresnet101_2
""".split()


def by_number(name):
    """Sorts resnet18 before resnet101."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def options_of(entry):
    return tuple(sorted(entry.options.items()))


def test_fields_have_their_types():
    for entry in ALL:
        texts = (entry.model, entry.tag, entry.key_map, entry.licence, entry.source)
        assert all(isinstance(text, str) and text == text.strip() != "" for text in texts)
        assert isinstance(entry.notes, str)
        assert isinstance(entry.file, RemoteFile) and isinstance(entry.preprocessing, Preprocessing)
        assert all(type(n) is int and n > 0 for n in (entry.classes, entry.size, entry.resize))
        assert entry.megabytes > 0


def test_the_graph_exists():
    """The options are taken; `include_top=None` ends the call before anything is built."""
    for entry in ALL:
        spec = kcc.get_spec(entry.model)
        assert entry.model == spec.name
        with pytest.raises(TypeError, match="`include_top`"):
            kcc.get_model(entry.model, include_top=None, **entry.options, weights=None)
        for name, value in entry.options.items():
            assert value != spec.options[name] and name not in catalog.TRAINING_OPTIONS


def test_classes_and_images_belong_to_the_data_set():
    for entry in ALL:
        spec = kcc.get_spec(entry.model)
        assert entry.classes == CIFAR.get(entry.tag, 1000)
        assert (spec.classes == 10) == (entry.tag in CIFAR)
        assert spec.minimum_size <= entry.size <= entry.resize
        assert entry.size in (spec.input_size, 224)


def test_the_file_can_be_fetched_and_told_from_others():
    for entry in ALL:
        file = entry.file
        assert file.name.endswith(ENDINGS[entry.format])
        assert re.fullmatch(r"[\w.-]+", file.name)
        assert len(set(file.urls)) == len(file.urls) >= 1
        schemes = [urlparse(url).scheme for url in file.urls]
        assert schemes[0] == "https" and set(schemes) <= {"https", "http"}
        assert schemes == sorted(schemes, reverse=True)  # http comes last
        assert all(url.endswith(".zip") == (file.member is not None) for url in file.urls)
        assert len(file.urls) == 1 or file.digest is not None
        assert file.digest is None or isinstance(file.digest, Digest)
        assert file.size is None or abs(file.size / 1e6 / entry.megabytes - 1) < 0.02


def parameters(entry):
    """Those in the file; what the goldens do not have counts about as much as the default."""
    defaults = kcc.get_spec(entry.model).options
    options = dict(entry.options)
    if options.get("groups") == 64:
        return 88_232_984  # SE-ResNeXt-101 64x4d, as in docs/models/senet.md
    if entry.model in ("googlenet", "inceptionv3") and "torchvision" in entry.source:
        options["aux_heads"] = True  # the file has them in any case
    rows = GOLDENS[entry.model].rows
    same = (row for row in rows if defaults | row["options"] == defaults | options)
    return next(same, rows[0])["parameters"]


def test_the_size_is_that_of_the_graph():
    """Four bytes a parameter, within 2 percent.

    A file of another graph shows here where its publisher tells its size; where none is told, the
    catalog has the size of the graph.
    """
    for entry in ALL:
        bytes_each = 2 if "float16" in entry.notes else 4
        size = parameters(entry) * bytes_each / 1e6
        assert entry.megabytes == pytest.approx(size, rel=0.02), entry.file.name


def test_accuracies_have_a_source():
    for entry in ALL:
        known = [value for value in (entry.top1, entry.top5) if value is not None]
        assert all(isinstance(value, float) and 0 < value < 100 for value in known)
        assert known == sorted(known)
        assert bool(known) == bool(entry.accuracy_source)


def test_the_preprocessing_is_a_mode_or_complete():
    for entry in ALL:
        record = entry.preprocessing
        if record.name in MODES:
            assert record is MODES[record.name] and entry.tag not in CIFAR
        else:
            assert record.name == "cifar" and entry.tag in CIFAR
            assert all(len(values) == 3 and min(values) > 1 for values in (record.mean, record.std))


def test_one_name_is_one_file():
    for entry in ALL:
        files = {other.file for other in ALL if other.file.name == entry.file.name}
        assert files == {entry.file}


def test_every_tag_of_a_graph_is_there_once():
    keys = [(entry.model, entry.tag, options_of(entry)) for entry in ALL]
    assert len(set(keys)) == len(keys) > 100


def test_every_graph_with_weights_has_a_default():
    graphs = {(entry.model, options_of(entry)) for entry in ALL}
    tags = {"imagenet", *CIFAR}
    assert graphs == {(entry.model, options_of(entry)) for entry in ALL if entry.tag in tags}


def test_every_entry_has_its_key_map():
    assert {entry.key_map for entry in ALL} <= set(list_key_maps())


def test_default_weights():
    without_options = {e.model for e in ALL if e.tag == "imagenet" and not e.options}
    assert without_options == set(DEFAULTS)
    offered = {e.model for e in catalog.entries() if e.tag == "imagenet" and not e.options}
    specs = map(kcc.get_spec, kcc.list_models())
    assert {spec.name for spec in specs if catalog.default_weights(spec)} == offered


@pytest.mark.parametrize(
    ("model", "options", "source"),
    [
        ("resnet50", {}, "timm resnet50.tv_in1k"),
        ("ResNet50", {"shortcut": "B", "stride_in": "3x3"}, "timm resnet50.tv_in1k"),
        ("resnet50", {"zero_init_last_gamma": True}, "timm resnet50.tv_in1k"),
        ("googlenet", {"variant": "bn", "dropout": 0.7}, "torchvision IMAGENET1K_V1"),
        ("vgg16", {"batch_norm": True}, "timm vgg16_bn.tv_in1k"),
        ("seresnext101", {"variant": "timm"}, "timm seresnext101_32x4d.gluon_in1k"),
        ("seresnext101", {"variant": "timm", "groups": 64}, "timm seresnext101_64x4d.gluon_in1k"),
    ],
)
def test_options_choose_the_entry(model, options, source):
    assert catalog.find(model, "imagenet", options).source == source


def test_tags_choose_the_entry():
    assert catalog.find("resnet50", "a1").top1 == 80.382
    assert catalog.find("resnet50", "tv2").resize == 232


@pytest.mark.parametrize(
    ("model", "tag", "options", "message"),
    [
        ("resnet50", "imagnet", {}, "Did you mean 'imagenet'"),
        ("resnet50", "b9", {}, "It has 'imagenet', 'a1', .*Received: weights='b9'"),
        ("resnet50", "imagenet", {"shortcut": "A"}, r"ResNet50\(shortcut='A'\), but for ResNet50"),
        ("seresnet18", "imagenet", {}, r"but for SEResNet18\(variant='timm_legacy'\)"),
        ("lenet5", "imagenet", {}, "no public weights for LeNet5. `weights=None` starts at random"),
        ("resnet5", "imagenet", {}, "no model of this name. Did you mean 'resnet56' or 'resnet50'"),
    ],
)
def test_what_is_not_there(model, tag, options, message):
    with pytest.raises(ValueError, match=message):
        catalog.find(model, tag, options)


SMALL = {
    "nincifar": {"dropout": 0.1},
    "resnet20": {"zero_init_last_gamma": True},
    "densenet40_12": {"dropout": 0.2, "memory_efficient": True},
    "fractalnet20": {"drop_path": 0.0, "per": "batch", "dropout": 0.0},
    "nasnetcifar": {"drop_path_rate": 0.0, "drop_path_steps": 9},
}


@pytest.mark.parametrize("model", SMALL)
def test_training_options_leave_the_weights_alone(model):
    shared = {"cells": 1, "filters": 48} if model == "nasnetcifar" else {}
    nets = [
        kcc.get_model(model, **shared, **options, weights=None) for options in ({}, SMALL[model])
    ]
    shapes = [{w.path: tuple(w.shape) for w in net.trainable_variables} for net in nets]
    assert shapes[0] == shapes[1]


def test_all_training_options_are_tried():
    tried = {name for options in SMALL.values() for name in options}
    assert tried == catalog.TRAINING_OPTIONS
    known = {name for model in kcc.list_models() for name in kcc.get_spec(model).options}
    assert known >= catalog.TRAINING_OPTIONS


def test_the_table_prints():
    table = catalog.list_weights("ResNeXt101")
    lines = repr(table).splitlines()
    assert lines[0].split() == ["weights", "graph", "top-1", "top-5", "MB", "licence", "source"]
    assert lines[1].split() == (
        "imagenet ResNeXt101() 79.31 356 BSD-3-Clause timm resnext101_32x8d.tv_in1k".split()
    )
    assert [entry.tag for entry in table] == ["imagenet", "torchvision", "torchvision_v2"]
    assert len(catalog.list_weights()) == len(catalog.entries())


def test_a_model_without_weights_has_an_empty_table():
    assert catalog.list_weights("lenet5") == ()
    with pytest.raises(ValueError, match="Did you mean 'lenet5'"):
        catalog.list_weights("lenet6")


def test_the_file_is_sorted_and_says_nothing_twice():
    """Models in order; a field that has its default is left out."""
    table = json.loads(Path(catalog.__file__).with_name("catalog.json").read_text())
    names = list(table["models"])
    assert names == sorted(
        names, key=lambda n: [int(d) if d.isdigit() else d for d in re.split(r"(\d+)", n)]
    )
    fields = inspect.signature(catalog.Entry).parameters
    for values in (values for rows in table["models"].values() for values in rows):
        idle = {k for k, v in values.items() if k in fields and fields[k].default == v}
        assert idle | ({"options"} if values.get("options") == {} else set()) == set()


def test_importing_the_module_does_not_read_the_file():
    spec = importlib.util.spec_from_file_location("second_catalog", catalog.__file__)
    second = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(second)
    assert second.entries.cache_info().currsize == 0
    assert second.find("resnet50", "imagenet").tag == "imagenet"
    assert second.entries.cache_info().currsize == 1
