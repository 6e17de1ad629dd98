"""`manage.py gc`."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from packages_app.models import Blob
from packages_app.services import blobs, intake

pytestmark = pytest.mark.django_db
TWO_DAYS = timedelta(days=2)


def gc(*arguments: str) -> str:
    out = StringIO()
    call_command("gc", *arguments, stdout=out)
    return out.getvalue()


def test_it_removes_what_nothing_uses_and_keeps_the_rest(
    package: Any, make_blob: Callable[..., Any], settings: Any
) -> None:
    unused, fresh = make_blob(b"of a package that was purged"), make_blob(b"of a form that is being filled in")
    Blob.objects.exclude(pk=fresh.pk).update(received_at=timezone.now() - TWO_DAYS)
    interrupted = Path(settings.STAGING_ROOT) / f"{intake.STAGED_NAME_START}x"
    interrupted.write_bytes(b"half")
    os.utime(interrupted, times=(time.time() - TWO_DAYS.total_seconds(),) * 2)
    assert "uploads removed: 1." in (output := gc())
    assert "files removed: 1." in output
    assert not Blob.objects.filter(pk=unused.pk).exists()
    assert not blobs.is_stored(unused)
    assert not interrupted.exists()
    assert all(blobs.is_intact(blob) for blob in [fresh, *(file.blob for file in package.files.all())])
    assert "removed: 1" not in gc()


def test_bytes_that_were_renamed_into_place_and_never_got_a_row_are_removed_once_they_are_old(
    package: Any, settings: Any
) -> None:
    def leave(content: bytes, age: timedelta) -> Path:
        sha256 = hashlib.sha256(content).hexdigest()
        path = Path(settings.BLOB_ROOT) / sha256[:2] / sha256[2:4] / sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, times=(time.time() - age.total_seconds(),) * 2)
        return path

    old, young = leave(b"killed yesterday", TWO_DAYS), leave(b"being uploaded", timedelta())
    stray = leave(b"of somebody else", TWO_DAYS).rename(Path(settings.BLOB_ROOT) / "README")
    cut = old.parent / ".0123.partial"
    cut.write_bytes(b"half")
    os.utime(cut, times=(time.time() - TWO_DAYS.total_seconds(),) * 2)
    assert "without a record removed: 2." in gc()
    assert (old.exists(), cut.exists(), young.exists(), stray.exists()) == (False, False, True, True)
    assert all(blobs.is_intact(file.blob) for file in package.files.all())
    assert "without a record removed: 1." in gc("--older-than", "0")
    assert not young.exists()


def test_bytes_whose_row_comes_while_they_are_looked_at_stay(
    make_blob: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if another process had stored the same bytes between the look and the removal."""
    blob = make_blob(b"uploaded again")
    assert blobs._delete_unknown(blob.sha256, blob.storage_key) is False
    assert blobs.is_intact(blob)


def test_it_names_the_files_that_are_damaged_and_those_that_are_gone(package: Any) -> None:
    assert "as it was received" in gc("--verify")
    damaged, gone = (blobs.local_path(file.blob) for file in package.files.all()[:2])
    damaged.write_bytes(bytes(damaged.stat().st_size))
    gone.unlink()
    out = StringIO()
    with pytest.raises(CommandError, match="damaged or missing: 2"):
        call_command("gc", "--verify", stdout=out)
    for file in package.files.all()[:2]:
        assert f"{file.handle} of {package.package_id}" in out.getvalue()


def test_it_still_has_its_earlier_name() -> None:
    out = StringIO()
    call_command("tidy", stdout=out)
    assert out.getvalue() == gc()
