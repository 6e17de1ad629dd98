"""Whether a pickle holds nothing but weights; nothing of it is executed.

Unpickling imports names and calls them. A list of harmful names is never complete, so that these are lists of harmless
ones: what PyTorch takes when it loads weights only (2.14; older releases take a part of it), and plain values that
people keep beside their weights, which it refuses and a full load takes.
"""

from __future__ import annotations

from packages_app.inspection.pickle_walk import Walk, walk

_REBUILDERS = (
    "_rebuild_device_tensor_from_cpu_tensor", "_rebuild_device_tensor_from_numpy", "_rebuild_meta_tensor_no_storage",
    "_rebuild_nested_tensor", "_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_qtensor",
    "_rebuild_sparse_tensor", "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3",
    "_rebuild_wrapper_subclass",
)  # fmt: skip
_STORAGES = (
    "BFloat16Storage", "BoolStorage", "ByteStorage", "CharStorage", "ComplexDoubleStorage", "ComplexFloatStorage",
    "DoubleStorage", "FloatStorage", "HalfStorage", "IntStorage", "LongStorage", "QInt32Storage", "QInt8Storage",
    "QUInt2x4Storage", "QUInt4x2Storage", "QUInt8Storage", "ShortStorage",
)  # fmt: skip
_TYPES = (
    "Size", "Tensor", "bcomplex32", "bfloat16", "bits16", "bits1x8", "bits2x4", "bits4x2", "bits8", "bool",
    "complex128", "complex32", "complex64", "device", "float16", "float32", "float4_e2m1fn_x2", "float64",
    "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu", "int1", "int16", "int2",
    "int3", "int32", "int4", "int5", "int6", "int64", "int7", "int8", "per_channel_affine",
    "per_channel_affine_float_qparams", "per_channel_symmetric", "per_tensor_affine", "per_tensor_symmetric", "qint32",
    "qint8", "quint2x4", "quint4x2", "quint8", "uint1", "uint16", "uint2", "uint3", "uint32", "uint4", "uint5",
    "uint6", "uint64", "uint7", "uint8",
)  # fmt: skip
# Python 3 writes the old names of its own types into pickles of protocol 2.
_BUILTINS = ("builtins", "__builtin__")
WEIGHTS_ONLY = frozenset(
    {
        *(f"{module} {name}" for module in _BUILTINS for name in ("bytearray", "complex", "set")),
        "_codecs encode",
        "collections Counter",
        "collections OrderedDict",
        "torch._tensor _rebuild_from_type_v2",
        "torch.nn.parameter Parameter",
        "torch.serialization _get_layout",
        "torch.storage TypedStorage",
        "torch.storage UntypedStorage",
        *(f"torch._utils {name}" for name in _REBUILDERS),
        *(f"torch {name}" for name in (*_STORAGES, *_TYPES)),
    }
)
"""What loading weights only takes: module and name, as the opcode GLOBAL has them."""

_NUMPY = (
    "numpy dtype", "numpy ndarray", "numpy.core.multiarray scalar", "numpy._core.multiarray scalar",
    "numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct", "numpy.core.numeric _frombuffer",
    "numpy._core.numeric _frombuffer",
)  # fmt: skip
_PATHS = ("PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath")
PLAIN_VALUES = frozenset(
    {
        "argparse Namespace",
        "collections defaultdict",
        "collections deque",
        *(f"datetime {name}" for name in ("date", "datetime", "time", "timedelta", "timezone")),
        *(f"{module} {name}" for module in ("pathlib", "pathlib._local") for name in _PATHS),
        *(f"{module} {name}" for module in _BUILTINS for name in ("bool", "dict", "float", "frozenset", "int", "list")),
        *(f"{module} {name}" for module in _BUILTINS for name in ("range", "slice", "str", "tuple", "xrange")),
        *_NUMPY,
    }
)
"""What harms nobody, and loading weights only refuses all the same."""

# What loading weights only understands. Protocols 2 and 3 have no others for what weights need; 4 has.
_WEIGHTS_ONLY_OPCODES = frozenset(
    {
        "APPEND", "APPENDS", "BINFLOAT", "BINGET", "BININT", "BININT1", "BININT2", "BINPERSID", "BINPUT", "BINUNICODE",
        "BUILD", "EMPTY_DICT", "EMPTY_LIST", "EMPTY_SET", "EMPTY_TUPLE", "GLOBAL", "LONG1", "LONG_BINGET",
        "LONG_BINPUT", "MARK", "NEWFALSE", "NEWOBJ", "NEWTRUE", "NONE", "PROTO", "REDUCE", "SETITEM", "SETITEMS",
        "SHORT_BINSTRING", "STOP", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3",
    }
)  # fmt: skip
# Ways to a name other than GLOBAL, none of which `torch.save` takes. What they lead to depends on the stack, on memos
# or on a registry of the reader's, so that telling it would be as intricate as a way past whoever tells it.
_OTHER_WAYS = frozenset({"STACK_GLOBAL", "INST", "OBJ", "EXT1", "EXT2", "EXT4"})

SAVE_WEIGHTS = "Save the weights alone: torch.save(model.state_dict(), ...)."


def import_problem(pickle: bytes, *, in_full: bool = False) -> str | None:
    """Why ``pickle`` is refused, as the end of a sentence and what helps; None for one that holds only weights.

    ``in_full``: the client opens it with all that is in it, so that plain values may lie beside the weights.
    """
    return problem_of(walk(pickle), in_full=in_full)


def problem_of(walked: Walk, *, in_full: bool = False) -> str | None:
    """As `import_problem`, of a pickle that was followed already."""
    strange = [name for name in walked.imports if name not in WEIGHTS_ONLY and name not in PLAIN_VALUES]
    if strange:
        return f"imports {strange[0][:80]!r}, which weights do not need. {SAVE_WEIGHTS}"
    if not walked.whole:
        return f"holds a damaged pickle. {SAVE_WEIGHTS}"
    if walked.protocol > 3:
        return (
            f"holds a pickle of protocol {walked.protocol}, which loading weights only refuses. Save it as "
            "`torch.save` does by default, without pickle_protocol."
        )
    if walked.opcodes & _OTHER_WAYS:
        return f"imports in a way that `torch.save` does not write. {SAVE_WEIGHTS}"
    if in_full:
        return None
    plain = [name for name in walked.imports if name in PLAIN_VALUES]
    if plain:
        module, _, name = plain[0].partition(" ")
        what = "NumPy scalars or arrays" if plain[0] in _NUMPY else name if module in _BUILTINS else f"{module}.{name}"
        return f"holds {what}, which loading weights only refuses. {SAVE_WEIGHTS}"
    if walked.opcodes - _WEIGHTS_ONLY_OPCODES:
        return f"holds values that loading weights only refuses. {SAVE_WEIGHTS}"
    return None
