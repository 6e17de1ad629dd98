"""Making packages and changing them, up to their publication.

Whatever changes in a package that was inspected makes it a draft again: what was found no longer holds. A change of its
files takes its trust back as well: whoever marked it as trusted had looked at others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum

from negotiation.manifests import BACKENDS
from packages_app.errors import FileNotInPackage, InvalidPackageField, PackageTooLarge
from packages_app.models import Blob, Package, PackageFile
from packages_app.services.client_rules import require_handles
from packages_app.services.locking import lock_unfrozen
from registry.models import Model
from registry.models.model import validate_recommended_parameters
from registry.services import audit
from registry.services.audit import Actor

EDITABLE_COLUMNS = frozenset(
    field.name for field in Package._meta.concrete_fields if field.editable and not field.primary_key
) - {"model", "backend"}


def editable_fields(backend: str) -> frozenset[str]:
    """What a person may say of a package: columns of Package, and fields of its backend's manifest."""
    return EDITABLE_COLUMNS | {name for name, one in BACKENDS[backend].asked.items() if one.typed}


def create_draft(
    model: Model, backend: str, *, fields: Mapping[str, Any] | None = None, actor: Actor | None = None
) -> Package:
    """A new package of ``model`` in state draft. ``fields`` are those of `editable_fields`.

    Raises InvalidPackageField.
    """
    if backend not in BACKENDS:
        raise InvalidPackageField(f"There is no backend of that name; there are {', '.join(BACKENDS)}.")
    package = Package(model=model, backend=backend, created_by=actor.name if actor else audit.SYSTEM.name)
    _set_fields(package, fields or {})
    with transaction.atomic():
        package.save(force_insert=True)
        _record("package.drafted", package, actor, backend=backend)
    return package


def draft_again(package: Package, *, trusted: bool, actor: Actor | None = None) -> Package:
    """A draft with the files and fields of ``package``: what was withdrawn stays so, and can be published anew.

    With the trust that ``package`` had, and as long as its model is what it was, the id comes out the same. ``trusted``
    says whether the trust that it had is taken over, which is for callers to check.
    """
    columns = {name: getattr(package, name) for name in EDITABLE_COLUMNS}
    known = editable_fields(package.backend) & package.manifest.keys()
    fields = {**columns, **{name: package.manifest[name] for name in known}}
    with transaction.atomic():
        draft = create_draft(package.model, package.backend, fields=fields, actor=actor)
        for file in package.files.select_related("blob"):
            add_file(draft, file.handle, file.blob, actor=actor)
        draft.trusted = package.trusted and trusted
        draft.save(update_fields=["trusted"])
        _record("package.drafted-again", draft, actor, of=package.package_id, trusted=draft.trusted)
    return draft


def update_draft(package: Package, *, fields: Mapping[str, Any], actor: Actor | None = None) -> Package:
    """Change fields of a package that was not published. Raises InvalidPackageField and PackageFrozen."""
    with transaction.atomic():
        lock_unfrozen(package)
        package.reopen()
        _set_fields(package, fields)
        package.save()
        _record("package.changed", package, actor, fields=sorted(fields))
    return package


def add_file(package: Package, handle: str, blob: Blob, *, actor: Actor | None = None) -> PackageFile:
    """Put ``blob`` under ``handle``, in place of what was there.

    Raises InvalidFileHandle, PackageTooLarge and PackageFrozen.
    """
    require_handles([handle])
    with transaction.atomic():
        lock_unfrozen(package)
        others = package.files.exclude(handle=handle)
        require_handles([*others.values_list("handle", flat=True), handle])
        size = others.aggregate(size=Sum("blob__size", default=0))["size"] + blob.size
        if size > settings.MAX_PACKAGE_BYTES:
            raise PackageTooLarge(f"The package would be larger than {settings.MAX_PACKAGE_BYTES} bytes.")
        file, _ = PackageFile.objects.update_or_create(package=package, handle=handle, defaults={"blob": blob})
        package.reopen()
        _distrust(package, actor)
        package.save()
        _record("package.file-added", package, actor, handle=handle, sha256=blob.sha256)
    return file


def remove_file(package: Package, handle: str, *, actor: Actor | None = None) -> None:
    """Take a file out of the package; its blob stays. Raises FileNotInPackage and PackageFrozen."""
    with transaction.atomic():
        lock_unfrozen(package)
        file = next((file for file in package.files.all() if file.handle == handle), None)
        if file is None:
            raise FileNotInPackage
        file.delete()
        package.reopen()
        _distrust(package, actor)
        package.save()
        _record("package.file-removed", package, actor, handle=handle)


def delete_draft(package: Package, *, actor: Actor | None = None) -> None:
    """Delete a package that was never published. Raises PackageFrozen."""
    with transaction.atomic():
        lock_unfrozen(package)
        _record("package.deleted", package, actor)
        package.delete()


def _set_fields(package: Package, fields: Mapping[str, Any]) -> None:
    unknown = sorted(set(fields) - editable_fields(package.backend))
    if unknown:
        raise InvalidPackageField(
            f"A package of {BACKENDS[package.backend].title} has no field {unknown[0][:80]!r} that can be set."
        )
    for name, value in fields.items():
        # PostgreSQL keeps no NUL, in text or in JSON.
        if "\\u0000" in json.dumps(value, default=str):
            raise InvalidPackageField(f"{name}: this holds a NUL character.")
        if name in EDITABLE_COLUMNS:
            setattr(package, name, value)
        else:
            set_manifest_field(package, name, value)
    try:
        package.full_clean(exclude={"model"})
        _check_documents(package)
    except ValidationError as error:
        raise InvalidPackageField(_sentence(error)) from error


def set_manifest_field(package: Package, name: str, value: Any) -> None:
    """Say a field of the manifest, or with None, empty text or False that nothing is known of it. Saves nothing.

    Raises InvalidPackageField.
    """
    try:
        checked = BACKENDS[package.backend].asked[name].checked(value)
    except ValueError as error:
        raise InvalidPackageField(f"{name}: {error}") from error
    others = {other: known for other, known in package.manifest.items() if other != name}
    package.manifest = others if checked is None else {**others, name: checked}


def _check_documents(package: Package) -> None:
    """What the columns of JSON hold. Clients drop a package for a value of the wrong kind in any of them."""
    if not isinstance(package.model_features, dict | None):
        raise ValidationError({"model_features": "This is an object, or empty."})
    try:
        validate_recommended_parameters(package.recommended_parameters)
    except ValidationError as error:
        raise ValidationError({"recommended_parameters": error.messages}) from error
    profile = package.memory_profile
    if profile is not None and not (
        isinstance(profile, dict)
        and set(profile) == {"peakVramMb"}
        and isinstance(profile["peakVramMb"], dict)
        and all(
            isinstance(batch, str) and batch.isascii() and batch.isdecimal() and type(mebibytes) is int
            for batch, mebibytes in profile["peakVramMb"].items()
        )
    ):
        raise ValidationError({"memory_profile": 'This has the form {"peakVramMb": {"1": 350}}.'})


def _sentence(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return error.messages[0]
    name, messages = next(iter(error.message_dict.items()))
    return messages[0] if name == "__all__" else f"{name}: {messages[0]}"


def _distrust(package: Package, actor: Actor | None) -> None:
    if package.trusted:
        package.trusted = False
        _record("package.distrusted", package, actor, reason="Its files changed.")


def _record(action: str, package: Package, actor: Actor | None, **details: Any) -> None:
    details = {"model": package.model.model_id, **details}
    audit.record(action, package, actor=actor, workspace=package.model.workspace, **details)
