"""Inspecting a package: what the files prove is filled in, and must agree with what a curator typed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from packages_app.facts import MANIFEST_FIELDS, PROVEN_FIELDS
from packages_app.models import Backend, Package, Quantization, State
from packages_app.services import blobs, claims, publishing, trials
from registry.models import AuditEvent
from registry.services.audit import Actor

logger = structlog.get_logger("weighbridge.inspection")

MEMORY_BYTES = 6 * 1024**3
SECONDS = 120
# Longer than an inspection takes with all its limits; after it, one that runs on another machine counts as killed.
LEASE = timedelta(hours=1)
# TorchScript files do not say where they run nor what they need; these are what exporters write today.
TORCH_SCRIPT_DEFAULTS = {"supported_device_types": ["cpu", "cuda"], "torch_version": "2.0.0"}
# Fields that mean the same to a curator and are filled or compared together.
BATCH_FIELDS = ("dynamic_batch_size", "static_batch_size")


def inspect(package: Package, *, actor: Actor | None = None) -> Package:
    """Read the files, fill in what they prove, and make the package ready if nothing is missing.

    A file that is damaged, or that ends the inspection, quarantines the package. Where a typed value and a
    file disagree, the package stays a draft and `publishing.problems` says so. If nothing is missing it is tried
    (`trials`), and what fails there is quarantined too. If the files cannot be read, now, it is a draft again, and
    the error of the store is raised.
    """
    with claims.claim(package.pk):
        publishing.start_inspection(package, actor=actor)
        return _examine(package, actor)


def abandon_left_behind(*, lease: timedelta = LEASE) -> int:
    """Make drafts again of the packages whose inspection was killed, and return how many that were.

    On this machine the killed are known (`claims`). One that was begun elsewhere is given up after ``lease``.
    """
    inspecting = list(Package.objects.filter(state=State.INSPECTING).select_related("model__workspace"))
    claimed = claims.collect()
    abandoned = 0
    for package in inspecting:
        if package.pk not in claimed.alive and (package.pk in claimed.dead or _began_before(package, lease)):
            publishing.abandon_inspection(package)
            abandoned += 1
    return abandoned


def _began_before(package: Package, lease: timedelta) -> bool:
    recent = AuditEvent.objects.filter(
        action="package.inspection-started", details__pk=package.pk, created_at__gt=timezone.now() - lease
    )
    return not recent.exists()


def set_trusted(package: Package, trusted: bool, *, actor: Actor | None = None) -> Package:
    """`publishing.set_trusted`; a package that was not tried for want of trust is inspected and tried now.

    That is after the transaction in which it is called. Raises PackageFrozen.
    """
    with transaction.atomic():
        publishing.set_trusted(package, trusted, actor=actor)
        if trusted and trials.awaits_trust(package):
            # Not ready meanwhile: nobody shall publish it before the end of its trial.
            publishing.start_inspection(package, actor=actor)
            transaction.on_commit(lambda: _examine_claimed(package, actor))
    return package


def _examine_claimed(package: Package, actor: Actor | None) -> None:
    with claims.claim(package.pk):
        _examine(package, actor)


def _examine(package: Package, actor: Actor | None) -> Package:
    """An inspection that was started, to its end."""
    files = _content(package)
    try:
        facts = _facts_in_child(package)
    except InspectionFailed as failure:
        return publishing.quarantine(package, str(failure), actor=actor)
    except Exception:
        publishing.abandon_inspection(package, actor=actor)
        raise
    with transaction.atomic():
        package = Package.objects.select_for_update().get(pk=package.pk)
        if package.state != State.INSPECTING or _content(package) != files:
            # Somebody changed the package meanwhile, and perhaps has it inspected already: what was found is no
            # longer about it.
            return package
        package.inspection = {"facts": facts, "problems": [*facts.get("gaps", ()), *_merge(package, facts)]}
        refusals = facts.get("problems")
        complete = not refusals and not publishing.problems(package)
        if not complete:
            package.state = State.DRAFT
        package.save()
        if refusals:
            return publishing.quarantine(package, " ".join(refusals), actor=actor)
    return _try(package, actor) if complete else package


def _try(package: Package, actor: Actor | None) -> Package:
    """The trial of a package that is being inspected, in which nothing else is missing."""
    files, found = _content(package), package.inspection
    try:
        trial = trials.run(package)
    except Exception:
        publishing.abandon_inspection(package, actor=actor)
        raise
    with transaction.atomic():
        package = Package.objects.select_for_update().get(pk=package.pk)
        if package.state != State.INSPECTING or package.inspection != found or _content(package) != files:
            return package
        package.inspection = {**found, "trial": trial}
        package.state = State.DRAFT
        package.save(update_fields=["inspection", "state"])
        if trial["outcome"] == trials.FAILED:
            return publishing.quarantine(package, trial["reason"], actor=actor)
        if not publishing.problems(package):
            return publishing.mark_ready(package, actor=actor)
    return package


def notices(package: Package) -> list[str]:
    """What the last inspection has to say to whoever decides whether to trust the package, a sentence each."""
    return list(package.inspection.get("facts", {}).get("notices", []))


class InspectionFailed(Exception):
    """The inspection could not be done; its message is the reason that the curator reads."""


def _content(package: Package) -> set[tuple[str, str]]:
    return set(package.files.values_list("handle", "blob_id"))


def _facts_in_child(package: Package) -> dict[str, Any]:
    with ExitStack() as stack:
        files = _local_files(package, stack)
        request = {
            "backend": package.backend,
            "architecture": package.model.architecture,
            "task": package.model.task_type,
            "features": sorted(package.model_features or {}),
            "files": files,
            "memory_bytes": MEMORY_BYTES,
            "cpu_seconds": SECONDS,
        }
        try:
            finished = subprocess.run(  # our own module, arguments fixed
                [sys.executable, "-m", "packages_app.inspection"],
                input=json.dumps(request, allow_nan=False).encode(),
                capture_output=True,
                timeout=SECONDS + 30,
                cwd=settings.BASE_DIR,
                env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(settings.BASE_DIR)},
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise InspectionFailed("The inspection of the files did not end in time.") from error
    if finished.returncode != 0:
        logger.warning("inspection failed", package=package.pk, stderr=finished.stderr[-2000:].decode(errors="replace"))
        raise InspectionFailed("The files ended the process that inspected them.")
    # PostgreSQL keeps no NUL, and names in files may hold one.
    facts: dict[str, Any] = json.loads(finished.stdout.replace(b"\\u0000", b"\\ufffd"))
    return facts


def _local_files(package: Package, stack: ExitStack) -> dict[str, str]:
    """Where the bytes of each handle lie on this machine; those of an object store are fetched first."""
    files = {}
    directory: Path | None = None
    for number, file in enumerate(package.files.select_related("blob")):
        path = blobs.local_path(file.blob)
        if path is None:
            if directory is None:
                directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=settings.STAGING_ROOT)))
            path = directory / str(number)
            with blobs.open_blob(file.blob) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, 1024 * 1024)
        files[file.handle] = str(path)
    return files


def _merge(package: Package, facts: Mapping[str, Any]) -> list[str]:
    """Fill empty manifest fields of ``package`` from ``facts``; sentences for those that disagree."""
    disagreements = []
    for name in PROVEN_FIELDS:
        setattr(package, name, facts.get(name))
    if package.backend == Backend.TORCH_SCRIPT:
        facts = {**TORCH_SCRIPT_DEFAULTS, **facts}
    batch_is_typed = package.dynamic_batch_size or package.static_batch_size is not None
    for name in MANIFEST_FIELDS:
        proven = facts.get(name)
        if proven is None:
            continue
        typed = getattr(package, name)
        if name in BATCH_FIELDS:
            empty = not batch_is_typed
        elif name == "quantization":
            empty = typed == Quantization.UNKNOWN
        else:
            empty = typed in (None, "", [])
        if empty:
            setattr(package, name, proven)
        elif typed != proven and name not in TORCH_SCRIPT_DEFAULTS:
            label = package._meta.get_field(name).verbose_name
            # The wire has no word for some types: that of the file then says why.
            stored = facts.get("stored_types") if proven == Quantization.UNKNOWN else None
            what = f"{proven} ({stored[0]})" if stored else proven
            disagreements.append(f"The {label} was given as {typed}, but the files say {what}.")
    return disagreements
