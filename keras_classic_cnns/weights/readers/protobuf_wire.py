"""The wire format of protocol buffers: a message is a row of numbered fields."""

from collections.abc import Iterator

from keras_classic_cnns.weights.readers._limits import Unreadable

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_FIXED = {FIXED64: 8, FIXED32: 4}
_LONGEST_VARINT = 10

Field = tuple[int, int, int | memoryview]


def fields(message: memoryview) -> Iterator[Field]:
    """The fields of a message, in their order.

    Args:
        message: Its bytes, which are not copied.

    Yields:
        The field's number, its wire type, and its value: an integer without sign, or bytes.

    Raises:
        Unreadable: It is no message, or a truncated one.

    Example:
        >>> list(fields(memoryview(bytes([0x08, 0x96, 0x01]))))
        [(1, 0, 150)]
    """
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, place = _varint(message, place)
        elif kind == BYTES:
            length, place = _varint(message, place)
            value, place = _slice(message, place, length)
        elif kind in _FIXED:
            content, place = _slice(message, place, _FIXED[kind])
            value = int.from_bytes(content, "little")
        else:
            raise Unreadable(f"It is a damaged protocol buffer: a field of the wire type {kind}.")
        yield number, kind, value


def varints(packed: memoryview) -> list[int]:
    """The integers, without sign, of a packed field.

    Raises:
        Unreadable: It is truncated.
    """
    place, values = 0, []
    while place < len(packed):
        value, place = _varint(packed, place)
        values.append(value)
    return values


def _slice(message: memoryview, place: int, length: int) -> tuple[memoryview, int]:
    end = place + length
    if end > len(message):
        raise Unreadable("It is a damaged protocol buffer: a field reaches beyond its end.")
    return message[place:end], end


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first; the highest bit says that more follow."""
    value = 0
    for index, byte in enumerate(message[place : place + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & (1 << 64) - 1, place + index + 1
    raise Unreadable("It is a damaged protocol buffer: an integer without an end.")
