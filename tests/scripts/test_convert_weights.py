"""Weights of any source become one of two kinds of file, which loads and predicts the same."""

import keras
import numpy as np
import pytest
from harness import images, randomise
from safetensors import safe_open
from safetensors.numpy import load_file
from weights.scripted_server import Answer

import keras_classic_cnns as kcc
from keras_classic_cnns.preprocessing import MODES
from keras_classic_cnns.weights import catalog
from keras_classic_cnns.weights.preprocessing_file import read_preprocessing, write_preprocessing
from keras_classic_cnns.weights.remote import RemoteFile

SMALL = {"input_shape": (32, 32, 3), "classes": 7}
RESNET18 = ["--model=resnet18", "--classes=7", "--input_shape=32,32,3"]
OURS, TORCHS = "net.weights.h5", "net.safetensors"


@pytest.fixture(scope="module")
def script(load_script):
    return load_script("convert_weights")


@pytest.fixture
def run(script, tmp_path, monkeypatch, capsys):
    """Runs the script in a folder of its own; returns the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = script.main(words)
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def resnet18():
    model = kcc.ResNet18(weights=None, **SMALL)
    randomise(model)
    return model


def assert_same(path, model, **options):
    """The file is one that our constructor takes, and that gives this model."""
    loaded = kcc.get_model(model.name, weights=path, **SMALL, **options)
    x = images(2, 32, 32, 3)
    np.testing.assert_array_equal(loaded(x), model(x))


def kept(folder):
    return sorted(path.name for path in folder.iterdir())


def test_bundled_weights_become_a_file_of_keras(run, tmp_path):
    code, out, _ = run("--model=lenet5", "--weights=digits", f"--out=deep/{OURS}")
    assert code == 0
    assert out.startswith(f"deep/{OURS}: LeNet5, 61,706 parameters, 0.3 MB\n  sha256:")
    assert "outputs differ by 0 of the largest at most (allowed: 0)" in out
    assert out.endswith("net.preprocessing.json: images are scaled as 'lenet'\n")
    assert kept(tmp_path / "deep") == ["net.preprocessing.json", OURS]
    assert read_preprocessing(tmp_path / "deep" / OURS) == MODES["lenet"]
    x, expected = images(2, 32, 32, 1), kcc.LeNet5(weights="digits")
    np.testing.assert_array_equal(kcc.LeNet5(weights=tmp_path / "deep" / OURS)(x), expected(x))
    plain = kcc.LeNet5(weights=None)
    plain.load_weights(tmp_path / "deep" / OURS)
    np.testing.assert_array_equal(plain(x), expected(x))


def test_there_and_back_through_torchs_names(run, tmp_path, resnet18):
    resnet18.save_weights(tmp_path / OURS)
    code, out, _ = run(*RESNET18, f"--weights={OURS}", f"--out={TORCHS}")
    assert code == 0 and "  for torchvision/resnet18\n" in out
    assert "(allowed: 1e-05)" in out and "scaled as 'torch'" in out
    state = kcc.to_torch_state_dict(resnet18)
    stored = load_file(tmp_path / TORCHS)
    assert stored.keys() == state.keys()
    assert all((stored[key] == state[key]).all() for key in state)
    code, out, _ = run(*RESNET18, f"--weights={TORCHS}", "--out=back.weights.h5")
    assert code == 0
    assert_same(tmp_path / "back.weights.h5", resnet18)
    resnet18.save(tmp_path / "whole.keras")
    assert run(*RESNET18, "--weights=whole.keras", "--out=whole.weights.h5")[0] == 0
    assert_same(tmp_path / "whole.weights.h5", resnet18)


def test_the_peer_may_be_chosen(run, tmp_path, resnet18):
    resnet18.save_weights(tmp_path / OURS)
    code, out, _ = run(*RESNET18, f"--weights={OURS}", f"--out={TORCHS}", "--peer=timm/resnet18")
    assert code == 0 and "  for timm/resnet18\n" in out
    with safe_open(tmp_path / TORCHS, "numpy") as file:
        assert file.metadata()["peer"] == "timm/resnet18"


def test_public_weights_are_fetched_and_their_preprocessing_recorded(
    run, tmp_path, server, cache_folder, monkeypatch, resnet18
):
    kcc.to_torch_state_dict(resnet18, tmp_path / TORCHS)
    url = server.answer("/net", Answer((tmp_path / TORCHS).read_bytes()))
    entry = catalog.Entry(
        model="resnet18",
        tag="imagenet",
        format="safetensors",
        key_map="resnet",
        file=RemoteFile("net.safetensors", (url,)),
        preprocessing=MODES["tf"],
        licence="MIT",
        source="nobody",
        megabytes=45.0,
    )
    monkeypatch.setattr(catalog, "entries", lambda: (entry,))
    code, out, _ = run(*RESNET18, "--weights=imagenet", f"--out={OURS}")
    assert (code, len(server.gets("/net"))) == (0, 1)
    assert_same(tmp_path / OURS, resnet18)
    assert read_preprocessing(tmp_path / OURS) == MODES["tf"]


def test_options_choose_the_graph(run, tmp_path):
    model = kcc.ResNet18(weights=None, shortcut="A", **SMALL)
    randomise(model)
    model.save_weights(tmp_path / OURS)
    words = [*RESNET18, f"--weights={OURS}", "--option=shortcut=A"]
    assert run(*words, "--out=b.weights.h5")[0] == 0
    assert_same(tmp_path / "b.weights.h5", model, shortcut="A")
    code, _, err = run(*words, f"--out={TORCHS}")
    assert code == 1 and "A .safetensors file is for torchvision or timm" in err
    assert "would not compute what this model does" in err and not (tmp_path / TORCHS).exists()


def test_preprocessing_may_be_said(run, tmp_path):
    words = ["--model=lenet5", "--weights=digits", f"--out={OURS}", "--preprocessing=raw"]
    assert run(*words)[0] == 0
    assert read_preprocessing(tmp_path / OURS) == MODES["raw"]


def test_files_are_replaced_only_when_that_is_meant(run, tmp_path):
    words = ["--model=lenet5", "--weights=digits", f"--out={OURS}"]
    (tmp_path / OURS).write_text("old")
    code, _, err = run(*words)
    assert code == 1 and err.endswith(
        f"`out` exists; --overwrite replaces it. Received: out='{OURS}'\n"
    )
    assert (tmp_path / OURS).read_text() == "old"
    write_preprocessing(tmp_path / OURS, MODES["tf"])
    (tmp_path / OURS).unlink()
    code, _, err = run(*words)
    assert code == 1 and "says that images are scaled otherwise than as 'lenet'" in err
    assert kept(tmp_path) == ["net.preprocessing.json"]
    assert run(*words, "--overwrite")[0] == 0
    assert read_preprocessing(tmp_path / OURS) == MODES["lenet"]
    (tmp_path / OURS).unlink()
    assert run(*words)[0] == 0  # the record that is there is the right one


def test_a_classifier_that_would_be_random_is_refused(run, tmp_path, resnet18):
    kcc.to_torch_state_dict(resnet18, tmp_path / TORCHS)
    resnet18.save_weights(tmp_path / OURS)
    words = ["--model=resnet18", "--input_shape=32,32,3", "--out=b.weights.h5"]
    code, _, err = run(*words, f"--weights={TORCHS}")
    assert code == 1 and "Not set: predictions/kernel, predictions/bias. Received: " in err
    code, _, err = run(*words, f"--weights={OURS}")
    assert code == 1 and "'predictions'" in err and "(512, 7)" in err
    assert kept(tmp_path) == [TORCHS, OURS]


def test_a_file_that_predicts_something_else_is_not_left(run, tmp_path, monkeypatch):
    save = keras.Model.save_weights

    def careless(model, path, **options):
        model.weights[0].assign(model.weights[0] + 1)
        save(model, path, **options)
        model.weights[0].assign(model.weights[0] - 1)

    monkeypatch.setattr(keras.Model, "save_weights", careless)
    code, _, err = run("--model=lenet5", "--weights=digits", f"--out={OURS}")
    assert code == 1 and "What was written predicts something else" in err
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    "words, code, message",
    [
        (["--out=net.h5"], 1, "`out` must end with .weights.h5 or .safetensors. Received: out="),
        (["--peer=timm/resnet18"], 1, "`peer` is for a .safetensors file"),
        (["--out=net.safetensors"], 1, "Neither torchvision nor timm has LeNet5"),
        (["--out=net.safetensors", "--peer=timm/x"], 1, "`peer` must be a network of torchvision"),
        (["--model=lenet6"], 1, "Did you mean 'lenet5'"),
        (["--weights=digit"], 1, "LeNet5 has no weights of this name. It has 'digits'."),
        (["--weights=none.pth"], 1, "The file of `weights` does not exist."),
        (["--weights=text.pth"], 1, "No other library that is known here has LeNet5"),
        (["--option=variant=2000"], 1, "`variant` must be one of"),
        (["--option=depth=3"], 1, "The network has no option 'depth'"),
        (["--option=variant=1998"], 1, "belong to variant='modern'"),
        (["--classes=0"], 2, "`classes` must be at least 1"),
        (["--classes=x"], 2, "classes"),
        (["--preprocessing=grey"], 2, "`preprocessing` must be one of"),
        (["--input_shape=32"], 2, "`input_shape` must be height, width and channels"),
        (["word"], 2, "Too many words: word"),
    ],
)
def test_errors_are_one_message(run, tmp_path, words, code, message):
    (tmp_path / "text.pth").write_text("no weights")
    given = ["--model=lenet5", "--weights=digits", f"--out={OURS}", *words]
    result, out, err = run(*given)
    assert (result, out) == (code, "") and message in err
    assert err.count("convert_weights.py: ") == 1 and "Traceback" not in err
    assert kept(tmp_path) == ["text.pth"]


def test_a_source_that_cannot_be_had_is_an_error(run, tmp_path, cache_folder, monkeypatch):
    monkeypatch.setenv("KCC_OFFLINE", "1")
    code, _, err = run("--model=squeezenet11", "--weights=imagenet", f"--out={OURS}")
    assert code == 1 and "since KCC_OFFLINE forbids the network" in err and "Traceback" not in err
    assert not (tmp_path / OURS).exists()


def test_help_and_what_is_needed(run):
    code, out, _ = run("--help")
    assert code == 0 and out.startswith(
        "Usage: convert_weights.py --model=WORD --weights=WORD --out=WORD [flags]"
    )
    code, _, err = run("--model=lenet5")
    assert code == 2 and "Needed and not given: --weights, --out" in err
