"""The accuracy of public weights is measured as it was published, and compared with it."""

import dataclasses

import keras
import numpy as np
import pytest
from harness import randomise
from PIL import Image
from weights.scripted_server import Answer

import keras_classic_cnns as kcc
from keras_classic_cnns.preprocessing import MODES
from keras_classic_cnns.weights import catalog
from keras_classic_cnns.weights.remote import RemoteFile

IDS = [f"n{number:08}" for number in range(10)]


@pytest.fixture(scope="module")
def script(load_script):
    return load_script("verify_weights")


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory):
    """A network of ten classes whose answers differ, in torch's names."""
    model = kcc.SqueezeNet11(weights=None, classes=10, input_shape=(40, 40, 3))
    randomise(model)
    path = tmp_path_factory.mktemp("weights") / "net.safetensors"
    kcc.to_torch_state_dict(model, path)
    return path


@pytest.fixture
def entry(weights_file, server, cache_folder, monkeypatch):
    """The only entry of the catalog; `entry(top1=50.0)` changes it."""
    url = server.answer("/net", Answer(weights_file.read_bytes()))

    def publish(**changes):
        made = catalog.Entry(
            model="squeezenet11",
            tag="imagenet",
            format="safetensors",
            key_map="squeezenet1_1",
            file=RemoteFile("net.safetensors", (url,)),
            preprocessing=MODES["tf"],
            licence="MIT",
            source="somebody's net",
            megabytes=5.0,
            classes=10,
            size=40,
            resize=48,
            accuracy_source="a page",
        )
        made = dataclasses.replace(made, **changes)
        monkeypatch.setattr(catalog, "entries", lambda: (made,))
        return made

    publish()
    return publish


def pictures(number):
    """Photos of many sizes, the same every time."""
    random = np.random.default_rng(0)
    for index in range(number):
        small = random.integers(0, 256, (5, 5, 3), np.uint8)
        yield Image.fromarray(small).resize((50 + 7 * index % 40, 90 - 3 * index % 40))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three images for each of ten classes, and files that are none."""
    root = tmp_path_factory.mktemp("images")
    for index, picture in enumerate(pictures(30)):
        path = root / "val" / IDS[index % 10] / f"{index}.JPEG"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.convert("L" if index == 4 else "RGB").save(path, "JPEG" if index != 7 else "PNG")
    (root / "val" / "notes.txt").write_text("none")
    (root / "val" / IDS[0] / "notes.txt").write_text("none")
    (root / "val" / IDS[0] / ".hidden.jpeg").write_text("none")
    return root


@pytest.fixture(scope="module")
def expected(folder, weights_file):
    """Top-1 and top-5 in percent by other means: Pillow, a plain loop, no tf.data."""
    model = kcc.SqueezeNet11(weights=weights_file, classes=10, input_shape=(40, 40, 3))
    right = np.zeros(2)
    paths = sorted((folder / "val").glob("*/*.JPEG"))
    for path in paths:
        picture = Image.open(path).convert("RGB")
        sides = [int(side * 48 / min(picture.size)) for side in picture.size]
        picture = picture.resize(sides, Image.Resampling.BILINEAR)
        left, top = (round((side - 40) / 2) for side in sides)
        pixels = np.asarray(picture.crop((left, top, left + 40, top + 40)), "float32")
        order = np.argsort(-model(pixels[None] / 127.5 - 1)[0])
        place = order.tolist().index(IDS.index(path.parent.name))
        right += place < 1, place < 5
    return 100 * right / len(paths)


@pytest.fixture
def run(script, capsys):
    def run(*words):
        code = script.main(["--model=squeezenet11", *words])
        return code, *capsys.readouterr()

    return run


def test_a_folder_of_all_classes(run, entry, folder, expected):
    entry(top1=expected[0] + 0.2, top5=expected[1])
    code, out, _ = run(f"--data={folder / 'val'}", "--batch_size=7")
    lines = out[out.index("SqueezeNet11") :].splitlines()  # behind the download
    assert code == 0, out
    assert lines[0] == "SqueezeNet11(), 'imagenet': somebody's net"
    assert lines[1] == (
        f"{folder / 'val'}: 30 images of 10 classes; short side 48, bilinear, centre 40, scaled "
        "as 'tf'"
    )
    top1, top5 = expected
    assert lines[3].split() == ["top-1", f"{top1:.3f}%", f"{top1 + 0.2:.3f}%", "-0.200"]
    assert lines[4].split() == ["top-5", f"{top5:.3f}%", f"{top5:.3f}%", "+0.000"]
    assert lines[5].startswith("The standard error of top-1 on so many images is ")
    assert lines[6:] == ["Published by: a page.", "Within the tolerance of 0.3 points."]


def test_another_accuracy_than_published_fails(run, entry, folder, expected):
    entry(top1=expected[0], top5=expected[1] - 0.4, notes="With care.")
    words = [f"--data={folder}", "--split=val"]
    code, out, _ = run(*words)
    assert code == 1 and out.endswith(
        "Published by: a page. With care.\nNOT within the tolerance of 0.3 points.\n"
    )
    assert run(*words, "--tolerance=0.4")[0] == 0


def test_without_a_published_accuracy_there_is_nothing_to_compare(run, entry, folder, expected):
    code, out, _ = run(f"--data={folder / 'val'}")
    assert code == 0 and f"top-1  {expected[0]:9.3f}%\n" in out
    assert out.endswith("weights, so there is nothing to compare with.\n")


def test_some_of_the_classes_and_their_order(run, entry, folder, tmp_path, script):
    """Two folders are enough, where a file says which classes they are."""
    known = tmp_path / "classes.txt"
    known.write_text("".join(f"{name} a thing\n" for name in IDS) + "\n")
    some = tmp_path / "some"
    some.mkdir()
    for name in (IDS[2], IDS[8]):
        (some / name).symlink_to(folder / "val" / name)
    made = entry(top1=50.0)
    code, out, _ = run(f"--data={some}", f"--classes_file={known}", "--tolerance=100")
    assert code == 0 and "6 images of 2 classes" in out
    assert "A published figure is over all 10 classes.\n" in out
    settings = script.VerifySettings(model="-", data=str(some), classes_file=str(known))
    labels = [label for _, label in script.open_images(settings, made).batches(4)]
    assert np.concatenate(labels).tolist() == [2, 2, 2, 8, 8, 8]


def test_a_set_of_tfds(run, entry, tmp_path, script, monkeypatch):
    """Grey digits of ten classes, in the set's own order."""
    made = entry(top1=10.0)
    words = ["--data=digits", "--split=test[:50]", f"--data_dir={tmp_path}", "--tolerance=100"]
    code, out, _ = run(*words)
    assert code == 0 and "digits, test[:50]: 50 images of 10 classes" in out
    settings = script.VerifySettings(
        model="-", data="digits", split="test[:50]", data_dir=str(tmp_path)
    )
    images, labels = next(script.open_images(settings, made).batches(50))
    source = kcc.data.load("digits", "test[:50]", data_dir=tmp_path)
    assert labels.tolist() == [int(label) for _, label in source.dataset]
    assert images.shape == (50, 40, 40, 3) and images.min() == 0 and images.max() == 255
    known = tmp_path / "classes.txt"
    known.write_text("\n".join(reversed("0123456789")))
    settings = dataclasses.replace(settings, classes_file=str(known))
    _, turned = next(script.open_images(settings, made).batches(50))
    assert turned.tolist() == (9 - labels).tolist()


