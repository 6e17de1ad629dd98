"""What the folder of a backend says of itself, for whoever loads its packages."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import NamedTuple

from backends.session import Session
from negotiation.manifests import BACKENDS


class Runtime(NamedTuple):
    """What runs a backend's packages: the class, and the files it reads beside that with the network.

    ``like`` names another backend whose networks answer the same: families that run on that one run on this one too.
    """

    session: type[Session]
    other_files: tuple[str, ...] = ()
    like: str = ""


@cache
def runtimes() -> dict[str, Runtime]:
    """By backend, of those that this server runs; whether or not the libraries are installed on this machine."""
    folders = {backend: manifest.folder for backend, manifest in BACKENDS.items() if manifest.folder}
    return {backend: import_module(f"backends.{folder}").RUNTIME for backend, folder in folders.items()}
