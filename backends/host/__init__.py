"""The model host: packages run in a process of their own, and cannot bring down the one that asks.

A web process holds a ``HostSupervisor`` (it starts the host and restarts it) and a ``HostClient`` (it sends
images and gets predictions); ``python -m backends.host --help`` describes the process itself.
"""

from backends.host.process.crash_policy import CrashReport
from backends.host.process.supervisor import HostSupervisor
from backends.host.settings import HostSettings
from backends.host.transport.client import HostClient, HostReply, LoadedInfo, TensorReply
from backends.package_reference import PackageReference

__all__ = [
    "CrashReport",
    "HostClient",
    "HostReply",
    "HostSettings",
    "HostSupervisor",
    "LoadedInfo",
    "PackageReference",
    "TensorReply",
]
