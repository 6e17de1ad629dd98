"""What exporters write into a network's file about itself.

Source: ONNX files by Ultralytics 8.4.190, whose `metadata_props` hold `names` as the text of a Python dictionary.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from packages_app.contracts import Contract

MAX_LITERAL = 200_000


def exported_class_names(files: Mapping[str, Path], contract: Contract | None) -> tuple[str, ...]:
    """Class names that the ONNX file carries: of the file that is loaded, else of the only one; empty if none."""
    models = [handle for handle in files if handle.endswith(".onnx") and "/" not in handle]
    loaded = [handle for handle in models if contract and handle in contract.weights] or models
    if len(loaded) != 1 or "class_names.txt" in files:
        return ()
    # Not a module-level import: packages of other backends need no ONNX.
    import onnx

    try:
        model = onnx.load(str(files[loaded[0]]), load_external_data=False)
    except Exception:  # the parser raises types of its own for damaged files, and they are not exported
        return ()
    return names_in({entry.key: entry.value for entry in model.metadata_props}.get("names", ""))


def names_in(text: str) -> tuple[str, ...]:
    """The names in `{0: 'circle', 1: 'square'}` or `['circle', 'square']`; empty for anything else."""
    if not text or len(text) > MAX_LITERAL:
        return ()
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return ()
    if isinstance(value, dict) and set(value) == set(range(len(value))):
        value = [value[number] for number in range(len(value))]
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    return ()
