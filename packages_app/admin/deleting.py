"""What is said before something is deleted: what goes and what it frees, or why it stays and which button helps."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from packages_app.models import Package, State
from packages_app.services import blobs
from registry.admin.confirmation import Confirmation
from registry.admin.roles import Role, may, workspaces_with
from registry.models import Model

STAYS = "This {} cannot be deleted"


def what_it_frees(package: Package) -> str:
    """One sentence about the bytes that only ``package`` uses."""
    freed = blobs.bytes_used_by_none_but(package)
    if not freed:
        return "It frees no space: it has no file that other packages have not."
    return f"It frees {filesizeformat(freed)}: files that nothing else uses go with the next `manage.py gc`."


def about_package(package: Package, request: HttpRequest) -> Confirmation:
    """The question, or the reason why ``package`` stays."""
    workspace_id = package.model.workspace_id
    if package.state == State.PUBLISHED:
        withdraw = reverse("admin:packages_app_package_withdraw", args=[package.pk])
        return Confirmation(
            title=STAYS.format("package"),
            sentences=[],
            problems=["It is published, and clients rely on it. Withdraw it first; an admin can purge it afterwards."],
            links=[("Withdraw", withdraw)] if may(request, Role.CURATOR, workspace_id) else [],
        )
    if package.state == State.WITHDRAWN:
        purge = reverse("admin:packages_app_package_purge", args=[package.pk])
        return Confirmation(
            title=STAYS.format("package"),
            sentences=[],
            problems=["It was published under its id. What was withdrawn is not deleted but purged, by an admin."],
            links=[("Purge", purge)] if may(request, Role.ADMIN, workspace_id) else [],
        )
    return Confirmation(
        title="Delete this package?",
        sentences=["It was never published: no client knows it.", what_it_frees(package)],
        button="Delete",
        danger=True,
    )


def about_model(model: Model, request: HttpRequest) -> Confirmation:
    """The question, or the reasons why ``model`` stays."""
    problems, links = [], []
    counted = Package.objects.filter(model=model).order_by("state").values_list("state").annotate(number=Count("pk"))
    if counted:
        packages = ", ".join(f"{number} {State(state).label.lower()}" for state, number in counted)
        problems.append(
            f"It has packages ({packages}). Published ones are withdrawn first, withdrawn ones are purged, "
            "all others are deleted."
        )
        page = reverse("admin:packages_app_package_changelist")
        links.append(("Packages of this model", f"{page}?model__id__exact={model.pk}"))
    dependents = [dependency.model for dependency in model.dependents.select_related("model")]
    visible = [other for other in dependents if _may_see(request, other)]
    for other in visible:
        problems.append(f"{other} depends on it. Take the dependency out there first.")
        links.append((str(other), reverse("admin:registry_model_change", args=[other.pk])))
    if len(visible) < len(dependents):
        problems.append("A model of another workspace depends on it.")
    if problems:
        return Confirmation(title=STAYS.format("model"), sentences=[], problems=problems, links=links)
    aliases = [str(alias) for alias in model.aliases.all()]
    return Confirmation(
        title="Delete this model?",
        sentences=[
            "It has no package: no client can load it. Its id can be taken anew afterwards.",
            *([f"Its aliases go with it: {', '.join(aliases)}."] if aliases else []),
        ],
        button="Delete",
        danger=True,
    )


def _may_see(request: HttpRequest, model: Model) -> bool:
    return request.user.is_superuser or model.workspace_id in workspaces_with(request, Role.VIEWER)
