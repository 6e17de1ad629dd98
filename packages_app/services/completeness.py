"""What a package still lacks for publication, in plain words.

The rules are those that clients enforce, so that whatever can be published can be loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from negotiation import known_models
from negotiation.manifests import BACKENDS
from negotiation.manifests.asked import lacks
from packages_app.contracts import contract_for
from packages_app.errors import BlobUnavailable, InvalidFileHandle
from packages_app.models import Package, PackageFile, State
from packages_app.services import blobs, trials
from packages_app.services.client_rules import entry_problems, require_handles


@dataclass(frozen=True)
class Problem:
    """One thing to mend: a stable ``code``, and a ``sentence`` for the curator."""

    code: str
    sentence: str


def problems(package: Package) -> list[Problem]:
    """Everything that keeps ``package`` from being published, in the order in which to mend it."""
    files = list(package.files.select_related("blob"))
    found = [
        *_of_model(package),
        *_of_manifest(package),
        *_of_inspection(package),
        *_of_files(files),
        *_of_dependencies(package),
    ]
    if not found:
        # Only now, since it would say the same again in the words of the wire.
        found = [Problem("refused-by-clients", sentence) for sentence in entry_problems(package, files)]
    return found


def sentences(package: Package) -> list[str]:
    """Why ``package`` cannot be published, as every door says it: push, the admin's pages, its messages.

    Of a package that inspection refused, what it found in the files; what else is missing may only be missing because
    the files could not be read. Of any other, `problems`.
    """
    if package.state == State.QUARANTINED:
        return package.inspection.get("facts", {}).get("problems") or [package.quarantine_reason]
    return [problem.sentence for problem in problems(package)]


def effective_parameters(package: Package) -> dict[str, Any] | None:
    """The package's recommended parameters, or those of its model where it has none."""
    own: dict[str, Any] | None = package.recommended_parameters
    return package.model.recommended_parameters if own is None else own


def _of_model(package: Package) -> Iterator[Problem]:
    """What no client could load, whatever the files are."""
    model = package.model
    for sentence in known_models.model_problems(model.architecture, model.task_type).values():
        yield Problem("unknown-model", f"{sentence} Correct it on the page of the model.")


def _of_manifest(package: Package) -> Iterator[Problem]:
    manifest, to_come = BACKENDS[package.backend], _network_is_still_to_come(package)
    has_batch = package.dynamic_batch_size or package.static_batch_size is not None
    if manifest.has_batch and not has_batch and not to_come:
        yield Problem("batch-missing", "Say whether the batch size is dynamic, or which static size it has.")
    asked = {name: one for name, one in manifest.asked.items() if not (to_come and one.proven)}
    for lack in lacks(asked, package.manifest_values):
        yield Problem(lack.code, lack.sentence)


def _network_is_still_to_come(package: Package) -> bool:
    """Whether inspection missed the network itself: nobody is asked to type what its file will say."""
    inspected = package.inspection
    return (
        BACKENDS[package.backend].network_is_told
        and bool(inspected.get("problems"))
        and not inspected.get("facts", {}).get("inputs")
    )


def _of_inspection(package: Package) -> Iterator[Problem]:
    """Where what was typed and what the files say disagree; `services.inspecting` writes it down."""
    model = package.model
    said = set(known_models.model_problems(model.architecture, model.task_type).values())
    for sentence in package.inspection.get("problems", ()):
        if sentence not in said:  # by `_of_model`, with where to mend it
            yield Problem("inspection-disagrees", sentence)
    if failure := trials.failure(package):
        yield Problem("trial-failed", failure)


def _of_files(files: list[PackageFile]) -> Iterator[Problem]:
    if not files:
        yield Problem("no-files", "Add the files of the package.")
        return
    try:
        require_handles([file.handle for file in files])
    except InvalidFileHandle as error:
        yield Problem("invalid-file-handle", error.message)
    for file in files:
        try:
            stored = blobs.is_stored(file.blob)
        except BlobUnavailable:
            stored = False
        if not stored:
            yield Problem("file-missing", f"The bytes of {file.handle} are not in the storage; upload it again.")


def missing_dependency(package: Package) -> Problem | None:
    """The model that the client loads first and this one does not name. Not needed before publication, so that a model
    and its dependency can be prepared in any order.
    """
    model = package.model
    contract = contract_for(model.architecture, model.task_type, package.backend)
    if contract is None or contract.dependency is None:
        return None
    if model.dependencies.filter(name=contract.dependency).exists():
        return None
    return Problem(
        "dependency-missing",
        f"Clients load this architecture with another model; add it to the model's dependencies as "
        f"{contract.dependency}.",
    )


def _of_dependencies(package: Package) -> Iterator[Problem]:
    for dependency in package.model.dependencies.select_related("depends_on"):
        target = dependency.depends_on
        published = Package.objects.filter(model=target, state=State.PUBLISHED)
        if dependency.pinned_package_id:
            published = published.filter(package_id=dependency.pinned_package_id)
        if not published.exists():
            yield Problem(
                "dependency-not-published",
                f"The model depends on {target.model_id}, of which the package is not published that it needs."
                if dependency.pinned_package_id
                else f"The model depends on {target.model_id}, which has no published package.",
            )
        if package.model.is_public and not target.is_public:
            yield Problem(
                "dependency-not-public",
                f"The model is public and depends on {target.model_id}, which is not: clients could not load it.",
            )
