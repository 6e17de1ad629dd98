"""The processor: what kind it is, as far as kernels are chosen by it, and how many of its cores are ours."""

from __future__ import annotations

import contextlib
import hashlib
import os
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


def available_cores() -> int:
    """The cores that this process may use: those of the machine, less what affinity and a container's quota forbid."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    groups = Path("/sys/fs/cgroup")
    for quota_file, period_file in (("cpu.max", "cpu.max"), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        with contextlib.suppress(OSError, ValueError, IndexError):
            quota = int((groups / quota_file).read_text().split()[0])
            period = int((groups / period_file).read_text().split()[-1])
            if quota > 0 and period > 0:
                cores = min(cores, max(1, round(quota / period)))
    return cores
