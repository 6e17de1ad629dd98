"""The errors of the pure packages, as errors of this server: status, help page and advice for each code."""

from __future__ import annotations

from backends.errors import BackendError
from negotiation.errors import NegotiationError
from registry.errors import WeighbridgeError

# code -> status, title, what to do about it
PAGES: dict[str, tuple[int, str, str]] = {
    # backends: input
    "bad-input": (400, "The input cannot be used", "The message says what is wrong with it."),
    "bad-parameter": (
        400,
        "A parameter is unknown or out of range",
        "The message names the parameter. The API's description lists all of them with their ranges.",
    ),
    "bad-tensor": (
        400,
        "A tensor does not fit the network",
        "Compare name, shape and data type with the model's metadata at /v2/models/<id>.",
    ),
    "bad-image": (400, "The bytes are no picture", "Send a JPEG, PNG, WebP or BMP file, unchanged, as the body."),
    "image-unsupported": (
        400,
        "Pictures of this kind are not taken",
        "Send a JPEG, PNG, WebP or BMP with one frame; others are converted by the caller.",
    ),
    "image-truncated": (400, "The picture is damaged or cut short", "Check that the file opens, and send all of it."),
    "image-too-large": (
        413,
        "The picture has too many pixels, or its decoder would go over them too often",
        "Scale it down before sending, and save a progressive JPEG as an ordinary one. The operator can change "
        "MAX_IMAGE_PIXELS.",
    ),
    # backends: packages
    "backend-error": (500, "The backend failed", "Tell the operator the request id."),
    "package-damaged": (
        503,
        "A file of the package is damaged",
        "Another package of the model is used where there is one. A curator publishes this one anew.",
    ),
    "package-config-invalid": (
        503,
        "The configuration in the package cannot be understood",
        "A curator corrects inference_config.json and publishes a new package.",
    ),
    "package-unsupported": (
        501,
        "This server cannot run such packages",
        "The message names the combination. Devices may still be able to load the package.",
    ),
    "network-mismatch": (
        503,
        "The network is not of the kind that the package says",
        "A curator publishes it under the architecture and task that it was exported for, or exports it anew.",
    ),
    "operator-unsupported": (
        501,
        "The runtime has no implementation for an operator of the network",
        "A curator exports the model with a lower opset, or without the operator that the message names.",
    ),
    "input-unsupported": (
        501,
        "The network's input is of a type that cannot be filled",
        "A curator exports the model with inputs of float32 or float16.",
    ),
    "runtime-too-old": (
        501,
        "The network is newer than the runtime on this server",
        "The operator installs a newer ONNX Runtime. Devices that have one can load the package.",
    ),
    "runtime-missing": (
        501,
        "The library that runs such packages is not installed",
        "The operator installs it with the Python of the model host (MODEL_HOST_PYTHON, or else the server's own): "
        "`pip install -r requirements/torch.txt` for Torch and TorchScript, `requirements/trt.txt` for TensorRT, "
        "`requirements/onnx-gpu.txt` for ONNX on CUDA. Or a curator adds an ONNX package.",
    ),
    "device-unavailable": (
        503,
        "The device cannot be used",
        "The device was named by the request or the settings, and is not there or does not answer.",
    ),
    "out-of-memory": (503, "The device has too little free memory", "Try again, or give the model host more memory."),
    "inference-failed": (
        422,
        "The runtime failed while it ran the network",
        "The network cannot work on this input: give it one of another size or shape. If it fails for every input, "
        "tell the operator the request id.",
    ),
    "output-unusable": (
        422,
        "The network's answer is no prediction",
        "Its head is another than the architecture, the settings and the class names of the package say. A curator "
        "publishes the package anew under those that fit; the message says what does not.",
    ),
    "output-not-finite": (
        422,
        "The network's output is not finite",
        "It holds NaN or infinity, most often because a network was converted to half precision that does not bear it. "
        "A curator exports the model anew, or another picture is tried.",
    ),
    "model-closed": (503, "The model was unloaded meanwhile", "Try again: it is loaded anew."),
    # the model host
    "host-error": (503, "The model host failed", "Try again in a moment."),
    "host-died": (
        503,
        "The model host ended during the request",
        "It is being restarted: try again. If one package keeps ending it, the package is set aside.",
    ),
    "host-unavailable": (503, "The model host does not answer", "It is starting or restarting: try again in a moment."),
    "host-busy": (503, "The queue of the model is full", "Try again after the seconds in the header Retry-After."),
    "deadline-exceeded": (
        504,
        "The model did not answer in time",
        "Try again when the server is less busy, or send smaller pictures. The operator can raise the deadline.",
    ),
    "package-failed-to-load": (
        503,
        "The package could not be loaded",
        "The message says why. A curator publishes another package of the model.",
    ),
    "package-set-aside": (
        503,
        "The package was set aside",
        "It ended the model host too often, or its load did not end. A curator can release it in the admin, after a "
        "look at the reason.",
    ),
    "memory-budget-exceeded": (
        507,
        "The model does not fit into the memory that the model host may use",
        "The operator raises MODEL_HOST_MEMORY_BYTES or unloads pinned models.",
    ),
    "host-protocol-error": (500, "The model host could not be understood", "Tell the operator the request id."),
    "host-fault": (500, "The model host has a defect", "Tell the operator the request id."),
    # negotiation
    "negotiation-error": (400, "No package could be chosen", "The message says why."),
    "invalid-environment": (
        400,
        "The description of the machine is not valid",
        "Use the JSON that `manage.py environment --json` prints on a machine, or one of the catalogue.",
    ),
    "invalid-machine": (
        400,
        "The description of the machine is not valid",
        "Use the JSON that `manage.py environment --json` prints on a machine, or one of the catalogue.",
    ),
    "unknown-machine": (
        400,
        "There is no machine of that name",
        "GET /api/v1/machines lists the names; `this-server` is this one. Curators add machines in the admin.",
    ),
    "machine-too-large": (
        413,
        "The description of the machine is too long",
        "Send only what `manage.py environment --json` or `python -m negotiation.detection` prints on the machine.",
    ),
    "machine-not-json": (
        400,
        "The description of the machine is not JSON",
        "Send what `manage.py environment --json` or `python -m negotiation.detection` prints, from { to }.",
    ),
    "unknown-machine-keys": (
        400,
        "The description of the machine has unknown keys",
        "The message names them. A misspelt key would describe another machine, so that none is ignored.",
    ),
    "invalid-negotiation-request": (
        400,
        "The negotiation request is not valid",
        "It takes the arguments of the client's AutoModel.from_pretrained that bear on the choice.",
    ),
    "invalid-negotiation-policy": (500, "A policy file is damaged", "The operator reinstalls the server."),
    "model-retrieval-failed": (409, "The model announces no packages", "A curator publishes a package."),
    "invalid-model-metadata": (400, "The metadata document is not valid", "It is the value of modelMetadata."),
    "invalid-parameter": (400, "An argument is not valid", "The message names the argument."),
    "package-negotiation-failed": (409, "The packages cannot be compared with the machine", "The message says why."),
    "unknown-backend": (400, "There is no such backend", "Backends: torch, torch-script, onnx, trt, hugging-face."),
    "unknown-quantization": (400, "There is no such quantization", "Quantizations: fp32, fp16, bf16, int8, unknown."),
    "invalid-batch-size": (400, "The batch size is not valid", "Give a number from 1, or a pair [low, high]."),
    "invalid-nms-fusion-preferences": (
        400,
        "The preferences for built-in suppression are not valid",
        "Give true, false, or an object with max_detections, confidence_threshold, iou_threshold (a number or a pair "
        "of bounds) and class_agnostic.",
    ),
    "batch-size-not-declared": (
        409,
        "A batch size was asked of a package that declares none",
        "Hugging Face packages declare no batch size. Name other backends in the request, or leave batch_size out.",
    ),
    "malformed-model-features": (
        409,
        "The features of a package are malformed",
        "A curator publishes a package whose nms_fused feature is an object.",
    ),
    "ambiguous-model-package": (
        409,
        "Several packages carry the requested id",
        "Withdraw all but one of them.",
    ),
    "runtime-introspection-failed": (
        409,
        "The machine is not described well enough",
        "The message names what is missing. On a Jetson, set L4T_VERSION.",
    ),
    "unknown-jetson-type": (409, "There is no such Jetson", "Correct JETSON_MODULE on the machine, or unset it."),
    "no-model-packages-available": (
        409,
        "No package of the model can run on this machine",
        "The explanation names for each package the rule that discarded it. The coverage page of the model in the "
        "admin shows the same for every kind of machine.",
    ),
}  # fmt: skip

_RETRY_AFTER_SECONDS = 1
_classes: dict[str, type[WeighbridgeError]] = {}


def _class_for(code: str) -> type[WeighbridgeError]:
    if code not in _classes:
        status, title, advice = PAGES[code]
        attributes = {"code": code, "status": status, "title": title, "advice": advice}
        _classes[code] = type("RefusedByBackend", (WeighbridgeError,), attributes)
    return _classes[code]


def explain_all() -> None:
    """Give every code its help page; called when the app is ready."""
    for code in PAGES:
        _class_for(code)


def as_weighbridge_error(error: BackendError | NegotiationError) -> WeighbridgeError:
    """The error of a pure package as one that the API answers with."""
    cls = _class_for(error.code if error.code in PAGES else _base_code(error))
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        seconds = max(_RETRY_AFTER_SECONDS, round(retry_after))
    else:
        seconds = _RETRY_AFTER_SECONDS if cls.status == 503 else None
    return cls(error.message, retry_after=seconds)


def _base_code(error: BackendError | NegotiationError) -> str:
    return next(cls.code for cls in type(error).__mro__ if getattr(cls, "code", None) in PAGES)
