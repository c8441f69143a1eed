"""An exported model is loaded as a function of images."""

import numpy as np
import pytest

from keras_classic_cnns import preprocessing
from keras_classic_cnns.export.check import OUTPUTS
from keras_classic_cnns.export.serving import load_served


def test_it_answers_as_the_model(exported, tiny, rng):
    images = rng.integers(0, 256, (2, 16, 16, 3)).astype("uint8")
    outputs = load_served(exported)(image=images)
    assert set(outputs) == set(OUTPUTS)
    expected = tiny.predict(preprocessing.preprocess(images, "torch"), verbose=0)
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-5)


def test_another_saved_model_is_refused(tiny, tmp_path):
    tiny.export(tmp_path, verbose=False)
    with pytest.raises(ValueError, match="must have the signature serve_uint8.* Received: path="):
        load_served(tmp_path)
