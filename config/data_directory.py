"""The data directory: made by what sets an installation up, and by nothing else.

Reading the settings makes nothing, so that a wrong setting or a mistyped path leaves no trace.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.secret_key import read_or_create_secret_key

PRIVATE = 0o700
# What delivers files instead of us may pass through DATA_DIR, and read `blobs`, by its group.
PASSABLE = 0o710
READABLE_BY_GROUP = 0o750


def prepare() -> None:
    """Make what is missing of the data directory, closed to other users, and use the secret key that lies there.

    What is there already keeps its owner and mode. Raises ImproperlyConfigured.
    """
    delivered = settings.BLOB_DELIVERY == "accel"
    try:
        _make(settings.DATA_DIR, PASSABLE if delivered else PRIVATE)
        for folder in (settings.STAGING_ROOT, settings.STATIC_ROOT, settings.MODEL_HOST_DIR, settings.MODEL_CACHE_DIR):
            _make(Path(folder), PRIVATE)
        if settings.BLOB_STORE == "local":
            _make(Path(settings.BLOB_ROOT), READABLE_BY_GROUP if delivered else PRIVATE)
        if not env.text("SECRET_KEY"):
            settings.SECRET_KEY = read_or_create_secret_key(settings.DATA_DIR)
        _make_database_file()
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR cannot be used: {error.strerror or error} ({error.filename or settings.DATA_DIR}). "
            "Name a directory that this user may write."
        ) from error


def database_file() -> Path | None:
    """The file of an SQLite database; None for other databases, and for one in memory."""
    database = settings.DATABASES["default"]
    if not str(database["ENGINE"]).endswith("sqlite3"):
        return None
    name = str(database["NAME"])
    return None if name == ":memory:" or name.startswith("file:") else Path(name)


def _make(folder: Path, mode: int) -> None:
    if folder.is_dir():
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(0, "it is not writable", str(folder))
        return
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    # What the mask of this process took away.
    folder.chmod(mode)


def _make_database_file() -> None:
    """SQLite gives the files beside the database the mode that it has."""
    file = database_file()
    if file is not None and not file.exists():
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
