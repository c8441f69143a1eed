"""The machine for torch's pickles knows what a state dict needs, and refuses all else."""

import pickle
from collections import OrderedDict

import pytest
from weights.readers import weight_files as files

from keras_classic_cnns.weights.readers._limits import Unreadable
from keras_classic_cnns.weights.readers.torch_pickle import load

PLAIN = OrderedDict(
    text="a", number=-3, large=1 << 70, none=None, yes=True, no=False, half=0.5, nested={"a": [1]}
)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_reads_plain_data_as_pickle_does(protocol):
    for value in (PLAIN, {1: (1, 2, 3, 4)}, [(), (1,), (1, (2, 3))], [PLAIN, PLAIN]):
        assert load(pickle.dumps(value, protocol)) == value


def test_attributes_of_a_dict_are_dropped():
    value = OrderedDict(a=1)
    value._metadata = {"version": 1}
    assert load(pickle.dumps(value, 2)) == {"a": 1}


def test_ordered_dicts_of_python_2():
    items = b"](](U\x01aK\x01e](U\x01bK\x02ee"
    written = b"\x80\x02" + files.global_("collections", "OrderedDict") + items + b"\x85R."
    assert load(written) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (b"", "damaged pickle"),
        (b"\x80\x02", "damaged pickle"),
        (b"\x80\x02\xff.", "damaged pickle"),
        (b"\x80\x02.", "too little on its stack"),
        (b"\x80\x02\x86.", "too little on its stack"),
        (b"\x80\x02K\x01(\x86.", "too little on its stack"),
        (b"\x80\x02u.", "damaged pickle"),
        (b"\x80\x02h\x05.", "damaged pickle"),
        (b"\x80\x02X\xff\xff\xff\x7fabc.", "damaged pickle"),
        (b"\x80\x02X\x01\x00\x00\x00\xff.", "damaged pickle"),
        (b"\x80\x02cos\n", "damaged pickle"),
        (b"\x80\x02K\x01K\x01a.", "appends to something other than a list"),
        (b"\x80\x02]K\x01K\x01s.", "an item of something other than a dict"),
        (b"\x80\x02}K\x01s.", "damaged pickle"),
        (b"\x80\x02})K\x01s.", "neither a string nor an integer"),
        (b"\x80\x02}(K\x01u.", "damaged pickle"),
        (b"\x80\x02]}b.", "attributes to something other than a dict"),
        (b"\x80\x02K\x01)R.", "calls something other"),
        (files.global_("torch", "FloatStorage") + b")R.", "in an impossible way"),
        (files.global_("torch._utils", "_rebuild_tensor_v2") + b")R.", "in an impossible way"),
        (files.global_("collections", "OrderedDict") + b"NR.", "calls something other"),
        (files.global_("collections", "OrderedDict") + b"K\x01\x85R.", "damaged pickle"),
        (b"\x80\x04K\x01K\x02\x93.", "by other than strings"),
    ],
)
def test_damaged_pickles_are_refused(written, message):
    with pytest.raises(Unreadable, match=message):
        load(written)


def test_a_memo_that_would_fill_the_memory_takes_nothing():
    """Python's unpickler makes a list as long as the largest number in the memo."""
    assert load(b"\x80\x02Nr\xff\xff\xff\xff.") is None


def test_keys_whose_hash_takes_for_ever_are_refused():
    """A tuple of two references to a tuple of two references, and so on: 2 ** 60 leaves."""
    laughs = b")" + b"".join(b"q\x00h\x00\x86" for _ in range(60))
    with pytest.raises(Unreadable, match="neither a string nor an integer"):
        load(b"\x80\x02}" + laughs + b"K\x01s.")
    load(b"\x80\x02" + laughs + b".")
