"""The model host in the admin: a page of its own, and what it adds to the page of a package."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from backends.errors import BackendError
from inference_app.admin.host_page import describe
from inference_app.error_pages import as_weighbridge_error
from inference_app.services import hosts
from packages_app.admin.package import PackageAdmin
from packages_app.models import Package
from registry.admin.confirmation import Confirmation
from registry.admin.roles import Role, may
from registry.admin.scoped import actor
from registry.services import audit

PAGE = "model-host"

admin.site.unregister(Package)


def may_see_host(request: HttpRequest) -> bool:
    """Superusers and the admins of workspaces."""
    return may(request, Role.ADMIN)


@require_safe
def host_page(request: HttpRequest) -> HttpResponse:
    """How the model host is. Looking at it does not start it."""
    if not may_see_host(request):
        raise PermissionDenied
    context = {**admin.site.each_context(request), "title": "Model host", "host": describe(request)}
    return TemplateResponse(request, "admin/host.html", context)


@admin.register(Package)
class PackageWithHostPage(PackageAdmin):
    change_form_template = "admin/host_package_form.html"

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("<int:pk>/unload/", guarded(require_POST(self.unload_view)), name="inference_app_host_unload"),
            path("<int:pk>/unblock/", guarded(self.unblock_view), name="inference_app_host_unblock"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        package: Package | None = kwargs.get("obj")
        if package is not None:
            context["may_unblock"] = may(request, Role.CURATOR, package.model.workspace_id)
        return super().render_change_form(request, context, *args, **kwargs)

    def unload_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        package = self._package(request, pk, Role.ADMIN)
        try:
            unloaded = hosts.is_running() and hosts.client().unload(package.package_id)
        except BackendError as error:
            messages.error(request, error.message)
        else:
            if unloaded:
                audit.record("package.unloaded", package, actor=actor(request), workspace=package.model.workspace)
                messages.success(request, "Unloaded. The next request loads it again.")
            else:
                messages.warning(request, "The package is not loaded any more.")
        return HttpResponseRedirect(reverse(PAGE))

    def unblock_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        package = self._package(request, pk, Role.CURATOR)
        question = Confirmation(
            title="Give this package another chance?",
            sentences=[
                "This server then chooses the package again as if nothing had happened, and forgets how often it "
                "ended the model host.",
                "If it still does so, requests of all models that run at that moment fail, and after three times "
                "the package is blocked again.",
            ],
            button="Unblock",
        )

        def unblock() -> None:
            try:
                hosts.unblock(package, actor=actor(request))
            except BackendError as error:
                raise as_weighbridge_error(error) from error

        return self._ask(request, package, question, unblock, "Unblocked.")
