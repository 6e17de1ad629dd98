"""`POST /api/v1/models/<id>/negotiate`: which package a machine gets, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inference_app.dialects.native.describe import MODEL_ID
from inference_app.dialects.native.serializers import NegotiationAnswer, NegotiationQuestion
from inference_app.error_pages import as_weighbridge_error
from inference_app.models.machine import THIS_SERVER
from inference_app.requests.bodies import parse_json, read_body
from inference_app.services.machines import KnownMachine, Origin, find_machine
from inference_app.services.selection import Rules
from inference_app.services.what_if import answer_json, ask
from negotiation import NegotiationRequest
from negotiation.machines import machine_from_json
from registry.api.authentication import identity_of
from registry.errors import HELP_PATH, InvalidRequest, TokenRequired
from registry.services.access import find_readable_model
from registry.services.tokens import Identity
from registry.urls_public import base_url

MAX_BODY_BYTES = 256 * 1024
KEYS = ("machine", "environment", "request", "policy")


class NegotiateView(APIView):
    """Chooses for a machine, without loading anything.

    That a machine gets nothing is an answer, with its `error` filled in. What the question itself has wrong is
    refused with 400.
    """

    parser_classes = ()

    @extend_schema(
        operation_id="negotiate",
        tags=["negotiation"],
        parameters=[MODEL_ID],
        request=NegotiationQuestion,
        responses=NegotiationAnswer,
    )
    def post(self, request: Request, model_id: str) -> Response:
        identity = identity_of(request)
        model = find_readable_model(model_id, identity)
        question = _read_question(request)
        known = _machine(question, identity)
        if known.origin is Origin.THIS_SERVER and identity.token is None:
            # The answer describes the machine, which environment.py tells to nobody without a token either.
            raise TokenRequired("Questions about this server itself need an access token. Name another machine.")
        rules = _rules(question, known)
        arguments = question.get("request") or {}
        negotiation_request = NegotiationRequest.from_json(arguments)
        device_is_open = "device" in arguments and arguments["device"] is None
        answer = ask(model, known, negotiation_request, rules, device_is_open=device_is_open)
        document = {"model_id": model.model_id, **answer_json(answer)}
        if answer.explanation.error is not None:
            code = as_weighbridge_error(answer.explanation.error).code
            document["error"]["help_url"] = f"{base_url(request._request)}{HELP_PATH}{code}"
        return Response(document)


def _read_question(request: Request) -> Mapping[str, Any]:
    body = read_body(request._request, MAX_BODY_BYTES)
    if not body.strip():
        return {}
    question = parse_json(body)
    if not isinstance(question, dict):
        raise InvalidRequest("The body is a JSON object with machine or environment, request and policy.")
    unknown = [key for key in question if key not in KEYS]
    if unknown:
        raise InvalidRequest(f"There is no field {unknown[0][:80]!r}; there are {', '.join(KEYS)}.")
    return question


def _machine(question: Mapping[str, Any], identity: Identity) -> KnownMachine:
    """The machine that the question is about. Raises UnknownMachineError and InvalidMachineError."""
    name, environment = question.get("machine"), question.get("environment")
    if name is not None and environment is not None:
        raise InvalidRequest("Give either machine or environment, not both.")
    if environment is not None:
        return KnownMachine(machine_from_json(environment), Origin.DESCRIBED)
    if name is not None and not isinstance(name, str):
        raise InvalidRequest("machine: the name of a machine, as text.")
    return find_machine(name or THIS_SERVER, identity.workspace_id)


def _rules(question: Mapping[str, Any], known: KnownMachine) -> Rules:
    policy = question.get("policy")
    if policy is None:
        return Rules.SERVER if known.origin is Origin.THIS_SERVER else Rules.CLIENT
    if policy not in list(Rules):
        raise InvalidRequest("policy: client or server.")
    return Rules(policy)
