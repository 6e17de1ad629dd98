"""Curators' own machines."""

from __future__ import annotations

from inference_app.models.machine import MachineRecord

__all__ = ["MachineRecord"]