def test_options_and_auxiliary_heads(script, entry, monkeypatch, capsys, folder):
    """The heads are no part of what is measured."""
    made = entry(model="googlenet", options={"variant": "bn", "aux_heads": True}, top1=3.0)
    asked = {}

    def get_model(name, weights, **arguments):
        asked.update(arguments, name=name, weights=weights)
        shape = arguments["input_shape"]
        image = keras.Input(shape, name="image")
        x = keras.layers.GlobalAveragePooling2D()(image)
        outputs = {"predictions": keras.layers.Dense(10, "softmax", name="predictions")(x)}
        outputs["aux1"] = kcc.layers.AuxiliaryClassifier(10, name="aux1")(x)
        return keras.Model(image, outputs)

    monkeypatch.setattr(script.kcc, "get_model", get_model)
    words = ["--model=googlenet", "--option=variant=bn", "--option=aux_heads=True"]
    assert script.main([*words, f"--data={folder / 'val'}", "--tolerance=100"]) == 0
    assert asked == {
        "name": "googlenet",
        "weights": "imagenet",
        "input_shape": (40, 40, 3),
        "classes": 10,
        "variant": "bn",
        "aux_heads": True,
    }
    assert capsys.readouterr().out.startswith(made.graph)


def test_errors_are_one_message(run, entry, folder, tmp_path):
    entry()
    for name in ("numbers/0", "numbers/1", "few/n00000001", "empty/n00000001", "bad/n00000000"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("numbers/0/a.png", "numbers/1/a.png", "few/n00000001/a.png"):
        Image.new("RGB", (50, 50)).save(tmp_path / name)
    for name in IDS:
        (tmp_path / "bad" / name).mkdir(exist_ok=True)
        (tmp_path / "bad" / name / "a.png").write_text("no image")
    short, wrong = tmp_path / "short.txt", tmp_path / "wrong.txt"
    short.write_text("\n".join([*IDS[:9], IDS[0]]))
    wrong.write_text("\n".join(f"x{number}" for number in range(10)))
    good = f"--data={folder / 'val'}"
    for words, code, message in (
        ([f"--data={tmp_path / 'numbers'}"], 1, "are not named by WordNet ids"),
        ([f"--data={tmp_path / 'few'}"], 1, "The data have 1 classes and the classifier 10"),
        ([f"--data={tmp_path / 'empty'}"], 1, "must hold a folder for each class"),
        ([f"--data={tmp_path / 'bad'}"], 1, "must be a whole PNG, JPEG"),
        ([good, "--split=test"], 1, "There is no such folder in"),
        ([good, f"--classes_file={short}"], 1, "and names 9 in 10 lines. Received: classes_file"),
        ([good, f"--classes_file={wrong}"], 1, "of the data: n00000000, n00000001, n00000002"),
        ([good, "--classes_file=none.txt"], 1, "No such file"),
        ([good, "--weights=imagenot"], 1, "It has 'imagenet'."),
        ([good, "--model=lenet6"], 1, "Did you mean 'lenet5'"),
        ([good, "--option=depth=3"], 1, "has no option 'depth'"),
        (["--data=imagenet2012", f"--data_dir={tmp_path}"], 1, "is not on this disk"),
        (["--data=nosuchset"], 1, "TFDS has no set of this name"),
        ([good, "--tolerance=-1"], 2, "`tolerance` must be at least 0"),
        ([good, "--batch_size=0"], 2, "`batch_size` must be at least 1"),
        ([], 2, "Needed and not given: --data"),
    ):
        result, _, err = run(*words)
        assert result == code and message in err, (words, err)
        assert err.count("verify_weights.py: ") == 1 and "Traceback" not in err


def test_data_are_looked_for_before_weights_are_fetched(run, entry, server, tmp_path):
    assert run(f"--data={tmp_path}")[0] == 1
    assert server.gets("/net") == []


def test_help_names_the_flags(run, entry):
    code, out, _ = run("--help")
    assert code == 0 and "--tolerance=X" in out and "Default: 0.3." in out
