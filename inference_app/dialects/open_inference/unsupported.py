"""What clients of the protocol can ask for and this server does not offer: the extensions of Triton and of others."""

from __future__ import annotations

import contextlib

from django.http import HttpRequest, HttpResponse

from inference_app.dialects.open_inference import views
from inference_app.requests.unsupported import refuse
from registry.errors import ModelNotFound, TokenRequired

# Addresses below /v2, by how they begin, and those of one model, by how they end.
OF_THE_SERVER = {
    "repository": "the model repository extension; GET /api/v1/models lists the models",
    "systemsharedmemory": "the shared memory extensions",
    "cudasharedmemory": "the shared memory extensions",
    "trace": "the trace extension",
    "logging": "the logging extension",
    "server": "the server's state here; /v2/health/live and /v2/health/ready tell it",
    "models/stats": "the statistics extension",
    "models/infer": "this way to infer; POST /v2/models/<model>/infer",
    "models/load": "loading by hand: the first request loads a model",
    "models/unload": "unloading here; POST /model/remove unloads",
    "models/interface": "the description of interfaces; GET /v2/models/<model> names inputs and outputs",
    "models": "a list of models here; GET /api/v1/models has it",
}
OF_A_MODEL = {
    "config": "the model configuration extension; GET /v2/models/<model> names inputs and outputs",
    "stats": "the statistics extension",
    "trace/setting": "the trace extension",
    "generate": "the generate extension",
    "generate_stream": "the generate extension",
    "load": "loading by hand: the first request loads a model",
    "unload": "unloading here; POST /model/remove unloads",
}


def of_the_server(request: HttpRequest, feature: str) -> HttpResponse:
    _, _, name = feature.partition("models/")
    return _model_of_that_name(request, name) or refuse(request, OF_THE_SERVER[feature])


def of_a_model(request: HttpRequest, name: str, feature: str) -> HttpResponse:
    return _model_of_that_name(request, f"{name}/{feature}") or refuse(request, OF_A_MODEL[feature])


def _model_of_that_name(request: HttpRequest, name: str) -> HttpResponse | None:
    """The metadata of a model whose id looks like an extension's address, if there is one."""
    if name and request.method in {"GET", "HEAD"}:
        with contextlib.suppress(ModelNotFound, TokenRequired):
            return views.model_metadata(request, name)
    return None
