"""Packages: the list, the form that makes one from its files, and the page that shows it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.db import models
from django.db.models import Count, ForeignKey, OuterRef, QuerySet, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, reverse
from django.utils.html import format_html, format_html_join

from negotiation.manifests import BACKENDS
from packages_app.admin.deleting import about_package
from packages_app.admin.manifest_fields import in_words, rows_of
from packages_app.admin.package_form import BATCH_FIELDS, MORE_FIELDS, PackageForm
from packages_app.admin.package_page import describe
from packages_app.admin.package_views import PackageViews, wants_json
from packages_app.admin.receiving import IntakeUploadHandler
from packages_app.models import Package, PackageFile
from packages_app.services import drafting
from registry.admin.roles import Role, may, workspaces_with
from registry.admin.scoped import ScopedAdmin, WorkspaceFilter, actor
from registry.api.strict_json import StrictJsonResponse
from registry.models import Model
from registry.receiving import expect_body

UNREADABLE_FORM = (MultiPartParserError, RequestDataTooBig, TooManyFilesSent)
Section = tuple[str | None, dict[str, Any]]


@admin.register(Package)
class PackageAdmin(PackageViews, ScopedAdmin):
    noun = "package"
    workspace_path = "model__workspace_id"
    form = PackageForm
    list_display = [
        "short_name", "model", "state_badge", "backend", "quantization", "batch", "details", "size", "trusted",
    ]  # fmt: skip
    list_filter = [WorkspaceFilter, "state", "backend", "quantization", "trusted"]
    search_fields = ["package_id", "model__model_id", "notes"]
    search_help_text = "Search by package id, model id or note."
    autocomplete_fields = ["model"]
    change_form_template = "admin/packages_app/package/change_form.html"

    # The form

    def get_queryset(self, request: HttpRequest) -> QuerySet[Package]:
        files = PackageFile.objects.filter(package=OuterRef("pk")).order_by().values("package")
        return (
            super()
            .get_queryset(request)
            .select_related("model__workspace")
            .annotate(
                total_bytes=Subquery(files.annotate(total=Sum("blob__size")).values("total")),
                total_files=Subquery(files.annotate(total=Count("pk")).values("total")),
            )
        )

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (isinstance(obj, Package) and obj.is_frozen)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (isinstance(obj, Package) and obj.is_frozen)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        # Deleting many at once passes the service by, which keeps published packages and the trail.
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_readonly_fields(self, request: HttpRequest, obj: Package | None = None) -> list[str]:
        return ["model", "backend", "manifest_in_words"] if obj else []

    def get_form(self, request: HttpRequest, obj: Package | None = None, change: bool = False, **kwargs: Any) -> Any:
        # The form itself adds the fields of the backends, which are no columns.
        columns = ["model", "backend", *sorted(drafting.EDITABLE_COLUMNS)]
        return super().get_form(request, obj, change, **{**kwargs, "fields": columns})

    def get_fieldsets(self, request: HttpRequest, obj: Package | None = None) -> list[Any]:
        about: Section = (None, {"fields": ["model", "backend", "notes"]})
        more: Section = ("More", {"fields": MORE_FIELDS, "classes": ["collapse"]})
        if obj is not None and not self.has_change_permission(request, obj):
            in_words_alone: Section = (
                BACKENDS[obj.backend].title, {"fields": ["manifest_in_words"] if obj.manifest else []}
            )  # fmt: skip
            sections: list[Section] = [about, ("Manifest", {"fields": BATCH_FIELDS}), in_words_alone, more]
            return [(title, section) for title, section in sections if _keep_filled(section, obj)]
        help_text = "Leave empty what the files say themselves: the inspection fills it in."
        backends = [obj.backend] if obj is not None else list(BACKENDS)
        return [
            about,
            ("Manifest", {"fields": BATCH_FIELDS, "description": help_text}),
            *(
                (BACKENDS[backend].title, {"fields": rows, "classes": [f"wb-backend-{backend}"]})
                for backend in backends
                if (rows := rows_of(backend))
            ),
            more,
        ]

    @admin.display(description="manifest")
    def manifest_in_words(self, package: Package) -> str:
        return format_html_join("", "<div>{}: {}</div>", in_words(package.backend, package.manifest))

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        if db_field.name == "model" and not request.user.is_superuser:
            workspaces = workspaces_with(request, self.role_to_add)
            kwargs["queryset"] = Model.objects.filter(workspace_id__in=workspaces)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form of a new package, its files going to the intake while they arrive.

        Exempt from the middleware's CSRF check, which would read the body before the handler is in place;
        `changeform_view` checks instead. Who may not add packages is refused before anything is read.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        expect_body(request, streamed=True)
        handler = IntakeUploadHandler(request)
        request.upload_handlers = [handler]
        try:
            return super().add_view(request, form_url, extra_context)
        except UNREADABLE_FORM:
            messages.error(request, "The form could not be read: it is damaged, or holds too many or too long fields.")
            return HttpResponseRedirect(request.get_full_path())
        finally:
            handler.upload_interrupted()

    add_view.csrf_exempt = True  # type: ignore[attr-defined]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().changeform_view(request, *args, **kwargs)
        # After the transaction: an inspection takes seconds, and SQLite lets nobody else write meanwhile.
        saved: Package | None = getattr(request, "_saved_package", None)
        if saved is not None:
            self.inspect_if_it_has_files(request, saved)
        return response

    def save_form(self, request: HttpRequest, form: PackageForm, change: bool) -> Package:
        who = actor(request)
        if change:
            package = Package.objects.select_related("model__workspace").get(pk=form.instance.pk)
            changed = form.changed_manifest()
            if changed:
                drafting.update_draft(package, fields=changed, actor=who)
                request._saved_package = package  # type: ignore[attr-defined]
        else:
            values = form.cleaned_data
            package = drafting.create_draft(values["model"], values["backend"], fields=form.manifest(), actor=who)
            for file in form.received:
                if file.blob is not None:  # a form with a file that was refused is not saved
                    drafting.add_file(package, file.handle, file.blob, actor=who)
            request._saved_package = package  # type: ignore[attr-defined]
        form.save_m2m = lambda: None  # type: ignore[method-assign]
        return package

    def save_model(self, request: HttpRequest, obj: Package, form: PackageForm, change: bool) -> None:
        """`save_form` has done it, through the service."""

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, with what it frees; or say why it stays, and which button helps."""
        package = self.get_object(request, object_id)
        if package is None:
            raise Http404
        if not may(request, Role.CURATOR, package.model.workspace_id):
            raise PermissionDenied
        question = about_package(package, request)
        return self._ask(
            request, package, question, lambda: drafting.delete_draft(package, actor=actor(request)), "Deleted."
        )

    def record(self, request: HttpRequest, verb: str, obj: Package, **details: Any) -> None:  # type: ignore[override]
        """The services write the audit trail of packages."""

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Package | None = None,
    ) -> HttpResponse:
        form = context["adminform"].form
        if form.is_bound and wants_json(request):
            errors = [
                {"field": str(form.fields[name].label) if name in form.fields else "", "message": message}
                for name, list_of_errors in form.errors.items()
                for message in list_of_errors
            ]
            return StrictJsonResponse({"errors": errors}, status=422)
        context["received"] = [file for file in form.received if file.blob is not None]
        if obj is not None:
            context["package"] = describe(obj, request)
        context["show_save_and_add_another"] = context["show_save_and_continue"] = False
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_add(self, request: HttpRequest, obj: Package, post_url_continue: str | None = None) -> HttpResponse:
        page = reverse("admin:packages_app_package_change", args=[obj.pk])
        if wants_json(request):
            return StrictJsonResponse(
                {
                    "page": page,
                    "files": reverse("admin:packages_app_package_files", args=[obj.pk]),
                    "inspect": reverse("admin:packages_app_package_inspect", args=[obj.pk]),
                },
                status=201,
            )
        messages.success(request, "The package was added.")
        return HttpResponseRedirect(page)

    def response_change(self, request: HttpRequest, obj: Package) -> HttpResponse:
        messages.success(request, "The package was changed.")
        return HttpResponseRedirect(reverse("admin:packages_app_package_change", args=[obj.pk]))

    def get_urls(self) -> list[URLPattern]:
        return [*self.package_urls(), *super().get_urls()]

    # The list

    @admin.display(description="package", ordering="package_id")
    def short_name(self, package: Package) -> str:
        return package.package_id[:12] or f"draft {package.pk}"

    @admin.display(description="state", ordering="state")
    def state_badge(self, package: Package) -> str:
        return format_html('<span class="wb-badge is-{}">{}</span>', package.state, package.get_state_display())

    @admin.display(description="batch")
    def batch(self, package: Package) -> str:
        if package.dynamic_batch_size:
            return "dynamic"
        return str(package.static_batch_size or "-")

    @admin.display(description="details")
    def details(self, package: Package) -> str:
        listed = in_words(package.backend, package.manifest, listed_alone=True)
        return ", ".join(f"{label} {value}" for label, value in listed) or "-"

    @admin.display(description="size", ordering="total_bytes")
    def size(self, package: Package) -> str:
        count = package.total_files or 0  # type: ignore[attr-defined]
        if not count:
            return "no files"
        size = filesizeformat(package.total_bytes)  # type: ignore[attr-defined]
        return f"{size} in {count} file{'' if count == 1 else 's'}"


def _keep_filled(section: dict[str, Any], package: Package) -> bool:
    """Drop the fields without a value from a section that is only read; whether any is left."""
    names = [name for entry in section["fields"] for name in (entry if isinstance(entry, tuple) else (entry,))]
    section["fields"] = [name for name in names if getattr(package, name, name) not in (None, "")]
    return bool(section["fields"])
