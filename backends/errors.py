"""Every way in which a backend can refuse, as one small family of exceptions.

Each class carries a stable ``code`` (kebab-case), the ``status`` of an HTTP answer, a ``title`` and ``advice``, of
which its help page is made. It says in ``retryable`` whether the same request may succeed later without a change by
the caller, and holds a message that is fit for the end user: never a path, an address, a secret or a traceback.
"""

from __future__ import annotations

from typing import ClassVar


class BackendError(Exception):
    """Base of all errors of this package."""

    code: ClassVar[str] = "backend-error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "The backend failed"
    advice: ClassVar[str] = "Tell the operator the request id."
    retryable: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __reduce__(self) -> tuple[type[BackendError], tuple[str]]:
        # Errors cross the boundary between the model host and its clients.
        return type(self), (self.message,)


class PackageDamaged(BackendError):
    """A file of the package is missing, cut short, or not what its name says."""

    code = "package-damaged"
    status = 503
    title = "A file of the package is damaged"
    advice = "Another package of the model is used where there is one. A curator publishes this one anew."


class PackageConfigInvalid(PackageDamaged):
    """``inference_config.json`` or another settings file of the package cannot be understood."""

    code = "package-config-invalid"
    status = 503
    title = "The configuration in the package cannot be understood"
    advice = "A curator corrects inference_config.json and publishes a new package."


class NetworkMismatch(PackageDamaged):
    """The network is whole, and not of the kind that the package says: other outputs, of another rank or shape."""

    code = "network-mismatch"
    status = 503
    title = "The network is not of the kind that the package says"
    advice = "A curator publishes it under the architecture and task that it was exported for, or exports it anew."


class UnsupportedPackage(BackendError):
    """No implementation for this architecture, task and backend, or a feature that is not supported."""

    code = "package-unsupported"
    status = 501
    title = "This server cannot run such packages"
    advice = "The message names the combination. Devices may still be able to load the package."


class UnsupportedOperator(UnsupportedPackage):
    """The file is whole, and the runtime has no implementation of an operator in it, which the message names."""

    code = "operator-unsupported"
    status = 501
    title = "The runtime has no implementation for an operator of the network"
    advice = "A curator exports the model with a lower opset, or without the operator that the message names."


class UnsupportedInput(UnsupportedPackage):
    """The network wants an input of a type that cannot be filled, such as bfloat16."""

    code = "input-unsupported"
    status = 501
    title = "The network's input is of a type that cannot be filled"
    advice = "A curator exports the model with inputs of float32 or float16."


class RuntimeTooOld(UnsupportedPackage):
    """The file is newer than the runtime that is installed here; a newer one reads it."""

    code = "runtime-too-old"
    status = 501
    title = "The network is newer than the runtime on this server"
    advice = "The operator installs a newer ONNX Runtime. Devices that have one can load the package."


class RuntimeMissing(BackendError):
    """The library that runs such packages (ONNX Runtime, Torch, TensorRT) is not installed here."""

    code = "runtime-missing"
    status = 501
    title = "The library that runs such packages is not installed"
    advice = (
        "The operator installs it with the Python of the model host (MODEL_HOST_PYTHON, or else the server's own): "
        "`pip install -r requirements/torch.txt` for Torch and TorchScript, `requirements/trt.txt` for TensorRT, "
        "`requirements/mediapipe.txt` for MediaPipe, "
        "`requirements/onnx-gpu.txt` for ONNX on CUDA. Or a curator adds an ONNX package."
    )


class DeviceUnavailable(BackendError):
    """The device or execution provider that was asked for cannot be used on this machine."""

    code = "device-unavailable"
    status = 503
    title = "The device cannot be used"
    advice = "The device was named by the request or the settings, and is not there or does not answer."


class OutOfMemory(BackendError):
    """The device has too little free memory for the model or the request at this moment."""

    code = "out-of-memory"
    status = 503
    title = "The device has too little free memory"
    advice = "Try again, or give the model host more memory."
    retryable = True


class InferenceFailed(BackendError):
    """The runtime failed while it ran the network."""

    code = "inference-failed"
    status = 422
    title = "The runtime failed while it ran the network"
    advice = (
        "The network cannot work on this input: give it one of another size or shape. If it fails for every input, "
        "tell the operator the request id."
    )


class OutputUnusable(BackendError):
    """The network ran, and its answer is no prediction: a confidence above 1, a class without a name."""

    code = "output-unusable"
    status = 422
    title = "The network's answer is no prediction"
    advice = (
        "Its head is another than the architecture, the settings and the class names of the package say. A curator "
        "publishes the package anew under those that fit; the message says what does not."
    )


class OutputNotFinite(OutputUnusable):
    """The network answered with NaN or infinity where a prediction would be."""

    code = "output-not-finite"
    status = 422
    title = "The network's output is not finite"
    advice = (
        "It holds NaN or infinity, most often because a network was converted to half precision that does not bear it. "
        "A curator exports the model anew, or another image is tried."
    )


class ModelClosed(BackendError):
    """The model was unloaded before the call."""

    code = "model-closed"
    status = 503
    title = "The model was unloaded meanwhile"
    advice = "Try again: it is loaded anew."
    retryable = True


