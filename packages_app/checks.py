"""System checks of the storage: numbered, each with a hint that tells the fix."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

DELIVERIES = {"stream", "accel", "redirect"}


@register()
def check_data_directories(app_configs: Any, **_: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for path in (settings.DATA_DIR, settings.STAGING_ROOT):
        nearest = _nearest_existing(path)
        if not os.access(nearest, os.W_OK):
            problems.append(
                Error(
                    "The data directory is not writable.",
                    hint="Set DATA_DIR to a directory that the server's user may write, or change its owner.",
                    id="packages.E001",
                )
            )
            break
    return problems


@register()
def check_blob_store(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if settings.BLOB_STORE not in {"local", "s3"}:
        return [Error("BLOB_STORE is unknown.", hint="Set BLOB_STORE to `local` or `s3`.", id="packages.E002")]
    if settings.BLOB_STORE == "s3" and not settings.S3_BUCKET:
        return [Error("BLOB_STORE is s3 without a bucket.", hint="Set S3_BUCKET.", id="packages.E003")]
    return []


@register()
def check_blob_delivery(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if settings.BLOB_DELIVERY not in DELIVERIES:
        return [
            Error(
                "BLOB_DELIVERY is unknown.",
                hint="Set BLOB_DELIVERY to `stream`, `accel` or `redirect`.",
                id="packages.E004",
            )
        ]
    if settings.BLOB_DELIVERY == "redirect" and settings.BLOB_STORE != "s3":
        return [
            Error(
                "BLOB_DELIVERY does not fit BLOB_STORE.",
                hint="`redirect` needs BLOB_STORE=s3.",
                id="packages.E005",
            )
        ]
    return []


@register()
def check_free_disk(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if shutil.disk_usage(_nearest_existing(settings.DATA_DIR)).free >= settings.MIN_FREE_DISK_BYTES:
        return []
    return [
        Warning(
            "The disk of the data directory is nearly full: uploads will be refused.",
            hint="Free some space, or lower MIN_FREE_DISK_BYTES.",
            id="packages.W001",
        )
    ]


def _nearest_existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
