"""The first credentials in a file, where the output is nobody's terminal: logs are kept, and read by many."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings

from inference_app.services.first_start import Credentials


def path() -> Path:
    return Path(settings.DATA_DIR) / "first-credentials.txt"


def write(credentials: Credentials) -> Path:
    """Write them for the owner of the data directory alone, in place of earlier ones."""
    partial = path().with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"administrator {credentials.admin_name}\n")
        file.write(f"password {credentials.admin_password}\n")
        file.write(f"token {credentials.token}\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path())
    return path()


def remove(**_: Any) -> None:
    """Somebody has logged in: the file has done its work."""
    path().unlink(missing_ok=True)
