"""What benches have in common that compare the present revision with an older one and with the reference server."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from bench import _peer
from bench._checkouts import Checkout, add_options, compared
from bench._quiet import watched
from bench._user import become_ordinary

REFERENCE = "reference"
Found = TypeVar("Found")


def compare(
    module: str,
    description: str,
    *,
    rounds: int,
    run: Callable[[Sequence[Checkout], int, Path], Mapping[str, Found]],
    show: Callable[[Mapping[str, Found], str | None], None],
) -> int:
    """The command ``python -m module``: reads its options, measures by ``run`` in a new folder, and reports by `show`.

    What is found goes by the name of the revision, the present one first, or is the REFERENCE server's.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds)
    add_options(parser)
    options = parser.parse_args()
    checkouts = compared(options.against)
    become_ordinary(module)
    with watched(), tempfile.TemporaryDirectory(prefix="bench-") as directory:
        found = run(checkouts, options.rounds, Path(directory))
    show(found, options.against)
    if REFERENCE not in found:
        print(f"Not measured: {_peer.NOT_INSTALLED}.")
    return 0
