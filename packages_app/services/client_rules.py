"""The rules of clients, asked of `negotiation`, for rows of this app and with its errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from negotiation import identity
from negotiation.handles import handle_problems
from negotiation.publishing import validate_for_publishing
from packages_app.errors import InvalidFileHandle
from packages_app.models import Package, PackageFile
from packages_app.services.wire import package_entry, recommended_parameters

# Stands in for the id and the addresses that a package gets when it is announced.
_EXAMPLE_ID = "0" * 32
_EXAMPLE_ADDRESS = "https://weighbridge.invalid/files/"


def require_handles(handles: Iterable[str]) -> None:
    """Raises InvalidFileHandle unless clients accept all of ``handles`` together in one package."""
    problems = handle_problems(handles)
    if problems:
        raise InvalidFileHandle(problems[0])


def entry_problems(package: Package, files: Iterable[PackageFile]) -> list[str]:
    """What clients would object to in ``package`` as it would be announced, a sentence each."""
    entry = package_entry(package, [(file, _EXAMPLE_ADDRESS) for file in files], announced_id=_EXAMPLE_ID)
    return [
        f"{problem.field.removeprefix('packageManifest.')}: {problem.message}." if problem.field else problem.message
        for problem in validate_for_publishing(entry)
    ]


def content_id(package: Package, files: Iterable[PackageFile], parameters: dict[str, Any] | None) -> str:
    """The id of a package with this content: 32 hexadecimal digits.

    ``parameters`` are the recommended ones that hold, the package's or its model's. Dependencies are not in
    it: they change with time, and services.announcing adds them.
    """
    return identity.package_id(
        identity.PackageIdentity(
            model_id=package.model.model_id,
            architecture=package.model.architecture,
            task=package.model.task_type,
            backend=package.backend,
            quantization=package.quantization,
            trusted=package.trusted,
            files=identity.file_pairs((file.handle, file.blob.md5) for file in files),
            dynamic_batch_size=package.dynamic_batch_size,
            static_batch_size=package.static_batch_size,
            features=package.model_features,
            recommended_parameters=recommended_parameters(parameters),
        )
    )
