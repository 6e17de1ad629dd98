"""What exporters write into a network's file about itself.

Source: ONNX files by Ultralytics 8.4.190, whose `metadata_props` hold `names` as the text of a Python dictionary.
"""

from __future__ import annotations

import ast

MAX_LITERAL = 200_000


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
