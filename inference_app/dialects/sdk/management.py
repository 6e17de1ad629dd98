"""The SDK's addresses for loading and unloading models.

Loading is part of the SDK's way to its first prediction and needs what an inference needs. Unloading needs the
scope `admin`, and touches models of the token's workspace only. The SDK sends no key to `/model/remove` and
`/model/clear` unless its user sets `api_key_transport` to `header` or `both`; the answer says so.
"""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.views.decorators.http import require_POST, require_safe

from backends.errors import HostError
from backends.host.transport.client import LoadedInfo
from inference_app.dialects.sdk.names import find_sent_model, sent_names
from inference_app.dialects.sdk.requests import body_key, read_json
from inference_app.dialects.sdk.views import permitted_model
from inference_app.requests.admission import admit
from inference_app.services import inference
from registry.api.strict_json import StrictJsonResponse
from registry.errors import InvalidRequest, ModelNotFound, TokenRequired
from registry.models import Model
from registry.request_identity import identify
from registry.services.access import visible_models
from registry.services.tokens import Identity

logger = structlog.get_logger("weighbridge.sdk")

SERVER_NAME = "Weighbridge"
SERVER_UUID = str(uuid.uuid4())
# The SDK finds the address for a task in a table of its own, which has fewer of them.
TASKS_OF_THE_SDK = {
    "multi-label-classification": "classification",
    "open-vocabulary-object-detection": "object-detection",
}


@require_safe
def info(request: HttpRequest) -> StrictJsonResponse:
    """Who answers. The SDK sends no key here."""
    return StrictJsonResponse({"name": SERVER_NAME, "version": settings.VERSION, "uuid": SERVER_UUID})


@require_safe
def registry(request: HttpRequest) -> StrictJsonResponse:
    """The models in memory that the key may see, under every name by which the SDK may ask for them.

    While the host starts again there are none: the SDK, which never asks here a second time, then adds its model, and
    that waits for the host.
    """
    return StrictJsonResponse(_listing(identify(request)))


@require_POST
@admit
def add(request: HttpRequest) -> StrictJsonResponse:
    """Load a model and answer when it is there: the SDK asks once, without a time limit of its own."""
    document = read_json(request)
    identity = identify(request, body_key=body_key(document))
    inference.load(permitted_model(_model_id(document), identity))
    return StrictJsonResponse(_listing(identity))


@require_POST
def remove(request: HttpRequest) -> StrictJsonResponse:
    """Unload a model. One that is not there is as good as unloaded."""
    document = read_json(request)
    identity = _manager(request, document)
    try:
        model = find_sent_model(_model_id(document), identity)
    except ModelNotFound:
        return StrictJsonResponse(_listing(identity))
    if model.workspace_id == identity.workspace_id:
        _unload([model])
    return StrictJsonResponse(_listing(identity))


@require_POST
def clear(request: HttpRequest) -> StrictJsonResponse:
    """Unload every model of the token's workspace."""
    identity = _manager(request, {})
    # Who may manage has a token, and so a workspace.
    _unload(list(Model.objects.filter(workspace_id=identity.workspace_id)))  # type: ignore[misc]
    return StrictJsonResponse(_listing(identity))


def _manager(request: HttpRequest, document: dict[str, Any]) -> Identity:
    identity = identify(request, body_key=body_key(document))
    if identity.token is None:
        raise TokenRequired(
            "Unloading needs an access token. The SDK sends one here only with api_key_transport set to `header` or "
            "`both`."
        )
    identity.require("admin")
    return identity


def _model_id(document: dict[str, Any]) -> str:
    model_id = document.get("model_id")
    if not isinstance(model_id, str) or not model_id:
        raise InvalidRequest("`model_id` is missing.")
    return model_id


def _unload(models: list[Model]) -> None:
    in_memory = {info.package_id for info in _in_memory()}
    for model in models:
        for package_id in set(model.packages.exclude(package_id="").values_list("package_id", flat=True)) & in_memory:
            inference.unload(package_id)


def _in_memory() -> list[LoadedInfo]:
    try:
        return inference.loaded()
    except HostError as error:
        logger.warning("the model host does not say what it has loaded", code=error.code)
        return []


def _listing(identity: Identity) -> dict[str, Any]:
    loaded = {info.package_id: info for info in _in_memory()}
    entries: list[dict[str, Any]] = []
    if loaded:
        models = (
            visible_models(identity)
            .filter(packages__package_id__in=loaded, packages__state="published")
            .prefetch_related("aliases", "packages")
            .distinct()
        )
        for model in models:
            info = next(loaded[package.package_id] for package in model.packages.all() if package.package_id in loaded)
            height, width = info.input_size or (None, None)
            entries.extend(
                {
                    "model_id": name,
                    "task_type": TASKS_OF_THE_SDK.get(model.task_type, model.task_type),
                    "batch_size": None,
                    "input_height": height,
                    "input_width": width,
                }
                for name in sent_names(model)
            )
    return {"models": entries}
