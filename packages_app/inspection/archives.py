"""Archives: what people have in hand when a package was sent to them, and what no client unpacks."""

from __future__ import annotations

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".7z", ".rar", ".gz", ".xz", ".bz2")


def is_archive(name: str) -> bool:
    """Whether ``name`` is that of an archive. Torch files are zip archives too, under names of their own."""
    return name.lower().endswith(SUFFIXES)
