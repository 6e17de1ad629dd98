"""What all pages of the admin share: rights by workspace, an audit trail, refusals that become messages."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.db import IntegrityError, models
from django.forms import Field, ModelChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from registry.admin.fields import OptionalJSONField
from registry.admin.roles import Role, may, person, workspaces_with
from registry.errors import WeighbridgeError
from registry.models import Workspace
from registry.services import audit

_CODE = re.compile(r"`([^`]*)`")


def attribute_at(instance: models.Model, path: str) -> Any:
    """``attribute_at(package, "model__workspace_id")`` is ``package.model.workspace_id``."""
    value: Any = instance
    for name in path.split("__"):
        value = getattr(value, name)
    return value


class WorkspaceRights:
    """Rights by membership, in place of Django's permissions of groups and users.

    ``workspace_path`` leads from a row to the id of its workspace. Each role is the least one that may do the
    thing; None leaves it to superusers.
    """

    workspace_path = "workspace_id"
    role_to_view: Role | None = Role.VIEWER
    role_to_add: Role | None = Role.CURATOR
    role_to_change: Role | None = Role.CURATOR
    role_to_delete: Role | None = Role.CURATOR

    def workspace_id(self, obj: models.Model | None) -> int | None:
        return None if obj is None else attribute_at(obj, self.workspace_path)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)  # type: ignore[misc]
        if request.user.is_superuser:
            return rows
        return rows.filter(**{f"{self.workspace_path}__in": workspaces_with(request, self.role_to_view)})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, self.role_to_view)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return may(request, self.role_to_view, self.workspace_id(obj))

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return may(request, self.role_to_add, self.workspace_id(obj))

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return may(request, self.role_to_change, self.workspace_id(obj))

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return may(request, self.role_to_delete, self.workspace_id(obj))

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and field.help_text:
            # Help texts are written for readers of the source as well: here their backticks become quotation marks.
            field.help_text = _CODE.sub(r"“\1”", str(field.help_text))
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        """A workspace can be chosen only where the person may add things to it, whatever a form sends."""
        if db_field.related_model is Workspace and not request.user.is_superuser:
            kwargs["queryset"] = Workspace.objects.filter(pk__in=workspaces_with(request, self.role_to_add))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class ScopedAdmin(WorkspaceRights, ModelAdmin):
    """A page of the admin. What it saves and deletes is written to the audit trail as ``<noun>.<verb>``."""

    noun: str
    show_full_result_count = False
    list_per_page = 50
    warn_unsaved_form = True

    formfield_overrides = {
        models.JSONField: {"form_class": OptionalJSONField, "widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}
    }

    class Media:
        js = ["admin/weighbridge.js"]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, with refusals of services and of the database as messages; nothing is saved then."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except WeighbridgeError as error:
            messages.error(request, error.message)
        except IntegrityError as error:
            messages.error(request, explain_refusal(error))
        return HttpResponseRedirect(request.get_full_path())

    def response_action(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> HttpResponse | None:
        """What was chosen for an action must be keys; Django would take anything else for a defect of its own."""
        for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(key)
            except ValidationError as error:
                raise BadRequest("What was selected is not in this list.") from error
        return super().response_action(request, queryset)

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self.record(request, "created", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self.record(request, "changed", obj, changes=message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> Any:
        for obj in queryset:
            self.record(request, "deleted", obj)
        return super().log_deletions(request, queryset)

    def record(self, request: HttpRequest, verb: str, obj: models.Model, **details: Any) -> None:
        workspace_id = self.workspace_id(obj)
        workspace = None if workspace_id is None else Workspace(pk=workspace_id)
        audit.record(f"{self.noun}.{verb}", obj, actor=actor(request), workspace=workspace, **details)


class ScopedInline(WorkspaceRights, TabularInline):
    """Rows inside another page: who may change the page may change them. ``workspace_path`` starts at the page."""

    extra = 0

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        # The page has found its own row within what the person may see; its inlines need no second check.
        return super(WorkspaceRights, self).get_queryset(request)


class WorkspaceFilter(SimpleListFilter):
    """Filter by workspace, offering only those that the person may see."""

    title = "workspace"
    parameter_name = "workspace"

    def lookups(self, request: HttpRequest, model_admin: DjangoModelAdmin) -> list[tuple[str, str]]:
        workspaces = Workspace.objects.all()
        if not request.user.is_superuser:
            workspaces = workspaces.filter(pk__in=workspaces_with(request, Role.VIEWER))
        self._path = model_admin.workspace_path  # type: ignore[attr-defined]
        return [(str(workspace.pk), workspace.name) for workspace in workspaces]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        # Only what was offered: others may be no number at all, or one that no database takes.
        chosen = next((pk for pk, _ in self.lookup_choices if pk == self.value()), None)
        return queryset if chosen is None else queryset.filter(**{self._path: chosen})


def actor(request: HttpRequest) -> audit.Actor:
    return audit.Actor.of_user(person(request))


def explain_refusal(error: IntegrityError) -> str:
    """What to tell the person when the database itself refused.

    Our triggers refuse with a sentence, which ends with a full stop; what constraints say is for developers.
    """
    first_line = str(error).partition("\n")[0].strip()
    reason = first_line if first_line.endswith(".") else "Somebody else changed the same thing, or a rule forbids it."
    return f"Nothing was saved. {reason}"
