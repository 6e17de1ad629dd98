"""Making a package from a directory that is laid out as the client's local package."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from packages_app.models import Backend, Package
from packages_app.services import drafting, inspecting, intake, publishing
from registry.errors import WeighbridgeError
from registry.models import Model, Workspace
from registry.models.model import validate_model_id
from registry.services.audit import Actor

CONFIG_NAME = "model_config.json"
CHUNK = 1024 * 1024
# What model_config.json may call a backend, beside the names of packages_app.models.Backend.
BACKEND_NAMES = {"hf": Backend.HUGGING_FACE, "torchscript": Backend.TORCH_SCRIPT, "tensorrt": Backend.TRT}


class InvalidDirectory(WeighbridgeError):
    code = "invalid-package-directory"
    status = 400
    title = "The directory is not a package"
    advice = (
        "A package directory holds model_config.json, an object with model_architecture, task_type and "
        "backend_type, beside the package's own files."
    )


class ModelMismatch(WeighbridgeError):
    code = "model-mismatch"
    status = 409
    title = "The package belongs to another kind of model"
    advice = "A model has one architecture and one task; packages of another need a model of their own."


@dataclass(frozen=True)
class Config:
    architecture: str
    task_type: str
    backend: str


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
) -> Package:
    """Create the model if it is new, draft a package from the files, inspect it, and publish it if asked.

    ``manifest`` gives manifest fields, by the names of `packages_app.models.Package`, that the files do not
    say. A file whose name clients would refuse stops everything before anything is stored.
    Raises ValidationError for the id, InvalidDirectory, ModelMismatch, and what intake, drafting and publishing raise.
    """
    validate_model_id(model_id)
    config = read_config(directory)
    files = list(package_files(directory))
    if not files:
        raise InvalidDirectory("The directory holds no file beside model_config.json.")
    drafting.require_handles([handle for handle, _ in files])
    stored = [(handle, intake.receive(_chunks(path))) for handle, path in files]
    with transaction.atomic():
        model = _model(model_id, config, workspace, directory, public)
        package = drafting.create_draft(model, config.backend, fields=dict(manifest or {}), actor=actor)
        for handle, blob in stored:
            drafting.add_file(package, handle, blob, actor=actor)
        if trusted:
            publishing.set_trusted(package, True, actor=actor)
    package = inspecting.inspect(package, actor=actor)
    if publish:
        publishing.publish(package, actor=actor)
        package.refresh_from_db()
    return package


def read_config(directory: Path) -> Config:
    try:
        document = json.loads((directory / CONFIG_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidDirectory("The directory holds no model_config.json.") from error
    except (OSError, ValueError) as error:
        raise InvalidDirectory("model_config.json cannot be read as JSON.") from error
    values = [document.get(key) if isinstance(document, dict) else None for key in CONFIG_KEYS]
    if not all(isinstance(value, str) and value for value in values):
        raise InvalidDirectory(f"model_config.json needs {', '.join(CONFIG_KEYS)}.")
    architecture, task_type, backend = values
    backend = BACKEND_NAMES.get(backend, backend)
    if backend not in Backend.values:
        raise InvalidDirectory("model_config.json names a backend that is not known.")
    return Config(architecture, task_type, backend)


CONFIG_KEYS = ("model_architecture", "task_type", "backend_type")


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


def _model(model_id: str, config: Config, workspace: Workspace, directory: Path, public: bool | None) -> Model:
    model = Model.objects.filter(model_id=model_id).select_related("workspace").first()
    if model is None:
        model = Model(
            workspace=workspace,
            model_id=model_id,
            architecture=config.architecture,
            task_type=config.task_type,
            class_names=_class_names(directory),
            is_public=bool(public),
        )
        model.full_clean()
        model.save()
        return model
    if model.workspace_id != workspace.pk:
        raise ModelMismatch("A model with this id belongs to another workspace.")
    if (model.architecture, model.task_type) != (config.architecture, config.task_type):
        raise ModelMismatch(f"The model is {model.architecture} for {model.task_type}; the package is not.")
    if public is not None and model.is_public != public:
        model.is_public = public
        model.save(update_fields=["is_public"])
    return model


def _class_names(directory: Path) -> list[str]:
    try:
        text = (directory / "class_names.txt").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
