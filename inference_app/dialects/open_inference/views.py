"""The protocol's addresses below `/v2`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from inference_app.dialects.open_inference.answers import answer
from inference_app.dialects.open_inference.fitting import require_fit
from inference_app.dialects.open_inference.needs import needs_of
from inference_app.dialects.open_inference.requests import parse_header_length, parse_request
from inference_app.dialects.open_inference.tensors import HEADER_LENGTH, datatype_of_onnx
from inference_app.requests.admission import admit
from inference_app.requests.bodies import read_body
from inference_app.services import inference, readiness
from inference_app.services.selection import Choice, choose
from negotiation import NegotiationRequest
from negotiation.manifests import BACKENDS
from registry.api.strict_json import StrictJsonResponse
from registry.models import Model
from registry.request_identity import identify
from registry.services.access import find_model, require_run


@require_safe
def server_metadata(request: HttpRequest) -> StrictJsonResponse:
    return StrictJsonResponse(
        {"name": "weighbridge", "version": settings.VERSION, "extensions": ["binary_tensor_data"]}
    )


@require_safe
def live(request: HttpRequest) -> StrictJsonResponse:
    return StrictJsonResponse({"live": True})


@require_safe
def ready(request: HttpRequest) -> StrictJsonResponse:
    if readiness.problems():
        return StrictJsonResponse({"ready": False}, status=503, headers={"Retry-After": "1"})
    return StrictJsonResponse({"ready": True})


@require_safe
def model_ready(request: HttpRequest, name: str, version: str | None = None) -> StrictJsonResponse:
    """Whether a request would find a package that runs here. It need not be in memory: the first request loads it."""
    _choose(_model(request, name), version)
    return StrictJsonResponse({"name": name, "ready": True})


@require_safe
def model_metadata(request: HttpRequest, name: str, version: str | None = None) -> StrictJsonResponse:
    model = _model(request, name)
    package = _choose(model, version).candidates[0]
    facts = package.inspection.get("facts", {})
    return StrictJsonResponse(
        {
            "name": name,
            "versions": list(
                model.packages.filter(state="published").order_by("package_id").values_list("package_id", flat=True)
            ),
            "platform": BACKENDS[package.backend].platform or package.backend,
            "inputs": [_described(tensor) for tensor in facts.get("inputs", ())],
            "outputs": [_described(tensor) for tensor in facts.get("outputs", ())],
        }
    )


@require_POST
@admit
def infer(request: HttpRequest, name: str, version: str | None = None) -> HttpResponse:
    """Runs the network on tensors, without any pre- or post-processing.

    The package is chosen before the body is read, since its inputs say how large a body may be; it is loaded when all
    has been checked.
    """
    model = _model(request, name)
    header_length = parse_header_length(request.headers.get(HEADER_LENGTH))
    choice = inference.choice_for(model, _of_version(version))
    needs = needs_of(choice.candidates)
    asked = parse_request(read_body(request, needs.body_limit), header_length, most_numbers=needs.numbers)
    require_fit(asked, choice.candidates)
    outcome = inference.infer_tensors(choice, asked.inputs)
    body, json_length = answer(name, outcome, asked)
    if json_length is None:
        return HttpResponse(body, content_type="application/json")
    return HttpResponse(body, content_type="application/octet-stream", headers={HEADER_LENGTH: str(json_length)})


def _model(request: HttpRequest, name: str) -> Model:
    identity = identify(request)
    model = find_model(name, identity)
    require_run(model, identity)
    return model


def _choose(model: Model, version: str | None) -> Choice:
    return choose(model, _of_version(version))


def _of_version(version: str | None) -> NegotiationRequest | None:
    """Versions of the protocol are package ids with us."""
    return None if not version else NegotiationRequest(model_package_id=version)


def _described(tensor: dict[str, Any]) -> dict[str, Any]:
    shape = [size if isinstance(size, int) else -1 for size in tensor["shape"]]
    return {"name": tensor["name"], "datatype": datatype_of_onnx(tensor["dtype"]), "shape": shape}
