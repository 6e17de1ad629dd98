"""The compatibility page of a model: machines down, packages across."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from inference_app.services.compatibility import Cell, Compatibility, Outcome, Row, compatibility_of
from inference_app.services.machines import Origin
from negotiation import Environment, Policy
from packages_app.models import Package, State
from registry.admin.roles import Role, may
from registry.models import Model

GROUPS = {Origin.THIS_SERVER: "This server", Origin.CATALOGUE: "Typical machines", Origin.OWN: "Your own machines"}


@dataclass(frozen=True)
class Shown:
    """One cell in words."""

    cell: Cell
    label: str
    figures: str

    @property
    def css(self) -> str:
        return f"is-{self.cell.outcome.value}"


@require_safe
def compatibility_page(request: HttpRequest, model_pk: int) -> HttpResponse:
    """Which package each kind of machine gets, for members of the model's workspace."""
    model = Model.objects.select_related("workspace").filter(pk=model_pk).first()
    # To those who may not see it, a model that is there and one that is not look the same.
    if model is None or not may(request, Role.VIEWER, model.workspace_id):
        raise Http404
    with_drafts = request.GET.get("drafts") == "1"
    compatibility = compatibility_of(model, with_drafts=with_drafts)
    context = {
        **admin.site.each_context(request),
        "opts": Model._meta,
        "original": model,
        "title": f"Compatibility of {model.model_id}",
        "with_drafts": with_drafts,
        "columns": [_column(package) for package in compatibility.packages],
        "groups": _groups(compatibility),
        "incompatible": compatibility.incompatible,
        "machine_count": len(compatibility.rows),
        "client": Policy.for_client().name,
        "may_describe": may(request, Role.CURATOR, model.workspace_id),
    }
    return TemplateResponse(request, "admin/compatibility.html", context)


def _groups(compatibility: Compatibility) -> list[Mapping[str, Any]]:
    """The rows under the headings of where their machines come from."""
    return [
        {"title": GROUPS[origin], "rows": [_row(row, compatibility) for row in rows]}
        for origin, rows in groupby(compatibility.rows, key=lambda row: row.known.origin)
    ]


def _row(row: Row, compatibility: Compatibility) -> Mapping[str, Any]:
    return {
        "gets": "" if row.chosen is None else _name(compatibility.packages[row.chosen]),
        "machine": row.known.machine,
        "facts": _facts(row.known.machine.environment),
        "warning": row.warning,
        "cells": [Shown(cell, _label(cell), _figures(cell.figures)) for cell in row.cells],
    }


def _column(package: Package) -> Mapping[str, Any]:
    batch = "any batch" if package.dynamic_batch_size else f"batch {package.static_batch_size or '?'}"
    return {
        "package": package,
        "name": _name(package),
        "kind": " · ".join([package.get_backend_display(), package.get_quantization_display(), batch]),
        "published": package.state == State.PUBLISHED,
    }


def _name(package: Package) -> str:
    return package.package_id[:8] or f"draft {package.pk}"


def _facts(environment: Environment) -> str:
    """What tells the machine from others, in a line."""
    devices = list(dict.fromkeys(environment.gpu_devices)) or ["no GPU"]
    versions = [
        ("L4T", environment.l4t_version),
        ("TensorRT", environment.trt_version),
        ("ONNX Runtime", environment.onnxruntime_version),
        ("Torch", environment.torch_version),
    ]
    return ", ".join(devices + [f"{name} {version}" for name, version in versions if version])


def _label(cell: Cell) -> str:
    match cell.outcome:
        case Outcome.CHOSEN:
            return "Gets this one"
        case Outcome.RANKED:
            return f"Number {cell.place}"
        case Outcome.BLOCKED:
            return "Blocked"
        case Outcome.UNREADABLE:
            return "Cannot be read"
        case Outcome.NOT_CONSIDERED:
            return "Not considered"
        case _:
            return ""


def _figures(figures: Mapping[str, Any] | None) -> str:
    """A benchmark in a line: latency in milliseconds, images a second."""
    if not figures:
        return ""
    parts = []
    if isinstance(latency := figures.get("latency_ms"), int | float):
        parts.append(f"{latency:.1f} ms")
    if isinstance(rate := figures.get("images_per_second"), int | float):
        parts.append(f"{rate:.1f} images/s")
    return ", ".join(parts)
