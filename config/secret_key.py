"""The secret key of an installation that was given none: made once, kept in the data directory."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

NAME = "secret_key"


def read_secret_key(data_dir: Path) -> str:
    """The key in ``DATA_DIR/secret_key``, empty where there is none. Raises ImproperlyConfigured."""
    path = data_dir / NAME
    try:
        key = path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ImproperlyConfigured(f"The secret key in {path} cannot be read: {reason}.") from error
    if not key:
        raise ImproperlyConfigured(f"The secret key in {path} is empty. Restore it, or remove the file for a new one.")
    return key


def read_or_create_secret_key(data_dir: Path) -> str:
    """Return the key in ``DATA_DIR/secret_key``, creating it (mode 0600) on the first start.

    Several processes may start at once: the file is written whole under another name and linked into
    place, so that the first one wins and the others read its key.
    """
    if key := read_secret_key(data_dir):
        return key
    path = data_dir / NAME
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    candidate = data_dir / f".{NAME}.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        os.link(candidate, path)
    except FileExistsError:
        pass
    finally:
        candidate.unlink()
    return read_secret_key(data_dir)
