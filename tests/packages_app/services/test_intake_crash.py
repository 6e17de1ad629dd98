"""A process that is killed in the middle of an upload leaves nothing that looks whole."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from packages_app.models import Blob
from packages_app.services.intake import receive, sweep_staging

BLOCK = b"x" * 65536
SHA256 = hashlib.sha256(BLOCK * 16).hexdigest()

# Uploads sixteen blocks and says so when it comes to the point at which it is to be killed.
UPLOADER = """
import os, sys, time
from pathlib import Path
import django
from django.conf import settings
point = sys.argv[1]
settings.configure(
    SECRET_KEY="x" * 40, USE_TZ=True, BLOB_STORE="local", BLOB_DELIVERY="stream", BLOB_ROOT=sys.argv[2] + "/blobs",
    DATA_DIR=Path(sys.argv[2]), STATIC_ROOT=sys.argv[2] + "/static",
    MODEL_HOST_DIR=sys.argv[2] + "/host", MODEL_CACHE_DIR=sys.argv[2] + "/cache",
    STAGING_ROOT=sys.argv[2] + "/staging", MIN_FREE_DISK_BYTES=0, MAX_FILE_BYTES=2**30,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "registry", "jobs", "packages_app"],
)
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from packages_app.services import intake

def here(*_, **__):
    print("here", flush=True)
    time.sleep(60)

if point == "before-fsync":
    os.fsync = here
if point == "before-rename":
    os.replace = here
if point == "after-rename":
    from packages_app.services import stores
    stores._sync_folder = here

with intake.Intake() as incoming:
    for number in range(16):
        if point == "mid-write" and number == 8:
            here()
        incoming.write(b"x" * 65536)
    incoming.finish()
"""


def kill_at(point: str, directory: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(UPLOADER), point, str(directory)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def named_by_digest(directory: Path) -> list[Path]:
    return [path for path in (directory / "blobs").rglob("*") if path.is_file() and not path.name.startswith(".")]


@pytest.mark.parametrize("point", ["mid-write", "before-fsync", "before-rename"])
def test_before_the_rename_no_file_has_the_name_of_a_digest(point: str, data_directories: Path) -> None:
    kill_at(point, data_directories)
    assert named_by_digest(data_directories) == []
    assert len(list((data_directories / "staging").iterdir())) == 1


def test_after_the_rename_the_file_is_whole(data_directories: Path) -> None:
    kill_at("after-rename", data_directories)
    for path in named_by_digest(data_directories):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name == SHA256


@pytest.mark.django_db
def test_the_same_upload_succeeds_after_the_crash(data_directories: Path, settings: Any) -> None:
    kill_at("mid-write", data_directories)
    assert receive([BLOCK] * 16).sha256 == SHA256
    assert Blob.objects.count() == 1
    assert sweep_staging(older_than=timedelta(seconds=-1)) == 1
    assert list(settings.STAGING_ROOT.iterdir()) == []
