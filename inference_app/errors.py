"""Errors of inference over HTTP; each becomes a help page (see registry.errors)."""

from __future__ import annotations

from registry.errors import WeighbridgeError


class InputRefused(WeighbridgeError):
    code = "input-kind-refused"
    status = 400
    title = "Images of this kind of input are not taken"
    advice = (
        "Send images as base64 or as files of a form. Paths, pickles and NumPy dumps are never read; addresses only "
        "where the operator allows them with ALLOW_IMAGE_URLS."
    )


class RemoteImagesOff(WeighbridgeError):
    code = "image-urls-off"
    status = 400
    title = "This server does not fetch images from addresses"
    advice = "Send the image itself, as base64 or as a file. The operator can allow addresses with ALLOW_IMAGE_URLS."


class RemoteImageRefused(WeighbridgeError):
    code = "image-url-refused"
    status = 400
    title = "The image cannot be fetched from that address"
    advice = (
        "Addresses are https, on the public network, with at most three redirects, and answer an image within the "
        "limits on size and time."
    )


class ServerBusy(WeighbridgeError):
    code = "server-busy"
    status = 503
    title = "The server works on as many requests as it takes at once"
    advice = (
        "Try again after the seconds in the header Retry-After. The operator sets the limits with MAX_IN_FLIGHT and "
        "MAX_BYTES_IN_WORK."
    )


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


class CacheFull(WeighbridgeError):
    code = "model-cache-full"
    status = 507
    title = "The package is larger than the model cache"
    advice = "The operator can give the cache more room with MODEL_CACHE_BYTES."
