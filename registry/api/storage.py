"""What the disk and the database raise, as errors of this server: full is 507; silent is 503, which clients try again.

Neither is a defect: 500 is for what only a change of the code mends.
"""

from __future__ import annotations

import errno

from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from registry.errors import ServiceUnavailable, StorageFull, WeighbridgeError

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# PostgreSQL's code of "No space left on device"; SQLite says it in words alone.
POSTGRESQL_DISK_FULL = "53100"
SQLITE_DISK_FULL = "database or disk is full"
RETRY_SECONDS = 2


def storage_failure(exception: BaseException) -> WeighbridgeError | None:
    """StorageFull or ServiceUnavailable for what disk, database or cache raised; None for everything else."""
    if isinstance(exception, OperationalError | InterfaceError):
        full = getattr(exception.__cause__, "sqlstate", None) == POSTGRESQL_DISK_FULL
        return StorageFull() if full or SQLITE_DISK_FULL in str(exception) else _unavailable()
    if isinstance(exception, RedisError):
        return _unavailable()
    if isinstance(exception, OSError):
        return StorageFull() if exception.errno in DISK_FULL else _unavailable()
    return None


def _unavailable() -> ServiceUnavailable:
    return ServiceUnavailable(retry_after=RETRY_SECONDS)
