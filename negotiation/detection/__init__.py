"""Find out what this machine offers, without importing torch and without ever waiting long."""

from __future__ import annotations

import time

from negotiation.detection.assembly import assemble
from negotiation.detection.detected import DetectedEnvironment, FieldReport
from negotiation.detection.machine import Machine, MachineError, ThisMachine
from negotiation.detection.probe import ProbeReport, run_probes
from negotiation.detection.probes import PROBES
from negotiation.detection.recording import RecordedMachine, record

__all__ = [
    "DetectedEnvironment",
    "FieldReport",
    "Machine",
    "MachineError",
    "ProbeReport",
    "RecordedMachine",
    "ThisMachine",
    "detect",
    "record",
]

LIMIT_SECONDS = 10.0


def detect(machine: Machine | None = None, limit_seconds: float = LIMIT_SECONDS) -> DetectedEnvironment:
    """The environment of ``machine`` (default: this one), found by probes that run at the same time.

    Never raises because of the machine: a probe that fails, hangs or reads nonsense leaves its fields "not
    there" and its problem in the report. Returns after ``limit_seconds`` at the latest. Nothing is cached.

    One difference from the client is meant: devices are those that the CUDA driver or NVML lists, also where
    torch is not installed or was built without CUDA.
    """
    started = time.monotonic()
    # Commands end a little earlier than their probe is given up, so that none outlives its probe.
    machine = machine if machine is not None else ThisMachine(limit_seconds * 0.9)
    probes = run_probes(PROBES, machine, limit_seconds)
    environment, fields = assemble(probes)
    return DetectedEnvironment(environment, fields, probes, round((time.monotonic() - started) * 1000.0, 1))
