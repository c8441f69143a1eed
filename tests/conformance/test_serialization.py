"""Every kind of net reloads in a fresh process, with `safe_mode` on, and gives the same output."""

import shutil

import numpy as np
import pytest
from cases import MANY, USUAL
from harness import images, randomise, run_python

import keras_classic_cnns as kcc

RELOAD = """
import sys, numpy as np, keras, pathlib
import keras_classic_cnns
for folder in map(pathlib.Path, sys.argv[1:]):
    x = np.load(folder / "x.npy")
    whole = keras.saving.load_model(folder / "whole.keras", safe_mode=True)
    parts = keras.models.model_from_json((folder / "graph.json").read_text())
    parts.load_weights(folder / "graph.weights.h5")
    for kind, model in (("whole", whole), ("parts", parts)):
        np.save(folder / f"{kind}.npy", np.array(model(x)))
        ends = keras_classic_cnns.endpoints(model)
        np.save(folder / f"{kind}_endpoints.npy", [f"{n} {ends[n].shape}" for n in ends])
"""

SERVE = """
import sys, numpy as np, pathlib
sys.modules["keras"] = sys.modules["keras_classic_cnns"] = None
import tensorflow as tf
for folder in map(pathlib.Path, sys.argv[1:]):
    serve = tf.saved_model.load(str(folder / "saved")).signatures["serving_default"]
    (output,) = serve(tf.constant(np.load(folder / "x.npy"))).values()
    np.save(folder / "saved.npy", output.numpy())
"""


# The nets of one part are on the disk at the same time: all together need four gigabytes.
PARTS = 3


@pytest.fixture(scope="module")
def reloaded(request, tmp_path_factory):
    """Saves the nets, reloads them in fresh processes; their outputs and endpoints by net."""
    root = tmp_path_factory.mktemp("reload")
    chosen = {
        (str(item.callspec.params["case"]), item.originalname): item.callspec.params["case"]
        for item in request.session.items
        if item.path == request.path and "reloaded" in item.fixturenames
    }
    exported = {name for name, test in chosen if test == "test_an_export_reloads"}
    cases = list({name: case for (name, _), case in chosen.items()}.values())
    expected, ends = {}, {}
    for part in range(PARTS):
        _reload(cases[part::PARTS], exported, root, expected, ends)
    return root, expected, ends


def _reload(cases, exported, root, expected, ends):
    folders = [root / str(case) for case in cases]
    for case, folder in zip(cases, folders, strict=True):
        folder.mkdir()
        shape = (case.size, case.size, case.channels)
        options = {"classes": 10, "weights": None, **case.options}
        model = kcc.get_model(case.name, input_shape=shape, **options)
        randomise(model)
        x = images(2, *shape)
        expected[str(case)] = np.array(model(x))
        ends[str(case)] = [f"{n} {tensor.shape}" for n, tensor in kcc.endpoints(model).items()]
        np.save(folder / "x.npy", x)
        model.save(folder / "whole.keras")
        (folder / "graph.json").write_text(model.to_json())
        model.save_weights(folder / "graph.weights.h5")
        if str(case) in exported:
            model.export(folder / "saved", verbose=False)
    run_python(RELOAD, *folders, timeout_s=1200)
    run_python(SERVE, *(f for f in folders if f.name in exported), timeout_s=1200)
    for path in (path for folder in folders for path in folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path)
        elif path.suffix != ".npy":
            path.unlink()


def assert_same(reloaded, case, kind):
    root, expected, _ = reloaded
    actual = np.load(root / str(case) / f"{kind}.npy")
    np.testing.assert_allclose(actual, expected[str(case)], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["whole", "parts"])
@pytest.mark.parametrize("case", USUAL)
def test_reloads(reloaded, case, kind):
    assert_same(reloaded, case, kind)


@pytest.mark.parametrize("case", MANY)
def test_an_export_reloads(reloaded, case):
    """In a process that has neither Keras nor this package."""
    assert_same(reloaded, case, "saved")


@pytest.mark.parametrize("kind", ["whole", "parts"])
@pytest.mark.parametrize("case", USUAL)
def test_endpoints_of_a_reloaded_net(reloaded, case, kind):
    root, _, ends = reloaded
    assert np.load(root / str(case) / f"{kind}_endpoints.npy").tolist() == ends[str(case)]


@pytest.mark.exhaustive
def test_the_deepest_net_reloads(tmp_path):
    model = kcc.ResNet1202(input_shape=(8, 8, 3))
    model.save(tmp_path / "deep.keras")
    code = (
        "import sys, keras, keras_classic_cnns\n"
        "print(keras.saving.load_model(sys.argv[1]).count_params())"
    )
    assert run_python(code, tmp_path / "deep.keras").strip() == str(model.count_params())
