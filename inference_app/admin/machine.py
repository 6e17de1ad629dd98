"""Curators' own machines, described by pasting what the device says of itself."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.views.generic import RedirectView
from unfold.widgets import UnfoldAdminTextareaWidget

from inference_app.admin.compatibility import compatibility_page
from inference_app.models import MachineRecord
from negotiation.errors import NegotiationError
from negotiation.machines import parse_machine
from registry.admin.scoped import ScopedAdmin, WorkspaceFilter


class MachineForm(forms.ModelForm):
    """Title, name, date and source may be left out where the pasted text has them."""

    description = forms.CharField(
        label="Environment",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 18, "spellcheck": "false"}),
        help_text="Paste the JSON that “python -m negotiation.detection” or “manage.py environment --json” prints on "
        "the machine. Only its environment is kept.",
    )

    class Meta:
        model = MachineRecord
        fields = ["workspace", "title", "slug", "dated", "source"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "slug"):
            if name in self.fields:
                self.fields[name].required = False
        if "description" in self.fields and self.instance.pk:
            self.initial["description"] = json.dumps(self.instance.environment, indent=2, allow_nan=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        text = cleaned.get("description")
        if text is None:
            return cleaned
        try:
            machine = parse_machine(text)
        except NegotiationError as error:
            self.add_error("description", error.message)
            return cleaned
        self.instance.environment = machine.environment.to_json()
        given = {"title": machine.title, "slug": machine.name, "dated": machine.dated, "source": machine.source or ""}
        for name, value in given.items():
            if name not in self.errors and not cleaned.get(name):
                cleaned[name] = value
        return cleaned


@admin.register(MachineRecord)
class MachineAdmin(ScopedAdmin):
    noun = "machine"
    form = MachineForm
    list_display = ["title", "slug", "workspace", "devices", "tensorrt", "onnx_runtime", "dated"]
    list_filter = [WorkspaceFilter]
    search_fields = ["title", "slug"]
    fieldsets = [
        (None, {"fields": ["workspace", "description"]}),
        ("How it is called", {"fields": ["title", "slug", ("dated", "source")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MachineRecord]:
        return super().get_queryset(request).select_related("workspace")

    def get_urls(self) -> list[URLPattern]:
        name = "inference_app_compatibility"
        page = path("compatibility/<int:model_pk>/", self.admin_site.admin_view(compatibility_page), name=name)
        # Its first address, which people have bookmarked.
        first = path("coverage/<int:model_pk>/", RedirectView.as_view(pattern_name=f"admin:{name}", query_string=True))
        return [page, first, *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: MachineRecord | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            # Without the form there is no field to paste into; the stored environment stands in its place.
            return [(None, {"fields": ["workspace", "title", "slug", "dated", "source", "environment"]})]
        return super().get_fieldsets(request, obj)

    @admin.display(description="devices")
    def devices(self, record: MachineRecord) -> str:
        return ", ".join(record.environment["gpu_devices"]) or "CPU"

    @admin.display(description="TensorRT")
    def tensorrt(self, record: MachineRecord) -> str:
        return record.environment.get("trt_version") or ""

    @admin.display(description="ONNX Runtime")
    def onnx_runtime(self, record: MachineRecord) -> str:
        return record.environment.get("onnxruntime_version") or ""
