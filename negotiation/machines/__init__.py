"""Machines by name: the catalogue of typical ones, and those that people describe."""

from __future__ import annotations

from negotiation.errors import (
    InvalidMachineError,
    MachineNotJsonError,
    MachineTooLargeError,
    UnknownMachineError,
    UnknownMachineKeysError,
)
from negotiation.machines.catalogue import catalogue, find_machine
from negotiation.machines.machine import Machine, machine_from_json, parse_machine

__all__ = [
    "InvalidMachineError",
    "Machine",
    "MachineNotJsonError",
    "MachineTooLargeError",
    "UnknownMachineError",
    "UnknownMachineKeysError",
    "catalogue",
    "find_machine",
    "machine_from_json",
    "parse_machine",
]
