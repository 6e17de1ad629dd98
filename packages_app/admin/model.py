"""What packages add to the page of a model: how many there are in each state, and the way to a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from packages_app.admin.deleting import about_model
from packages_app.admin.model_form import KnownModelForm
from packages_app.models import Package, State
from packages_app.services.correcting import reopen_packages
from registry.admin.confirmation import confirm
from registry.admin.model import ModelPage
from registry.admin.scoped import actor
from registry.models import Model

admin.site.unregister(Model)

# What clients rely on, and what a trigger keeps while a package is published.
IDENTITY_FIELDS = ["model_id", "architecture", "task_type"]


@admin.register(Model)
class ModelWithPackagesPage(ModelPage):
    form = KnownModelForm
    list_display = ["model_id", "workspace", "architecture", "task_type", "is_public", "package_counts", "created_at"]
    change_form_outer_before_template = "admin/packages_app/model_packages.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).annotate(**{f"count_{state.value}": _count(state) for state in State})

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        published = obj is not None and obj.count_published  # type: ignore[attr-defined]
        return [*fields, *IDENTITY_FIELDS] if published else fields

    def save_model(self, request: HttpRequest, obj: Model, form: KnownModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and {"architecture", "task_type"} & set(form.changed_data):
            reopen_packages(obj, actor=actor(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        # Deleting many at once does not say why one of them stays.
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask; or say why the model stays, and which button helps."""
        model = self.get_object(request, object_id)
        if model is None:
            raise Http404
        if not self.has_delete_permission(request, model):
            raise PermissionDenied
        question = about_model(model, request)
        if not question.is_given(request):
            return confirm(self, request, model, question)
        try:
            with transaction.atomic():
                self.log_deletions(request, Model.objects.filter(pk=model.pk))
                model.delete()
        except IntegrityError:
            # Somebody gave it a package since: the page says which.
            return HttpResponseRedirect(request.get_full_path())
        messages.success(request, f"{model} is deleted.")
        return HttpResponseRedirect(reverse("admin:registry_model_changelist"))

    @admin.display(description="packages")
    def package_counts(self, model: Model) -> str:
        counted = [(state, getattr(model, f"count_{state.value}")) for state in State]
        badges = format_html_join(
            "",
            '<span class="wb-badge is-{}">{} {}</span>',
            ((state.value, count, state.label.lower()) for state, count in counted if count),
        )
        if not badges:
            return "none"
        address = reverse("admin:packages_app_package_changelist")
        return format_html('<a class="wb-badges" href="{}?model__id__exact={}">{}</a>', address, model.pk, badges)


def _count(state: State) -> Subquery:
    """How many packages in ``state`` the model has, or NULL; computed for the rows of one page alone."""
    packages = Package.objects.filter(model=OuterRef("pk"), state=state).order_by().values("model")
    return Subquery(packages.annotate(number=Count("pk")).values("number"))
