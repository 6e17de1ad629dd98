"""A pickle, followed opcode by opcode without importing, calling or building anything.

Unpickling runs a small machine with a stack. Here the same machine moves names and numbers alone, as far as it takes
to tell what the pickle imports and which storages of tensors it refers to.
"""

from __future__ import annotations

import pickletools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, BinaryIO

_MARK = object()
_OPAQUE = object()
_PUSHED_AS_THEY_ARE = frozenset(
    {
        "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING", "BINSTRING",
        "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE",
        "BINUNICODE", "BINUNICODE8",
    }
)  # fmt: skip
_CONSTANTS: dict[str, Any] = {
    "NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": (), "EMPTY_LIST": _OPAQUE, "EMPTY_DICT": _OPAQUE,
    "EMPTY_SET": _OPAQUE, "EXT1": _OPAQUE, "EXT2": _OPAQUE, "EXT4": _OPAQUE, "NEXT_BUFFER": _OPAQUE,
}  # fmt: skip
# How many values an opcode takes from the stack; whether it leaves one is told by `_LEAVING_ONE`.
_TAKEN = {"APPEND": 1, "SETITEM": 2, "BUILD": 1, "POP": 1, "NEWOBJ": 2, "NEWOBJ_EX": 3}
_LEAVING_ONE = frozenset({"NEWOBJ", "NEWOBJ_EX", "LIST", "DICT", "FROZENSET", "INST", "OBJ"})
_TAKEN_TO_MARK = frozenset(
    {"LIST", "DICT", "FROZENSET", "INST", "OBJ", "APPENDS", "SETITEMS", "ADDITEMS", "POP_MARK"}
)  # fmt: skip
_CALLING = frozenset({"NEWOBJ", "NEWOBJ_EX", "INST", "OBJ"})
_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GET = frozenset({"GET", "BINGET", "LONG_BINGET"})
_WITHOUT_EFFECT = frozenset({"PROTO", "FRAME", "READONLY_BUFFER", "STOP"})

_STORAGE_TYPES = {
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool", "ComplexDoubleStorage": "complex128",
    "ComplexFloatStorage": "complex64", "QInt8Storage": "qint8", "QUInt8Storage": "quint8", "QInt32Storage": "qint32",
    "QUInt4x2Storage": "quint4x2", "QUInt2x4Storage": "quint2x4",
}  # fmt: skip
# Of a storage that is bytes to the pickle: how many of them an element of a type has, where not one.
_ELEMENT_BYTES = {
    "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int64": 8, "int32": 4, "int16": 2, "uint64": 8,
    "uint32": 4, "uint16": 2, "complex128": 16, "complex64": 8, "complex32": 4,
}  # fmt: skip


@dataclass(frozen=True)
class Global:
    """A name that the pickle imports: module and name, with a blank between."""

    name: str


@dataclass(frozen=True)
class _Storage:
    kind: str
    key: str
    size: int


@dataclass
class Walk:
    """What a pickle does: its protocol, its opcodes by name, what it imports, and its storages of tensors.

    ``calls``: whether it calls what it imports. ``whole``: whether its end was reached as a reader would reach it; if
    not, this is what it does before. ``elements`` are numbers of elements by the type of the storage: each storage
    counts once, however many tensors look into it.
    """

    protocol: int = 0
    calls: bool = False
    whole: bool = False
    opcodes: set[str] = field(default_factory=set)
    imports: dict[str, None] = field(default_factory=dict)
    storages: dict[str, _Storage] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    @property
    def elements(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for key, storage in self.storages.items():
            kind = _STORAGE_TYPES.get(storage.kind.rpartition(" ")[2])
            if kind is not None:
                counted[kind] += storage.size
            elif key in self.types:
                counted[self.types[key]] += storage.size // _ELEMENT_BYTES.get(self.types[key], 1)
        return counted


def walk(pickle: bytes | BinaryIO) -> Walk:
    """Follow ``pickle`` to its end, or to where no reader could go on."""
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(pickle):
            machine.step(opcode.name, argument)
        machine.walk.whole = True
    except Exception:  # pickletools raises several types for damaged data, and so do stacks that are empty
        pass
    return machine.walk


class _Machine:
    def __init__(self) -> None:
        self.walk = Walk()
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        self.walk.opcodes.add(name)
        stack = self.stack
        if name in _PUSHED_AS_THEY_ARE:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _PUT:
            self.memo[int(argument)] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in _GET:
            stack.append(self.memo[int(argument)])
        elif name == "MARK":
            stack.append(_MARK)
        elif name == "DUP":
            stack.append(stack[-1])
        elif name.startswith("TUPLE"):
            self._tuple(name)
        elif name == "GLOBAL":
            stack.append(self._imported(argument))
        elif name == "STACK_GLOBAL":
            module, attribute = self._take(2)
            stack.append(self._imported(f"{module} {attribute}"))
        elif name == "REDUCE":
            function, arguments = self._take(2)
            self._called(function, arguments)
            stack.append(_OPAQUE)
        elif name == "BINPERSID":
            stack.append(self._storage(self._take(1)[0]))
        elif name == "PERSID":
            stack.append(_OPAQUE)
        elif name in _TAKEN or name in _TAKEN_TO_MARK:
            self._discard(name, argument)
        elif name == "PROTO":
            self.walk.protocol = argument
        elif name == "STOP":
            self._take(1)
        elif name not in _WITHOUT_EFFECT:
            raise ValueError("an opcode that this machine does not know")

    def _discard(self, name: str, argument: Any) -> None:
        if name in _TAKEN_TO_MARK:
            self._take_to_mark()
        else:
            self._take(_TAKEN[name])
        if name == "INST":
            self._imported(argument)
        if name in _CALLING:
            self.walk.calls = True
        if name in _LEAVING_ONE:
            self.stack.append(_OPAQUE)

    def _tuple(self, name: str) -> None:
        items = self._take_to_mark() if name == "TUPLE" else self._take(int(name[-1]))
        self.stack.append(tuple(items))

    def _imported(self, name: str) -> Global:
        self.walk.imports[name] = None
        return Global(name)

    def _called(self, function: Any, arguments: Any) -> None:
        """Of tensors whose storage is bytes, the call that makes them says the type."""
        self.walk.calls |= isinstance(arguments, tuple) or arguments is _OPAQUE
        if function != Global("torch._utils _rebuild_tensor_v3") or len(arguments) < 7:
            return
        storage, dtype = arguments[0], arguments[6]
        if isinstance(storage, _Storage) and isinstance(dtype, Global):
            self.walk.types.setdefault(storage.key, dtype.name.rpartition(" ")[2])

    def _storage(self, persistent: Any) -> Any:
        """A reference is ("storage", type, key, device, number of elements)."""
        if not isinstance(persistent, tuple) or len(persistent) != 5:
            return _OPAQUE
        _, kind, key, _, size = persistent
        if not isinstance(kind, Global) or not isinstance(key, str) or not isinstance(size, int) or size < 0:
            return _OPAQUE
        storage = _Storage(kind.name, key, size)
        return self.walk.storages.setdefault(key, storage)

    def _take(self, count: int) -> list[Any]:
        items = self.stack[-count:]
        if len(items) != count or any(item is _MARK for item in items):
            raise ValueError("the stack holds less than is taken from it")
        del self.stack[-count:]
        return items

    def _take_to_mark(self) -> list[Any]:
        items = []
        while (item := self.stack.pop()) is not _MARK:
            items.append(item)
        return items[::-1]
