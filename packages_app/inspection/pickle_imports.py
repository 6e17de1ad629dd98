"""What a pickle would import, held against the little that weights need; nothing of it is executed.

Unpickling imports names and calls them. A list of harmful names is never complete, so that this is a list of the
harmless ones: those that PyTorch itself allows when it loads weights only, and containers of plain values.
"""

from __future__ import annotations

import pickletools

_REBUILDERS = (
    "_rebuild_device_tensor_from_cpu_tensor", "_rebuild_device_tensor_from_numpy", "_rebuild_meta_tensor_no_storage",
    "_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_qtensor", "_rebuild_sparse_tensor",
    "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3",
)  # fmt: skip
_STORAGES = (
    "BFloat16Storage", "BoolStorage", "ByteStorage", "CharStorage", "ComplexDoubleStorage", "ComplexFloatStorage",
    "DoubleStorage", "FloatStorage", "HalfStorage", "IntStorage", "LongStorage", "QInt32Storage", "QInt8Storage",
    "QUInt8Storage", "ShortStorage",
)  # fmt: skip
_TYPES = (
    "Size", "Tensor", "bfloat16", "bool", "complex128", "complex64", "device", "float16", "float32", "float64", "int16",
    "int32", "int64", "int8", "per_channel_affine", "per_tensor_affine", "qint32", "qint8", "quint8", "uint8",
)  # fmt: skip
ALLOWED = frozenset(
    {
        "argparse Namespace",
        "builtins bytearray",
        "builtins complex",
        "builtins set",
        "__builtin__ set",
        "_codecs encode",
        "collections Counter",
        "collections OrderedDict",
        "collections defaultdict",
        "numpy dtype",
        "numpy._core.multiarray scalar",
        "numpy.core.multiarray scalar",
        "torch.nn.parameter Parameter",
        "torch.serialization _get_layout",
        "torch.storage TypedStorage",
        "torch.storage UntypedStorage",
        *(f"torch._utils {name}" for name in _REBUILDERS),
        *(f"torch {name}" for name in (*_STORAGES, *_TYPES)),
    }
)
"""Module and name, as the opcode GLOBAL has them."""

# Ways to a name other than GLOBAL, none of which `torch.save` takes. What they lead to depends on the stack, on memos
# or on a registry of the reader's, so that telling it would be as intricate as a way past whoever tells it.
_OTHER_WAYS = frozenset({"STACK_GLOBAL", "INST", "OBJ", "EXT1", "EXT2", "EXT4"})


def import_problem(pickle: bytes) -> str | None:
    """Why ``pickle`` is refused, as a sentence; None for one that imports nothing but what weights need."""
    try:
        for opcode, argument, _ in pickletools.genops(pickle):
            if opcode.name in _OTHER_WAYS:
                return "A pickle in the Torch file imports in a way that `torch.save` does not write."
            if opcode.name == "GLOBAL" and argument not in ALLOWED:
                return f"A pickle in the Torch file imports {str(argument)[:80]!r}, which weights do not need."
    except Exception:  # pickletools raises several types for damaged data
        return "A pickle in the Torch file is damaged."
    return None
