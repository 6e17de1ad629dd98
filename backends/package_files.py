"""The small files that packages have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from backends.errors import PackageConfigInvalid, PackageDamaged

MAX_CLASS_NAMES_BYTES = 4_000_000


def require_files(directory: Path, names: Iterable[str]) -> None:
    """Raises PackageDamaged, naming the first file of ``names`` that the package does not have."""
    for name in names:
        if not (directory / name).is_file():
            raise PackageDamaged(f"The package has no file {name}.")


def read_class_names(directory: Path) -> tuple[str, ...]:
    """``class_names.txt``: one name a line, the line's number being the class id.

    Blanks around names are dropped and blank lines do not count, which is how the client reads the file too. Raises
    PackageDamaged if it is missing, PackageConfigInvalid if it is empty or not UTF-8.
    """
    try:
        with (directory / "class_names.txt").open("rb") as file:
            data = file.read(MAX_CLASS_NAMES_BYTES + 1)
    except OSError:
        raise PackageDamaged("The package has no readable class_names.txt.") from None
    return parse_class_names(data)


def parse_class_names(data: bytes) -> tuple[str, ...]:
    """The names in the content of ``class_names.txt``. Raises PackageConfigInvalid."""
    if len(data) > MAX_CLASS_NAMES_BYTES:
        raise PackageConfigInvalid("class_names.txt is too large.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PackageConfigInvalid("class_names.txt is not UTF-8 text.") from None
    names = tuple(lines_of(text))
    if not names:
        raise PackageConfigInvalid("class_names.txt names no class.")
    return names


def lines_of(text: str) -> list[str]:
    """Lines without the blanks around them; blank ones do not count.

    The one way to split class names: only line feeds and carriage returns end a line, as for the client.
    ``str.splitlines`` would break at characters that a name may hold.
    """
    return [line.strip() for line in re.split(r"\r\n|\r|\n", text) if line.strip()]
