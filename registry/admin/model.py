"""Models, with their aliases and dependencies on the same page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey, Q, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from registry.admin.fields import KeepsOldValues, LinesField
from registry.admin.roles import Role, workspaces_with
from registry.admin.scoped import ScopedAdmin, ScopedInline, WorkspaceFilter, actor
from registry.limits import MAX_ALIASES_PER_MODEL, MAX_DEPENDENCIES_PER_MODEL
from registry.models import Model, ModelAlias, ModelDependency
from registry.services import audit


class ModelForm(KeepsOldValues, forms.ModelForm):
    """``request`` is set by the page: what a person is told depends on what they may see."""

    request: HttpRequest
    class_names = LinesField(empty_value=[], rows=6, help_text="One name a line, in the order of the model's outputs.")

    class Meta:
        model = Model
        fields = [
            "workspace", "model_id", "architecture", "task_type", "variant", "class_names",
            "recommended_parameters", "is_public", "notes",
        ]  # fmt: skip

    def clean_model_id(self) -> str:
        model_id: str = self.cleaned_data["model_id"]
        alias = ModelAlias.objects.filter(alias=model_id).select_related("model").first()
        if alias is not None:
            raise forms.ValidationError(f"Another model has this id as an alias{_where(alias, self.request)}.")
        return model_id


class AliasForm(KeepsOldValues, forms.ModelForm):
    request: HttpRequest

    def clean_alias(self) -> str:
        name: str = self.cleaned_data["alias"]
        taken = ModelAlias.objects.filter(alias=name).exclude(pk=self.instance.pk).select_related("model").first()
        if taken is not None:
            raise forms.ValidationError(f"This alias exists already{_where(taken, self.request)}.")
        return name


def _where(alias: ModelAlias, request: HttpRequest) -> str:
    """Where ``alias`` points, for those who may see it."""
    model = alias.model
    visible = request.user.is_superuser or model.is_public
    if visible or model.workspace_id in workspaces_with(request, Role.VIEWER):
        return f": it points to {model.model_id}"
    return ", of a model of another workspace"


class AliasInline(ScopedInline):
    model = ModelAlias
    form = AliasForm
    max_num = MAX_ALIASES_PER_MODEL
    fields = ["alias"]

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.request = request
        return formset


class DependencyInline(ScopedInline):
    model = ModelDependency
    fk_name = "model"
    max_num = MAX_DEPENDENCIES_PER_MODEL
    fields = ["name", "depends_on", "pinned_package_id"]
    autocomplete_fields = ["depends_on"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelDependency]:
        return super().get_queryset(request).select_related("depends_on")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        """A model may depend on models that the person can see, and on no others."""
        if db_field.name == "depends_on" and not request.user.is_superuser:
            visible = Q(is_public=True) | Q(workspace_id__in=workspaces_with(request, self.role_to_view))
            kwargs["queryset"] = Model.objects.filter(visible)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Model)
class ModelPage(ScopedAdmin):
    noun = "model"
    form = ModelForm
    list_display = ["model_id", "workspace", "architecture", "task_type", "is_public", "created_at"]
    list_filter = [WorkspaceFilter, "is_public"]
    search_fields = ["model_id", "aliases__alias", "architecture", "task_type"]
    search_help_text = "Search by id, alias, architecture or task."
    inlines = [AliasInline, DependencyInline]
    fieldsets = [
        (None, {"fields": ["workspace", "model_id", "architecture", "task_type", "variant", "is_public"]}),
        ("What it recognises", {"fields": ["class_names", "recommended_parameters"]}),
        ("Notes", {"fields": ["notes"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).select_related("workspace")

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type[ModelForm]:
        form = super().get_form(request, obj, **kwargs)
        form.request = request
        return form

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseInlineFormSet, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is not ModelAlias:
            return
        # In the trail by their own names: that is what clients asked for.
        changed = [alias for alias, _ in formset.changed_objects]
        for verb, aliases in (
            ("created", formset.new_objects), ("changed", changed), ("deleted", formset.deleted_objects),
        ):  # fmt: skip
            for alias in aliases:
                model = form.instance
                audit.record(
                    f"alias.{verb}", alias, actor=actor(request), workspace=model.workspace, model=model.model_id
                )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """A model stays in its workspace: an admin of another could else mark its packages as trusted over there."""
        fields = list(super().get_readonly_fields(request, obj))
        return fields if obj is None or request.user.is_superuser else [*fields, "workspace"]
