"""The files of torch before version 1.6."""

import numpy as np
import pytest
from weights.readers import weight_files as files

BASE = np.arange(6, dtype="f4").reshape(2, 3)
PICKLE = files.state_dict(
    b=files.tensor(view=files.NONE), a=files.tensor("1", "i8", 1, 0, (), (), files.NONE)
)
STORAGES = {"1": np.int64(7).tobytes(), "0": BASE.tobytes()}
COUNTS = {"0": 6, "1": 1}
WHOLE = files.torch_legacy(PICKLE, STORAGES, COUNTS)


def test_reads_a_state_dict_in_its_order(read):
    arrays = read(WHOLE)
    assert list(arrays) == ["b", "a"]
    np.testing.assert_array_equal(arrays["b"], BASE)
    assert arrays["a"] == 7 and arrays["a"].dtype == np.int64 and arrays["a"].shape == ()


def test_storages_that_the_state_dict_does_not_use_are_passed_over(read):
    values = {"state_dict": files.state_dict(w=files.tensor("1"))[2:-1], "rest": files.tensor("0")}
    storages = {"0": bytes(24), "1": BASE.tobytes()}
    content = files.torch_legacy(files.state_dict(**values), storages, {"0": 6, "1": 6})
    np.testing.assert_array_equal(read(content)["w"], BASE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (WHOLE[:-1], "ends before the end of its storage '0'"),
        (WHOLE[:-24], "ends before the end of its storage '0'"),
        (WHOLE + b"\0", "has 1 bytes behind its last storage"),
        (b"\x80\x02N.", "a pickle that torch.save did not write"),
        (b"\x80\x02" + files.ORDERED_DICT + b".", "a pickle that torch.save did not write"),
        (files.MAGIC + b"\x80\x02K\x01.", "an unknown version of torch.save"),
        (files.torch_legacy(PICKLE, STORAGES, {"0": 7, "1": 1}), "has 7 numbers, not 6"),
        (files.torch_legacy(PICKLE, STORAGES, {"0": -6, "1": 1}), "has -6 numbers, not 6"),
        (files.torch_legacy(PICKLE, {"1": bytes(8)}, COUNTS), "Its storage '0' is missing"),
        (files.torch_legacy(PICKLE, STORAGES, COUNTS, keys=["1", "2"]), "'2' that no tensor"),
        (files.torch_legacy(PICKLE, {"1": bytes(8)}, COUNTS, keys=["1", "1"]), "ends before"),
        (files.MAGIC + files.PROTOCOL + files.SYSTEM + PICKLE + b"\x80\x02N.", "no list of stor"),
    ],
)
def test_wrong_files_are_refused(refused, content, message):
    refused(content, message)


def test_a_storage_larger_than_the_file_is_refused(refused):
    value = files.tensor("0", "f4", 1 << 40, 0, (1 << 40,), (1,), files.NONE)
    content = files.torch_legacy(files.state_dict(w=value), {"0": b""}, {"0": 1 << 40})
    refused(content, "ends before the end of its storage '0'")


def test_a_storage_in_two_places_is_refused(refused):
    pickle = files.state_dict(w=files.tensor("0"))
    content = files.torch_legacy(pickle, {"0": bytes(24)}, {"0": 6}, keys=["0", "0"])
    refused(content + (6).to_bytes(8, "little") + bytes(24), "the key '0' twice")


def test_a_view_of_a_storage_is_refused(refused):
    view = files.tuple_(files.text("1"), files.integer(0), files.integer(6))
    pickle = files.state_dict(w=files.tensor(view=view))
    refused(files.torch_legacy(pickle, {"0": bytes(24)}, COUNTS), "It has a view of a storage")
