"""Every machine that a question can be about: this server, the catalogue's, and those of a workspace."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

from inference_app.models import MachineRecord
from inference_app.models.machine import THIS_SERVER
from inference_app.services.environment import server_environment
from negotiation.machines import Machine, UnknownMachineError, catalogue


class Origin(StrEnum):
    """Who knows the machine."""

    THIS_SERVER = "this-server"
    CATALOGUE = "catalogue"
    OWN = "own"
    DESCRIBED = "described"


@dataclass(frozen=True)
class KnownMachine:
    """A machine and where its description comes from."""

    machine: Machine
    origin: Origin


def this_server() -> KnownMachine:
    """The machine that runs models for this server, as detected."""
    machine = Machine(THIS_SERVER, "This server", server_environment())
    return KnownMachine(machine, Origin.THIS_SERVER)


def machines_of(workspace_id: int | None) -> list[KnownMachine]:
    """The catalogue's machines, then those of the workspace: one query, or none without a workspace."""
    known = [KnownMachine(machine, Origin.CATALOGUE) for machine in catalogue()]
    if workspace_id is not None:
        records = MachineRecord.objects.filter(workspace=workspace_id).order_by("title", "slug")
        known += [KnownMachine(record.described(), Origin.OWN) for record in records]
    return known


def find_machine(name: str, workspace_id: int | None) -> KnownMachine:
    """The machine of this name. Raises UnknownMachineError, which suggests a close name."""
    if name == THIS_SERVER:
        return this_server()
    known = {entry.machine.name: entry for entry in machines_of(workspace_id)}
    if name in known:
        return known[name]
    message = f"There is no machine named {name[:80]!r}."
    if close := difflib.get_close_matches(name[:80], [*known, THIS_SERVER], n=1):
        message += f" Was {close[0]} meant?"
    raise UnknownMachineError(message)
