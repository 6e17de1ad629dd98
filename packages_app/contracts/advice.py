"""Under which architecture or task the client would read a network right that it misreads under its own."""

from __future__ import annotations

from dataclasses import replace

from packages_app.contracts.contract import KEY_POINTS, ClassNames, Contract
from packages_app.contracts.reading import Reading
from packages_app.facts import Tensor


def read_right_as(contract: Contract, outputs: tuple[Tensor, ...], reading: Reading, backend: str) -> str | None:
    """A sentence that names them, those of the same task before others; None where nothing is proven.

    Only a first output whose sizes are declared proves anything, under a family that reads the class names.
    """
    # Not a module-level import: the table is made of heads, whose problems this completes.
    from packages_app.contracts.table import CONTRACTS

    if not outputs or not all(isinstance(size, int) and size > 0 for size in outputs[0].shape[1:]):
        return None
    fitting = [
        (task, architecture)
        for (architecture, task, its_backend), other in CONTRACTS.items()
        if its_backend == backend and other != contract and _fits(other, outputs, replace(reading, fused=False))
    ]
    if not fitting:
        return None
    # Of the same task first, then of the same architecture.
    task, _ = min(fitting, key=lambda each: (each[0] != reading.task, each[1] != reading.architecture, each))
    names = [f"`{architecture}`" for its_task, architecture in fitting if its_task == task]
    if f"`{reading.architecture}`" in names:
        names = [f"`{reading.architecture}`"]
    where = "" if task == reading.task else f" for {task}"
    return f"Publish it as {' or '.join(names)}{where}, under which clients read it right."


def _fits(contract: Contract, outputs: tuple[Tensor, ...], reading: Reading) -> bool:
    if contract.head is None or contract.class_names is ClassNames.NOT_READ or reading.classes is None:
        return False
    if (KEY_POINTS,) in contract.needed and not reading.key_points:
        return False
    return contract.head(outputs, reading) is None
