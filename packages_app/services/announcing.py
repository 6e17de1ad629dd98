"""Under which ids packages are announced.

A client stores with a package which package of each dependency it was loaded with, and refuses the package
when that changes under the same id. A package of a model with dependencies is therefore announced under an
id that changes with them; every other package under its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from packages_app.models import Package, State
from packages_app.models.package import PACKAGE_ID_LENGTH
from registry.models import Model, ModelDependency


@dataclass(frozen=True)
class Dependencies:
    """What a model depends on, and the packages that clients may take for it."""

    declarations: tuple[ModelDependency, ...] = ()
    published_ids: Mapping[int, tuple[str, ...]] | None = None

    def announced_id(self, package_id: str) -> str:
        """The id under which a package with the stored ``package_id`` is announced: 32 hexadecimal digits."""
        if not self.declarations:
            return package_id
        published = self.published_ids or {}
        facts: list[object] = [package_id]
        for dependency in self.declarations:
            pinned = dependency.pinned_package_id
            packages = [pinned] if pinned else list(published.get(dependency.depends_on_id, ()))
            facts.append([dependency.name, dependency.depends_on.model_id, pinned, packages])
        canonical = json.dumps(facts, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode()).hexdigest()[:PACKAGE_ID_LENGTH]


def dependencies_of(model: Model) -> Dependencies:
    """The dependencies of ``model`` by name, in two queries, or in one where there are none."""
    declarations = tuple(model.dependencies.select_related("depends_on").order_by("name"))
    if not declarations:
        return Dependencies()
    published: dict[int, list[str]] = {}
    rows = Package.objects.filter(
        model__in={dependency.depends_on_id for dependency in declarations}, state=State.PUBLISHED
    )
    for model_pk, package_id in rows.order_by("package_id").values_list("model_id", "package_id"):
        published.setdefault(model_pk, []).append(package_id)
    return Dependencies(declarations, {pk: tuple(ids) for pk, ids in published.items()})
