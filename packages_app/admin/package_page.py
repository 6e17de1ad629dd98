"""What the page of a package shows beside its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from jobs.admin.job import job_on_page
from jobs.services.filing import latest_job
from packages_app.models import Package, PackageFile, State
from packages_app.services import inspecting, publishing, trials
from registry.admin.roles import Role, may

_FACT_LABELS = {
    "opset": "ONNX opset",
    "ir_version": "ONNX IR version",
    "dynamic_batch_size": "Dynamic batch size",
    "static_batch_size": "Static batch size",
    "quantization": "Quantization",
    "stored_types": "Types of the weights",
    "supported_device_types": "Device types",
    "torch_version": "Torch version",
    "external_data": "Weights outside the ONNX file",
    "class_names": "Class names",
}
_MAX_NAMES_SHOWN = 12
TRUST_PERMISSION = "packages_app.trust_package"


@dataclass(frozen=True)
class PackagePage:
    """Everything that the template needs; the rights are those of the person who asked."""

    package: Package
    files: list[PackageFile]
    missing: list[str]
    notices: list[str]
    facts: list[tuple[str, str]]
    tensors: list[tuple[str, str, str, str]]
    trial: str
    inspection: dict[str, Any] | None
    may_edit: bool
    may_withdraw: bool
    may_trust: bool
    may_purge: bool
    may_publish_again: bool


def describe(package: Package, request: HttpRequest) -> PackagePage:
    """A query for the files, one for the inspection's job, and those of the rules of publishing."""
    workspace_id = package.model.workspace_id
    curator = may(request, Role.CURATOR, workspace_id)
    admin = may(request, Role.ADMIN, workspace_id)
    facts = package.inspection.get("facts", {})
    return PackagePage(
        package=package,
        files=list(package.files.select_related("blob")),
        missing=[] if package.is_frozen else publishing.sentences(package),
        notices=inspecting.notices(package),
        facts=[(label, _readable(facts[name])) for name, label in _FACT_LABELS.items() if name in facts],
        tensors=_tensors(facts),
        trial=trials.in_words(trials.of(package)),
        inspection=job_on_page(latest_job(inspecting.KIND, package.pk), request),
        may_edit=curator and not package.is_frozen,
        may_withdraw=curator and package.state == State.PUBLISHED,
        may_trust=may_trust(request, package) and not package.is_frozen,
        may_purge=admin and package.state == State.WITHDRAWN,
        may_publish_again=curator and package.state == State.WITHDRAWN,
    )


def may_trust(request: HttpRequest, package: Package) -> bool:
    """Admins of the workspace may mark its packages as trusted, and so may its members with the permission for it."""
    workspace_id = package.model.workspace_id
    permitted = may(request, Role.VIEWER, workspace_id) and request.user.has_perm(TRUST_PERMISSION)
    return permitted or may(request, Role.ADMIN, workspace_id)


def _readable(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        names = ", ".join(str(item) for item in value[:_MAX_NAMES_SHOWN])
        more = len(value) - _MAX_NAMES_SHOWN
        return f"{names} and {more} more" if more > 0 else names
    return str(value)


def _tensors(facts: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Kind, name, data type and shape of each input and output; an unknown dimension is a question mark."""
    return [
        (kind, str(tensor["name"]), str(tensor["dtype"]), " x ".join(str(size or "?") for size in tensor["shape"]))
        for kind in ("inputs", "outputs")
        for tensor in facts.get(kind, [])
    ]
