"""What kind of processor this is, as far as kernels are chosen and weights are laid out by it."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")


@cache
def processor() -> str:
    """Architecture and features in a few characters: equal on machines that can share what was made for one."""
    features = _features() or platform.processor()
    return f"{platform.machine()}-{hashlib.sha256(features.encode()).hexdigest()[:16]}"


def _features() -> str:
    """As the kernel names them: "flags" on x86, "Features" on ARM."""
    try:
        lines = _CPU_INFO.read_text().splitlines()
    except OSError:
        return ""
    found = (line.partition(":")[2] for line in lines if line.partition("\t")[0].strip() in ("flags", "Features"))
    return " ".join(sorted(next(found, "").split()))
