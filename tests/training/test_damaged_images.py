"""Jobs put up with as many damaged images as `max_damaged` says."""

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns.training import EvaluateSettings, build, evaluate


@pytest.fixture
def photos(tmp_path):
    """A folder of twenty pictures of two classes; the first of each split is damaged."""
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        for kind in ("cat", "dog"):
            folder = tmp_path / "photos" / split / kind
            folder.mkdir(parents=True)
            for number in range(5):
                pixels = rng.integers(0, 256, (20, 20 + number, 3), np.uint8)
                content = tf.io.encode_jpeg(pixels).numpy()
                is_damaged = kind == "cat" and number == 0
                (folder / f"{number}.jpg").write_bytes(content[:100] if is_damaged else content)
    return str(tmp_path / "photos")


def plan(settings, photos, **changes):
    whole = {"dataset": photos, "train_split": "train", "eval_split": "test", "batch_size": 5}
    return build.make_plan(settings("unused", **whole | changes))


def test_training_and_validation_put_up_with_a_few(settings, photos):
    chosen = plan(settings, photos)
    images, _ = next(iter(chosen.train_batches(skip=0)))
    assert len(images) == 5
    assert sum(len(labels) for _, labels in chosen.eval_batches()) == 9


def test_training_and_validation_put_up_with_none_where_they_should_not(settings, photos):
    chosen = plan(settings, photos, max_damaged=0.0)
    for batches in (chosen.train_batches(skip=0).take(2), chosen.eval_batches()):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Received: max_damaged=0"):
            list(batches)


def test_as_many_as_the_share_says_and_no_more(settings, photos):
    for number in range(1, 5):  # nine of the ten that there are to validate on
        for kind in ("cat", "dog"):
            (pathlib.Path(photos) / "test" / kind / f"{number}.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(tf.errors.InvalidArgumentError, match="Received: max_damaged=0.5"):
        list(plan(settings, photos, max_damaged=0.5).eval_batches())
    last = plan(settings, photos, max_damaged=0.9, batch_size=10)
    assert sum(len(labels) for _, labels in last.eval_batches()) == 1


def test_evaluation_too(settings, photos, tmp_path):
    chosen = plan(settings, photos)
    chosen.build().save(tmp_path / "lenet5.keras")
    where = {"path": tmp_path / "lenet5.keras", "dataset": photos, "preprocessing": "lenet"}
    assert evaluate(EvaluateSettings(**where)).images == 9
    assert json.loads((tmp_path / "evaluation.json").read_text())["images"] == 9
    with pytest.raises(tf.errors.InvalidArgumentError, match="Received: max_damaged=0"):
        evaluate(EvaluateSettings(**where, max_damaged=0.0))


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_the_share_is_one(share, settings):
    with pytest.raises(ValueError, match=f"Received: max_damaged={share}$"):
        settings("unused", max_damaged=share)
