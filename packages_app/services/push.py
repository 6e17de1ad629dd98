"""Making a package from a directory that is laid out as the client's local package."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import transaction

from backends.errors import BackendError
from backends.package_files import read_class_names
from packages_app.errors import (
    InvalidDirectory,
    ModelMismatch,
    PackageFrozen,
    PackageNotFound,
    PackageRefused,
)
from packages_app.inspection.archives import is_archive
from packages_app.models import Package, State
from packages_app.services import drafting, inspecting, intake, publishing
from packages_app.services.client_rules import require_handles
from packages_app.services.correcting import require_known
from packages_app.services.package_config import CONFIG_NAME, Config, parse_config, require_kind
from registry.models import Model, Workspace
from registry.models.model import validate_model_id
from registry.services import audit
from registry.services.audit import Actor

CHUNK = 1024 * 1024


def push_directory(
    directory: Path,
    *,
    model_id: str,
    workspace: Workspace,
    actor: Actor,
    public: bool | None = None,
    trusted: bool = False,
    publish: bool = False,
    manifest: Mapping[str, Any] | None = None,
    keep_draft: bool = False,
    on_report: Callable[[str], None] | None = None,
) -> Package:
    """Create the model if it is new, draft a package from the files, inspect it, and publish it if asked.

    ``manifest`` gives manifest fields, by the names of `drafting.editable_fields`, that the files do not
    say. A file whose name clients would refuse stops everything before anything is stored.

    A package that cannot be published leaves nothing behind, nor does one that is published already: PackageRefused
    and AlreadyPublished say why. With ``keep_draft`` the one that cannot be published is returned as it is instead, to
    be finished in the admin. ``on_report`` is told what the inspection does.

    Raises as well ValidationError for the id, InvalidModel, InvalidDirectory, ModelMismatch, and what intake, drafting
    and publishing raise.
    """
    config = read_config(directory)
    files = list(package_files(directory))
    if not files:
        raise InvalidDirectory(f"{directory} holds no file beside {CONFIG_NAME}.")
    require_handles([handle for handle, _ in files])
    _require_fitting_model(model_id, config, workspace)
    stored = [(handle, intake.receive(_chunks(path))) for handle, path in files]
    with transaction.atomic():
        model, is_new = _model(model_id, config, workspace, directory, actor)
        package = drafting.create_draft(model, config.backend, fields=dict(manifest or {}), actor=actor)
        for handle, blob in stored:
            drafting.add_file(package, handle, blob, actor=actor)
        if trusted:
            publishing.set_trusted(package, True, actor=actor)
    try:
        package = inspecting.inspect(package, actor=actor, on_report=on_report)
        if package.state == State.READY:
            publishing.refuse_published_content(package)
            if publish:
                publishing.publish(package, actor=actor)
                package.refresh_from_db()
        elif not keep_draft:
            raise PackageRefused(" ".join(publishing.sentences(package)))
    except BaseException:
        _discard(package, model, is_new, actor)
        raise
    if public is not None and model.is_public != public:
        model.is_public = public
        model.save(update_fields=["is_public"])
        audit.record("model.changed", model, actor=actor, workspace=workspace, is_public=public)
    return package


def _discard(package: Package, model: Model, is_new: bool, actor: Actor) -> None:
    """Take back what a push has made. The bytes go with the next `manage.py gc`, unless others use them."""
    with transaction.atomic(), suppress(PackageFrozen, PackageNotFound):
        drafting.delete_draft(package, actor=actor)
        if is_new and not model.packages.exists():
            audit.record("model.deleted", model, actor=actor, workspace=model.workspace)
            model.delete()


def read_config(directory: Path) -> Config:
    """What model_config.json says. Raises InvalidDirectory."""
    try:
        text = (directory / CONFIG_NAME).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        archives = sorted(path.name for path in directory.iterdir() if is_archive(path.name))
        if archives:
            raise InvalidDirectory(f"{archives[0]} is an archive; unpack it and push the directory.") from error
        raise InvalidDirectory(f"{directory} holds no {CONFIG_NAME}; docs/packages.md shows one.") from error
    except (OSError, ValueError) as error:
        raise InvalidDirectory(f"{CONFIG_NAME} cannot be read as UTF-8 text.") from error
    return parse_config(text)


def package_files(directory: Path) -> Iterator[tuple[str, Path]]:
    """Handle and path of each file, without model_config.json and without locks that a client left.

    Links are followed only inside the directory: a package directory of the client's cache is made of links,
    but one that was received from elsewhere must not pull in other files of this machine.
    """
    for path in sorted(directory.rglob("*")):
        handle = path.relative_to(directory).as_posix()
        if path.is_dir() or handle == CONFIG_NAME or handle.endswith(".lock"):
            continue
        if not path.resolve().is_relative_to(directory.resolve()):
            raise InvalidDirectory("A file of the directory is a link that leads out of it.")
        yield handle, path


def _require_fitting_model(model_id: str, config: Config, workspace: Workspace) -> Model | None:
    """The model, if there is one, and that it is, or can become, of the kind that ``config`` says.

    Raises ValidationError, InvalidModel and ModelMismatch.
    """
    # PostgreSQL does not even look for a NUL.
    found = Model.objects.none() if "\0" in model_id else Model.objects.filter(model_id=model_id)
    model = found.select_related("workspace").first()
    if model is None:
        validate_model_id(model_id)
        require_known(config.architecture, config.task_type)
        return None
    if model.workspace_id != workspace.pk:
        raise ModelMismatch("A model with this id belongs to another workspace.")
    require_kind(config, model)
    return model


def _model(model_id: str, config: Config, workspace: Workspace, directory: Path, actor: Actor) -> tuple[Model, bool]:
    """The model, and whether it was made now."""
    found = _require_fitting_model(model_id, config, workspace)
    if found is not None:
        return found, False
    model = Model(
        workspace=workspace,
        model_id=model_id,
        architecture=config.architecture,
        task_type=config.task_type,
        class_names=_class_names(directory),
    )
    model.full_clean()
    model.save()
    audit.record("model.created", model, actor=actor, workspace=workspace)
    return model, True


def _class_names(directory: Path) -> list[str]:
    """The names that the package brings; a file that cannot be read is the inspection's to refuse."""
    try:
        return list(read_class_names(directory))
    except BackendError:
        return []


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
