"""What can be told about models and packages: one description for the API, the command line and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from inference_app.services.what_if import package_head
from packages_app.errors import PackageNotFound
from packages_app.models import Package, PackageFile, State
from packages_app.services import trials
from packages_app.services.announcing import Dependencies, dependencies_of
from packages_app.services.wire import manifest
from registry.models import Model, ModelAlias

SEARCH_LENGTH = 255


def models_for_list(models: QuerySet[Model], search: str = "") -> QuerySet[Model]:
    """``models`` with what `model_line` reads, those that ``search`` matches in id, alias, architecture or task."""
    search = search.strip().replace("\x00", "")[:SEARCH_LENGTH]
    if search:
        by_alias = ModelAlias.objects.filter(alias__icontains=search).values("model")
        models = models.filter(
            Q(model_id__icontains=search)
            | Q(architecture__icontains=search)
            | Q(task_type__icontains=search)
            | Q(pk__in=by_alias)
        )
    published = Count("packages", filter=Q(packages__state=State.PUBLISHED))
    return models.select_related("workspace").annotate(published_total=published).order_by("model_id")


def model_line(model: Model) -> dict[str, Any]:
    """A model in a list; from `models_for_list`."""
    return {
        **_model_head(model),
        "published_packages": model.published_total,  # type: ignore[attr-defined]
    }


def describe_model(model: Model) -> dict[str, Any]:
    """The model with a summary of each published package: five queries, one more with dependencies."""
    dependencies = dependencies_of(model)
    packages = (
        Package.objects.filter(model=model, state=State.PUBLISHED)
        .select_related("failure")
        .annotate(file_total=Count("files"), byte_total=Sum("files__blob__size"))
        .order_by("package_id")
    )
    return {
        **_model_head(model),
        "class_names": model.class_names,
        "recommended_parameters": model.recommended_parameters,
        "aliases": list(model.aliases.values_list("alias", flat=True)),
        "dependencies": [
            {
                "name": dependency.name,
                "model_id": dependency.depends_on.model_id,
                "package_id": dependency.pinned_package_id or None,
            }
            for dependency in dependencies.declarations
        ],
        "packages": [
            {
                **_package_head(package, dependencies),
                "files": package.file_total,
                "bytes": package.byte_total or 0,
                "set_aside": hasattr(package, "failure"),
            }
            for package in packages
        ],
    }


def find_package(model: Model, package_id: str) -> Package:
    """The published package of ``model`` with this id, its own or the one that clients know it by.

    Raises PackageNotFound.
    """
    files = PackageFile.objects.select_related("blob").order_by("handle")
    packages = list(
        Package.objects.filter(model=model, state=State.PUBLISHED)
        .select_related("model", "failure")
        .prefetch_related(Prefetch("files", queryset=files))
    )
    dependencies = dependencies_of(model)
    for package in packages:
        if package_id in {package.package_id, dependencies.announced_id(package.package_id)}:
            return package
    raise PackageNotFound


def describe_package(package: Package) -> dict[str, Any]:
    """Everything about one package: manifest, files with digests and sizes (bytes), benchmarks, inspection."""
    files = list(package.files.all())
    failure = getattr(package, "failure", None)
    return {
        "model_id": package.model.model_id,
        **_package_head(package, dependencies_of(package.model)),
        "bytes": sum(file.blob.size for file in files),
        "manifest": manifest(package),
        "ir_version": package.manifest.get("ir_version"),
        "model_features": package.model_features,
        "recommended_parameters": package.recommended_parameters,
        "memory_profile": package.memory_profile,
        "files": [
            {"handle": file.handle, "bytes": file.blob.size, "md5": file.blob.md5, "sha256": file.blob.sha256}
            for file in files
        ],
        "benchmarks": [
            {
                "fingerprint": benchmark.environment_fingerprint,
                "environment": benchmark.environment,
                "figures": benchmark.figures,
                "measured_at": benchmark.measured_at.isoformat(),
            }
            for benchmark in package.benchmarks.order_by("environment_fingerprint")
        ],
        "inspection": {
            "facts": package.inspection.get("facts", {}),
            "problems": package.inspection.get("problems", []),
            "trial": dict(trials.of(package)),
        },
        "set_aside": None if failure is None else {"reason": failure.reason, "since": failure.set_aside_at.isoformat()},
    }


def _model_head(model: Model) -> Mapping[str, Any]:
    return {
        "model_id": model.model_id,
        "workspace": model.workspace.slug,
        "architecture": model.architecture,
        "task_type": model.task_type,
        "variant": model.variant,
        "is_public": model.is_public,
        "created_at": model.created_at.isoformat(),
    }


def _package_head(package: Package, dependencies: Dependencies) -> Mapping[str, Any]:
    published_at = package.published_at
    return {
        "package_id": package.package_id,
        "announced_as": dependencies.announced_id(package.package_id),
        **package_head(package),
        "published_at": None if published_at is None else published_at.isoformat(),
    }
