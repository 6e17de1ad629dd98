"""What the SDK can ask for and this server does not do: a plain 501 rather than a 404 that looks like a mistake."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from registry.errors import WeighbridgeError


class NotOffered(WeighbridgeError):
    code = "not-offered"
    status = 501
    title = "This server does not offer that"
    advice = (
        "Weighbridge serves detection, segmentation and embeddings by published models. Workflows, SAM, OCR, language "
        "models, video pipelines and text embeddings are out of its scope today."
    )


class Removed(WeighbridgeError):
    code = "removed-feature"
    status = 410
    title = "This address belongs to a feature that its clients no longer have"
    advice = "Use a pipeline or a model of the task instead."


@csrf_exempt
def not_offered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    raise NotOffered(f"{request.path.split('/')[1]}: this server does not offer that.")


@csrf_exempt
def removed(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    raise Removed
