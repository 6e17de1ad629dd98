"""Requests of the native API: images as a body, as files of a form or as base64 in JSON, and fields beside them.

JSON may hold texts as well, or texts alone, for models that embed them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import HttpRequest

from backends.errors import BadParameter
from backends.parameters import InferenceParameters
from inference_app.dialects.maps import MAP_FORMATS, MapFormat
from inference_app.requests.bodies import parse_json, parse_multipart, read_body
from inference_app.requests.images import check_images, read_images
from inference_app.requests.texts import read_texts
from negotiation import NegotiationRequest
from registry.errors import InvalidRequest

KEY = "api_key"
# Fields that choose the package, and what negotiation calls them; all others are parameters of the inference.
CHOICE_FIELDS = {
    "package_id": "model_package_id",
    "backend": "backend",
    "quantization": "quantization",
    "device": "device",
}
EXPLAIN_FIELD = "explain"
MAP_FORMAT_FIELD = "map_format"
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True)
class InferRequest:
    """One request, read and checked.

    ``choice`` narrows the choice of the package; None where nothing does. ``map_format``: the form of maps in answers.
    """

    images: list[bytes]
    texts: list[str]
    parameters: InferenceParameters
    choice: NegotiationRequest | None
    explain: bool
    map_format: MapFormat = "png"


def parse_request(request: HttpRequest) -> InferRequest:
    """Read the body and check all that is in it and in the query.

    Raises RequestTooLarge, InvalidRequest, InputRefused, BadImage and its kin, BadParameter, and the NegotiationError
    of a field that chooses the package.
    """
    sent = _read(request)
    if sent.images or not sent.texts:
        check_images(sent.images)
    choice, explain = _take_choice(sent.fields)
    map_format = _take_map_format(sent.fields)
    parameters = InferenceParameters.from_mapping(sent.fields)
    return InferRequest(sent.images, sent.texts, parameters, choice, explain, map_format)


class _Sent(NamedTuple):
    images: list[bytes]
    fields: dict[str, Any]
    texts: list[str] = []


def _read(request: HttpRequest) -> _Sent:
    """JSON is an object with `image` or `images`, `{"type": "base64", "value": ...}` each, `texts`, and fields beside.

    Fields of the query come first, those of the body win.
    """
    fields: dict[str, Any] = _without_key(request.GET.dict())
    body = read_body(request)
    if request.content_type == "multipart/form-data":
        form = parse_multipart(request, body)
        return _Sent([content for _, content in form.files], fields | _without_key(form.fields))
    if request.content_type == "application/json" and body:
        document = parse_json(body)
        if not isinstance(document, dict):
            raise InvalidRequest("The body is not a JSON object.")
        texts = document.pop("texts", None)
        images = document.pop("images", None) or document.pop("image", None)
        read = [] if images is None and texts is not None else read_images(images)
        return _Sent(read, fields | _without_key(document), [] if texts is None else read_texts(texts))
    if not body:
        raise InvalidRequest("The body is empty: send the bytes of an image, or a multipart form with files.")
    return _Sent([body], fields)


def _without_key(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != KEY}


def _take_map_format(fields: dict[str, Any]) -> MapFormat:
    value = fields.pop(MAP_FORMAT_FIELD, None) or MAP_FORMATS[0]
    if value not in MAP_FORMATS:
        raise BadParameter(f"{MAP_FORMAT_FIELD} must be {' or '.join(MAP_FORMATS)}.")
    return MAP_FORMATS[MAP_FORMATS.index(value)]


def _take_choice(fields: dict[str, Any]) -> tuple[NegotiationRequest | None, bool]:
    """Remove from ``fields`` what bears on the choice of the package, and read it."""
    explain = str(fields.pop(EXPLAIN_FIELD, "")).lower() in TRUE_WORDS
    chosen = {argument: fields.pop(name, None) for name, argument in CHOICE_FIELDS.items()}
    arguments = {argument: value for argument, value in chosen.items() if value}
    return NegotiationRequest.from_json(arguments) if arguments else None, explain
