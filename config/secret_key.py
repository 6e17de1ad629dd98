"""The secret key of an installation that was given none: made once, kept in the data directory."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def read_or_create_secret_key(data_dir: Path) -> str:
    """Return the key in ``DATA_DIR/secret_key``, creating it (mode 0600) on the first start.

    Several processes may start at once: the file is written whole under another name and linked into
    place, so that the first one wins and the others read its key.
    """
    path = data_dir / "secret_key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    data_dir.mkdir(parents=True, exist_ok=True)
    candidate = data_dir / f".secret_key.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(candidate, path)
    except FileExistsError:
        pass
    finally:
        candidate.unlink()
    return path.read_text(encoding="ascii").strip()
