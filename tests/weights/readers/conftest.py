"""Files from bytes, and what is expected of bad ones."""

import re

import pytest

from keras_classic_cnns.core.errors import WeightsFileError
from keras_classic_cnns.weights.readers import read_arrays


@pytest.fixture
def read(tmp_path):
    """Reads what is in bytes."""

    def read_bytes(content, member=None):
        path = tmp_path / "file.of-any-ending"
        path.write_bytes(content)
        return read_arrays(path, member)

    return read_bytes


@pytest.fixture
def refused(tmp_path):
    """Checks that bytes are refused with a message, which ends with the path."""

    def check(content, message, member=None):
        path = tmp_path / "file.of-any-ending"
        path.write_bytes(content)
        with pytest.raises(WeightsFileError, match=re.escape(message)) as caught:
            read_arrays(path, member)
        assert str(caught.value).startswith("The weights file cannot be read. ")
        assert str(caught.value).endswith(f" Received: path={str(path)!r}")

    return check
