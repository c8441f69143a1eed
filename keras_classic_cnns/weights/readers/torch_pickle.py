"""The pickles of torch: a machine that knows the few operations of a state dict, and no other.

Python's unpickler can call any function that a file names. This one names none: every opcode, every
global and everything that a global is called with is in a table here, and what is not is refused
when it is met, so that nothing in a file is ever imported, called, or given attributes. Tensors
come out as descriptions, whose numbers are read once all of them have been checked.
"""

import pickletools
from typing import Any

from keras_classic_cnns.weights.readers._limits import Unreadable, shown
from keras_classic_cnns.weights.readers.torch_tensors import (
    CALLS,
    STORAGES,
    Global,
    Storage,
    make_storage,
    pairs,
)

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_PUSHED = {
    *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
    *("BINSTRING", "SHORT_BINSTRING", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
}
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUTS = {"BINPUT", "LONG_BINPUT"}
_GETS = {"BINGET", "LONG_BINGET"}
_SILENT = {"PROTO", "FRAME", "STOP"}


def load(stream: Any, storages: dict[str, Storage] | None = None) -> Any:
    """Reads one pickle.

    Args:
        stream: A binary file at the beginning of the pickle, or bytes. It is left behind its end.
        storages: Takes the storages that the pickle refers to, by their keys.

    Returns:
        Its object, of dicts, lists, tuples, strings, numbers, `Storage` and `Tensor`.

    Raises:
        Unreadable: It is damaged, or has an operation or a name that no state dict needs.
    """
    machine = _Machine({} if storages is None else storages)
    try:
        for opcode, argument, _ in pickletools.genops(stream):
            machine.step(opcode.name, argument)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise Unreadable(f"It has a damaged pickle: {error}.") from error
    return machine.pop()


class _Machine:
    """The stack, the marks in it and the memo of a pickle."""

    def __init__(self, storages: dict[str, Storage]) -> None:
        self._storages = storages
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """Carries out one operation."""
        if name in _CONSTANTS:
            self._stack.append(_CONSTANTS[name])
        elif name in _PUSHED:
            self._stack.append(argument)
        elif name in _TUPLES:
            self._stack.append(tuple(self._take(_TUPLES[name])))
        elif name in _PUTS:
            self._memo[argument] = self._stack[-1]
        elif name in _GETS:
            self._stack.append(self._memo[argument])
        elif name in _OPERATIONS:
            _OPERATIONS[name](self, argument)
        elif name not in _SILENT:
            raise Unreadable(f"It has the operation {name}, which no state dict needs.")

    def pop(self) -> Any:
        """Takes the top of the stack."""
        return self._take(1)[0]

    def mark(self, _: Any) -> None:
        self._marks.append(len(self._stack))

    def name(self, name: str) -> None:
        if name not in STORAGES and name not in CALLS:
            raise Unreadable(f"It names {shown(name.replace(' ', '.'))}, beyond what tensors need.")
        self._stack.append(Global(name))

    def name_from_stack(self, _: Any) -> None:
        module, name = self._take(2)
        if not isinstance(module, str) or not isinstance(name, str):
            raise Unreadable("It names something by other than strings.")
        self.name(f"{module} {name}")

    def call(self, _: Any) -> None:
        function, arguments = self._take(2)
        if not isinstance(function, Global) or not isinstance(arguments, tuple):
            raise Unreadable("It calls something other than what makes tensors.")
        build, allowed = CALLS.get(function.name, (None, ()))
        if len(arguments) not in allowed:
            raise Unreadable(f"It calls {function.name.replace(' ', '.')} in an impossible way.")
        self._stack.append(build(*arguments))

    def drop_state(self, _: Any) -> None:
        """Attributes, such as the `_metadata` of a state dict, are of no use here."""
        owner, _ = self._take(2)
        if not isinstance(owner, dict):
            raise Unreadable("It gives attributes to something other than a dict.")
        self._stack.append(owner)

    def refer(self, _: Any) -> None:
        storage = make_storage(self.pop())
        if self._storages.setdefault(storage.key, storage) != storage:
            raise Unreadable(f"It has two different storages {shown(storage.key)}.")
        self._stack.append(storage)

    def memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def make_tuple(self, _: Any) -> None:
        self._stack.append(tuple(self._from_mark()))

    def make_dict(self, _: Any) -> None:
        self._stack.append({})

    def make_list(self, _: Any) -> None:
        self._stack.append([])

    def extend(self, items: list[Any]) -> None:
        if not isinstance(self._stack[-1], list):
            raise Unreadable("It appends to something other than a list.")
        self._stack[-1].extend(items)

    def update(self, flat: list[Any]) -> None:
        if not isinstance(self._stack[-1], dict):
            raise Unreadable("It sets an item of something other than a dict.")
        self._stack[-1].update(pairs(list(zip(flat[::2], flat[1::2], strict=True))))

    def _take(self, number: int) -> list[Any]:
        floor = self._marks[-1] if self._marks else 0
        if len(self._stack) - number < floor:
            raise Unreadable("It has a damaged pickle: too little on its stack.")
        start = len(self._stack) - number
        taken, self._stack[start:] = self._stack[start:], []
        return taken

    def _from_mark(self) -> list[Any]:
        start = self._marks.pop()
        taken, self._stack[start:] = self._stack[start:], []
        return taken


_OPERATIONS = {
    "MARK": _Machine.mark,
    "GLOBAL": _Machine.name,
    "STACK_GLOBAL": _Machine.name_from_stack,
    "REDUCE": _Machine.call,
    "BUILD": _Machine.drop_state,
    "BINPERSID": _Machine.refer,
    "MEMOIZE": _Machine.memoize,
    "TUPLE": _Machine.make_tuple,
    "EMPTY_DICT": _Machine.make_dict,
    "EMPTY_LIST": _Machine.make_list,
    "APPEND": lambda machine, _: machine.extend(machine._take(1)),
    "APPENDS": lambda machine, _: machine.extend(machine._from_mark()),
    "SETITEM": lambda machine, _: machine.update(machine._take(2)),
    "SETITEMS": lambda machine, _: machine.update(machine._from_mark()),
}
