"""A network as ONNX Runtime leaves it for this very machine: optimised, and its weights in a file of their own.

Opening such a file takes a tenth of the time of loading the network, and the sessions of a process share its weights
(`weights.py`). The file is right only where it was made: it holds layouts that another processor or version of the
runtime refuses, or reads wrongly, and does not say which.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

log = logging.getLogger("backends.onnx")

NETWORK = "{}.onnx"
WEIGHTS = "{}.weights"
"""Names of the two files, after what the network is called."""

# Smaller ones stay in the network's own file.
_LEAST_BYTES = 1024
_SETTINGS = f"optimisation all, packed, mapped from {_LEAST_BYTES} bytes"


REWRITING_VERSION = 1
"""To be raised with every change of `rewrites.py`: networks that were prepared before are then prepared anew."""

REWRITING_TESTED_WITH = ("1.32",)
"""Versions of ONNX Runtime for which the tests say that rewriting is right, and the bench that it is faster."""


def settings(version: str, rewriting: bool) -> str:
    """What a prepared network depends on beside its source, the processor and the ``version`` of ONNX Runtime."""
    return f"{_SETTINGS}, rewriting {REWRITING_VERSION}" if rewrites_with(version, rewriting) else _SETTINGS


def rewrites_with(version: str, wanted: bool) -> bool:
    """Whether the graph is rewritten for this ``version`` of ONNX Runtime: where it was tested, and can be done."""
    tested = any(version == each or version.startswith(f"{each}.") for each in REWRITING_TESTED_WITH)
    # A host with an interpreter of its own may be without the library; its networks are then an eighth slower.
    return wanted and tested and find_spec("onnx") is not None


def write(
    source: Path, target: Path, name: str, options: Any, make_session: Callable[[Path, Any], Any], *, rewrite: bool
) -> None:
    """Write the network of ``source`` into the folder ``target``, as NETWORK and WEIGHTS of this ``name``.

    ``options`` are those of the session that writes it, and ``make_session`` makes one of a file. Raises what that
    raises, and OSError.
    """
    rewritten = target / "rewritten.onnx"
    if rewrite:
        from backends.onnx.rewrites import write_rewritten

        if write_rewritten(source, rewritten):
            source = rewritten
    options.optimized_model_filepath = str(target / NETWORK.format(name))
    for key, value in (
        ("session.optimized_model_external_initializers_file_name", WEIGHTS.format(name)),
        ("session.optimized_model_external_initializers_min_size_in_bytes", str(_LEAST_BYTES)),
        ("session.save_external_prepacked_constant_initializers", "1"),
    ):
        options.add_session_config_entry(key, value)
    make_session(source, options)
    rewritten.unlink(missing_ok=True)
