"""The machines that come with the project: typical ones, each dated and with the sources of its facts."""

from __future__ import annotations

import difflib
import json
from functools import cache
from importlib import resources

from negotiation.errors import UnknownMachineError
from negotiation.machines.machine import Machine, machine_from_json


@cache
def catalogue() -> tuple[Machine, ...]:
    """All machines of the catalogue, in the order in which people look for them."""
    text = resources.files(__package__).joinpath("data", "catalogue.json").read_text(encoding="utf-8")
    return tuple(machine_from_json(document) for document in json.loads(text)["machines"])


def find_machine(name: str) -> Machine:
    """The catalogue's machine of this name. Raises ``UnknownMachineError``, which suggests close names."""
    machines = {machine.name: machine for machine in catalogue()}
    if name in machines:
        return machines[name]
    message = f"There is no machine named {name[:80]!r}."
    if close := difflib.get_close_matches(name[:80], machines, n=1):
        message += f" Was {close[0]} meant?"
    raise UnknownMachineError(message)
