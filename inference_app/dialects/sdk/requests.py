"""Requests of the SDK, read into one form whatever their mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl

from django.http import HttpRequest

from backends.parameters import DEFAULTS, Confidence, InferenceParameters, PreProcessingOverrides
from inference_app.dialects.sdk.maps import DEPTH_FORMATS, DepthFormat
from inference_app.requests.bodies import parse_json, parse_multipart, read_body
from inference_app.requests.images import decode_image, read_image
from registry.errors import InvalidRequest

MAX_FORM_FIELDS = 100
MASK_MODES = ("accurate", "tradeoff", "fast")

Response = Literal["json", "image", "image_and_json"]
RESPONSES: tuple[Response, ...] = ("json", "image", "image_and_json")
Word = TypeVar("Word", bound=str)


@dataclass(frozen=True)
class InferRequest:
    """One inference request without its images: parameters for the backends, and what shapes the answer.

    ``is_list``: the images came as a list and are answered as one, even a single image.
    ``class_filter`` is applied to the answer: the SDK's users expect it after suppression and after
    ``max_detections``.
    """

    parameters: InferenceParameters = DEFAULTS
    is_list: bool = False
    class_filter: frozenset[str] = frozenset()
    no_detections: bool = False
    visualize: bool = False
    labels: bool = False
    stroke_width: int = 1
    response: Response = "json"
    model_id: str = ""
    depth_map_format: DepthFormat = "json"


def read_json(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body, whatever its content type says; an empty body is an empty object."""
    body = read_body(request)
    if not body.strip():
        return {}
    document = parse_json(body)
    if not isinstance(document, dict):
        raise InvalidRequest("The body is not a JSON object.")
    return document


def body_key(document: Mapping[str, Any]) -> str | None:
    """The access token in a JSON body, where the SDK puts it by default."""
    key = document.get("api_key")
    return key if isinstance(key, str) else None


def parse_v1(document: Mapping[str, Any]) -> InferRequest:
    """A request of mode v1, without its images (see `api.images.read_images`). Raises InvalidRequest."""
    model_id = document.get("model_id")
    if not isinstance(model_id, str) or not model_id:
        raise InvalidRequest("`model_id` is missing.")
    classes = document.get("class_filter")
    if classes is not None and not (isinstance(classes, list) and all(isinstance(name, str) for name in classes)):
        raise InvalidRequest("`class_filter` is a list of names.")
    fields = _Fields(document)
    maximum = fields.integer("max_detections", 300)
    return InferRequest(
        is_list=isinstance(document.get("image"), list),
        parameters=_parameters(fields, overlap="iou_threshold", maximum=maximum, percent=False),
        class_filter=frozenset(classes or ()),
        no_detections=maximum <= 0,
        visualize=fields.flag("visualize_predictions"),
        labels=fields.flag("visualization_labels"),
        stroke_width=fields.integer("visualization_stroke_width", 1),
        model_id=model_id,
        depth_map_format=fields.word("depth_map_format", "json", DEPTH_FORMATS),
    )


def parse_v0(query: Mapping[str, str], model_id: str) -> InferRequest:
    """A request of mode v0, from its query. Confidence and overlap from 1 on mean percent."""
    fields = _Fields(query)
    maximum = fields.integer("max_detections", 300)
    response = query.get("format", "json")
    if response not in RESPONSES:
        raise InvalidRequest("`format` is json, image or image_and_json.")
    return InferRequest(
        parameters=_parameters(fields, overlap="overlap", maximum=maximum, percent=True),
        class_filter=frozenset(name for name in str(query.get("classes", "")).split(",") if name),
        no_detections=maximum <= 0,
        visualize=response != "json",
        labels=fields.flag("labels"),
        stroke_width=fields.integer("stroke", 1),
        response=RESPONSES[RESPONSES.index(response)],
        model_id=model_id,
    )