class BadInput(BackendError):
    """The caller's input cannot be used: base of all complaints about images, tensors and parameters."""

    code = "bad-input"
    status = 400
    title = "The input cannot be used"
    advice = "The message says what is wrong with it."


class BadParameter(BadInput):
    """A parameter of the request has an unknown name, a wrong type or a value out of range."""

    code = "bad-parameter"
    status = 400
    title = "A parameter is unknown or out of range"
    advice = "The message names the parameter. The API's description lists all of them with their ranges."


class BadTensor(BadInput):
    """A tensor has the wrong name, shape or data type for the network."""

    code = "bad-tensor"
    status = 400
    title = "A tensor does not fit the network"
    advice = "Compare name, shape and data type with the model's metadata at /v2/models/<id>."


class BadText(BadInput):
    """A text is longer than the model takes, or the model takes no texts."""

    code = "bad-text"
    status = 400
    title = "The model cannot take the text"
    advice = "Shorten the text; the message says how much the model takes, or that it takes images alone."


class BadImage(BadInput):
    """The bytes are not an image that we can decode."""

    code = "bad-image"
    status = 400
    title = "The bytes are no image"
    advice = "Send a JPEG, PNG, WebP or BMP file, unchanged, as the body."


class UnsupportedImage(BadImage):
    """An image, but of a kind that is not accepted: another format, animated, or with strange channels."""

    code = "image-unsupported"
    status = 400
    title = "Images of this kind are not taken"
    advice = "Send a JPEG, PNG, WebP or BMP with one frame; others are converted by the caller."


class ImageTruncated(BadImage):
    """The image starts well and ends too early, or its data are damaged."""

    code = "image-truncated"
    status = 400
    title = "The image is damaged or cut short"
    advice = "Check that the file opens, and send all of it."


class ImageTooLarge(BadImage):
    """The image has more pixels than this server decodes."""

    code = "image-too-large"
    status = 413
    title = "The image has too many pixels, or its decoder would go over them too often"
    advice = (
        "Scale it down before sending, and save a progressive JPEG as an ordinary one. The operator can change "
        "MAX_IMAGE_PIXELS."
    )


class HostError(BackendError):
    """Base of the errors of the model host itself."""

    code = "host-error"
    status = 503
    title = "The model host failed"
    advice = "Try again in a moment."


class HostDied(HostError):
    """The host ended while it worked on this request; it is restarted, and the request may be repeated."""

    code = "host-died"
    status = 503
    title = "The model host ended during the request"
    advice = "It is being restarted: try again. If one package keeps ending it, the package is blocked."
    retryable = True


class HostUnavailable(HostError):
    """No host answers: it is starting, stopping, or cannot be started at all."""

    code = "host-unavailable"
    status = 503
    title = "The model host does not answer"
    advice = "It is starting or restarting: try again in a moment."
    retryable = True


class HostBusy(HostError):
    """The queue is full. ``retry_after`` says in how many seconds there should be room again."""

    code = "host-busy"
    status = 503
    title = "The queue of the model is full"
    advice = "Try again after the seconds in the header Retry-After."
    retryable = True

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeadlineExceeded(HostError):
    """No result before the request's deadline."""

    code = "deadline-exceeded"
    status = 504
    title = "The model did not answer in time"
    advice = "Try again when the server is less busy, or send smaller images. The operator can raise the deadline."
    retryable = True


class PackageFailedToLoad(HostError):
    """The runtime refused the package. ``cause`` is the code of the error beneath, if it had one."""

    code = "package-failed-to-load"
    status = 503
    title = "The package could not be loaded"
    advice = "The message says why. A curator publishes another package of the model."

    def __init__(self, message: str, cause: str | None = None) -> None:
        super().__init__(message)
        self.cause = cause


class PackageBlocked(HostError):
    """The package ended the host too often, or whoever prepared it: it is not loaded until somebody unblocks it."""

    code = "package-set-aside"
    status = 503
    title = "The package is blocked"
    advice = (
        "It ended the model host too often, or the process that prepared it. A curator can unblock it in the admin, "
        "after a look at the reason."
    )
    START = "The package is blocked. "
    NOT_PREPARED = "It could not be prepared"

    @property
    def reason(self) -> str:
        """Why, as a sentence."""
        return self.message.removeprefix(self.START)


class MemoryBudgetExceeded(HostError):
    """The package does not fit into the memory budget, or everything else in it is pinned."""

    code = "memory-budget-exceeded"
    status = 507
    title = "The model does not fit into the memory that the model host may use"
    advice = "The operator raises MODEL_HOST_MEMORY_BYTES or unloads pinned models."


class RequestTooLarge(HostError):
    """The request, or its answer, is larger than the host takes."""

    code = "host-request-too-large"
    status = 413
    title = "The request is larger than the model host takes"
    advice = "Send fewer or smaller images in one request."


class ProtocolError(HostError):
    """The bytes on the socket are not a message of this protocol."""

    code = "host-protocol-error"
    status = 500
    title = "The model host could not be understood"
    advice = "Tell the operator the request id."


class HostFault(HostError):
    """A fault in the host's own code; the details are in its log."""

    code = "host-fault"
    status = 500
    title = "The model host has a defect"
    advice = "Tell the operator the request id."
