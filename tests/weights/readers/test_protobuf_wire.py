"""The wire format of protocol buffers."""

import pytest
from weights.readers import weight_files as files

from keras_classic_cnns.weights.readers._limits import Unreadable
from keras_classic_cnns.weights.readers.protobuf_wire import fields, varints


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, (1 << 63) - 1, (1 << 64) - 1])
def test_integers(value):
    assert list(fields(memoryview(files.field(5, value)))) == [(5, 0, value)]
    assert varints(memoryview(files.varint(value) * 3)) == [value] * 3


def test_all_wire_types_in_their_order():
    message = files.field(1, b"abc") + b"\x15\x01\x00\x00\x00" + b"\x19" + bytes(7) + b"\x80"
    found = [(number, kind, value) for number, kind, value in fields(memoryview(message))]
    assert [(number, kind) for number, kind, _ in found] == [(1, 2), (2, 5), (3, 1)]
    assert [bytes(found[0][2]), found[1][2], found[2][2]] == [b"abc", 1, 1 << 63]


@pytest.mark.parametrize(
    "message",
    [b"\x08", b"\x80", b"\x0a\x05abc", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x15\x00"]
    + [b"\x08" + b"\xff" * 11, b"\x0b", b"\x0f"],
)
def test_damaged_messages_are_refused(message):
    with pytest.raises(Unreadable, match="It is a damaged protocol buffer"):
        list(fields(memoryview(message)))