def read_v0_images(request: HttpRequest) -> list[bytes]:
    """The image of mode v0: base64 text under any content type, a form's field or file, or `?image=` an address."""
    address = request.GET.get("image")
    if address:
        return [read_image({"type": "url", "value": address})]
    body = read_body(request)
    if request.content_type == "multipart/form-data":
        form = parse_multipart(request, body)
        files = [content for name, content in form.files if name in {"file", "image"}] or [
            content for _, content in form.files
        ]
        if files:
            return files[:1]
        raise InvalidRequest("The form has no part named `file`.")
    if not body:
        raise InvalidRequest("The body is empty: send the image as base64 text, or as the part `file` of a form.")
    if request.content_type == "application/x-www-form-urlencoded" and body[:6] in {b"image=", b"file=%"}:
        try:
            fields = dict(parse_qsl(body.decode("ascii", "replace"), max_num_fields=MAX_FORM_FIELDS))
        except ValueError as error:
            raise InvalidRequest(f"The form has more than {MAX_FORM_FIELDS} fields.") from error
        body = fields.get("image", fields.get("file", "")).encode("ascii", "replace")
    return [decode_image(body)]


def _parameters(fields: _Fields, *, overlap: str, maximum: int, percent: bool) -> InferenceParameters:
    mode = fields.word("mask_decode_mode", "accurate", MASK_MODES)
    masks_resolution_factor = DEFAULTS.masks_resolution_factor
    if fields.flag("allow_reduced_mask_resolution") and mode != "accurate":
        tradeoff = fields.fraction("tradeoff_factor", 0.0, percent=False)
        masks_resolution_factor = tradeoff if mode == "tradeoff" else 0.0
    return InferenceParameters(
        confidence=fields.confidence("confidence", percent=percent),
        iou_threshold=fields.fraction(overlap, DEFAULTS.iou_threshold, percent=percent),
        max_detections=max(1, maximum),
        class_agnostic_nms=fields.flag("class_agnostic_nms"),
        mask_format=fields.word("response_mask_format", "polygon", ("polygon", "rle")),
        masks_resolution_factor=masks_resolution_factor,
        # The SDK's own server has no other default for any family.
        key_points_threshold=fields.fraction("keypoint_confidence", 0.0, percent=False),
        pre_processing_overrides=PreProcessingOverrides(
            disable_auto_orient=fields.flag("disable_preproc_auto_orient"),
            disable_contrast_enhancement=fields.flag("disable_preproc_contrast"),
            disable_grayscale=fields.flag("disable_preproc_grayscale"),
            disable_static_crop=fields.flag("disable_preproc_static_crop"),
        ),
    )


class _Fields:
    """Typed readers of a query's strings or a JSON object's values. Missing and null mean the default."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def flag(self, name: str) -> bool:
        value = self._values.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        if str(value).lower() in {"true", "1", "yes", "on"}:
            return True
        if str(value).lower() in {"false", "0", "no", "off", ""}:
            return False
        raise InvalidRequest(f"`{name}` is true or false.")

    def integer(self, name: str, default: int) -> int:
        value = self._values.get(name)
        if value is None or value == "":
            return default
        try:
            if isinstance(value, bool):
                raise ValueError
            number = int(str(value))
        except ValueError as error:
            raise InvalidRequest(f"`{name}` is a whole number.") from error
        if not -1 <= number <= 100_000:
            raise InvalidRequest(f"`{name}` is out of range.")
        return number

    def word(self, name: str, default: Word, allowed: tuple[Word, ...]) -> Word:
        value = self._values.get(name)
        if value is None or value == "":
            return default
        if value not in allowed:
            raise InvalidRequest(f"`{name}` is one of {', '.join(allowed)}.")
        return allowed[allowed.index(value)]

    def fraction(self, name: str, default: float, *, percent: bool) -> float:
        """A number from 0 to 1; what is larger is 1, or percent where ``percent`` says so."""
        value = self._values.get(name)
        if value is None or value == "":
            return default
        try:
            if isinstance(value, bool):
                raise ValueError
            number = float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidRequest(f"`{name}` is a number.") from error
        if number != number:
            raise InvalidRequest(f"`{name}` is a number.")
        if percent and number >= 1:
            number /= 100
        return min(max(number, 0.0), 1.0)

    def confidence(self, name: str, *, percent: bool) -> Confidence:
        value = self._values.get(name)
        if value is None or value == "default":
            return "default"
        if value == "best":
            return "best"
        number = self.fraction(name, 0.4, percent=percent)
        return max(number, 0.01) if percent else number
