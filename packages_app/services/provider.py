"""What the provider protocol says about a model.

A fixed number of queries, whatever the number of packages: token, model (and alias), packages, files with
blobs, dependencies, and the published packages of those.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from negotiation.manifests import BACKENDS
from negotiation.wire import DEPENDENCY_TYPE, MAX_PAGES, METADATA_TYPE
from packages_app.models import Package, PackageFile, State
from packages_app.services import signing
from packages_app.services.announcing import Dependencies, dependencies_of
from packages_app.services.wire import package_entry
from registry.errors import NothingPublished
from registry.models import Model
from registry.services.tokens import Identity


@dataclass(frozen=True)
class Page:
    """Which packages were asked for. By default all of them on one page.

    ``start_after`` is the announced id of the last package that the client has; ``size`` is raised where
    clients, which stop after ten pages, would otherwise lose packages.
    """

    start_after: str = ""
    size: int | None = None
    include_coreml: bool = False


def model_metadata(model: Model, identity: Identity, *, base_url: str, page: Page) -> dict[str, Any]:
    """The value of `modelMetadata` with packages. Raises NothingPublished."""
    dependencies = dependencies_of(model)
    packages = [
        (dependencies.announced_id(package.package_id), package)
        for package in Package.objects.filter(model=model, state=State.PUBLISHED).defer("inspection")
    ]
    if not packages:
        raise NothingPublished
    if not page.include_coreml:
        packages = [
            (announced, package)
            for announced, package in packages
            if not BACKENDS[package.backend].announced_on_request
        ]
        if not packages:
            raise NothingPublished("The model has only Core ML packages, which are announced to macOS alone.")
    packages.sort(key=lambda pair: pair[0])
    shown, next_page = _cut(packages, page)
    _fetch_files([package for _, package in shown])
    address = _address_maker(base_url, identity)
    metadata = _describe(model)
    if dependencies.declarations:
        metadata["modelDependencies"] = _dependencies_on_wire(dependencies)
    metadata["modelPackages"] = [
        package_entry(package, [(file, address(file)) for file in package.files.all()], announced_id=announced)
        for announced, package in shown
    ]
    if next_page is not None:
        metadata["nextPage"] = next_page
    return metadata


def model_summary(model: Model) -> dict[str, Any]:
    """The value of `modelMetadata` without packages, as `stat` answers it. Raises NothingPublished."""
    if not Package.objects.filter(model=model, state=State.PUBLISHED).exists():
        raise NothingPublished
    return _describe(model)


def _describe(model: Model) -> dict[str, Any]:
    """Recommended parameters are left out on purpose.

    They hold for packages as they were at publication and are announced with each; announced here they would
    change, with the model, what clients hold immutable.
    """
    metadata = {
        "type": METADATA_TYPE,
        "modelId": model.model_id,
        "modelArchitecture": model.architecture,
        "taskType": model.task_type,
    }
    if model.variant:
        metadata["modelVariant"] = model.variant
    return metadata


def _dependencies_on_wire(dependencies: Dependencies) -> list[dict[str, str]]:
    entries = []
    for dependency in dependencies.declarations:
        entry = {"type": DEPENDENCY_TYPE, "name": dependency.name, "modelId": dependency.depends_on.model_id}
        if dependency.pinned_package_id:
            entry["modelPackageId"] = dependency.pinned_package_id
        entries.append(entry)
    return entries


def _cut(packages: list[tuple[str, Package]], page: Page) -> tuple[list[tuple[str, Package]], str | None]:
    """The packages of one page, and the cursor of the next or None."""
    rest = [pair for pair in packages if pair[0] > page.start_after]
    if page.size is None:
        return rest, None
    size = max(page.size, math.ceil(len(packages) / MAX_PAGES))
    shown = rest[:size]
    return shown, shown[-1][0] if len(rest) > size else None


def _fetch_files(packages: list[Package]) -> None:
    files = PackageFile.objects.select_related("blob").order_by("handle")
    prefetch_related_objects(packages, Prefetch("files", queryset=files))


def _address_maker(base_url: str, identity: Identity) -> Callable[[PackageFile], str]:
    prefix = identity.token.prefix if identity.token else ""

    def address(file: PackageFile) -> str:
        name = file.handle.rpartition("/")[2]
        return base_url + signing.download_path(file.blob_id, name, token_prefix=prefix)

    return address
