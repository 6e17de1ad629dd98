"""Every way in which a backend can refuse, as one small family of exceptions.

Each class carries a stable ``code`` (kebab-case; the web side maps it to an HTTP status and a help page),
says in ``retryable`` whether the same request may succeed later without a change by the caller, and holds a
message that is fit for the end user: never a path, an address, a secret or a traceback.
"""

from __future__ import annotations

from typing import ClassVar


class BackendError(Exception):
    """Base of all errors of this package."""

    code: ClassVar[str] = "backend-error"
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


class PackageConfigInvalid(PackageDamaged):
    """``inference_config.json`` or another settings file of the package cannot be understood."""

    code = "package-config-invalid"


class NetworkMismatch(PackageDamaged):
    """The network is whole, and not of the kind that the package says: other outputs, of another rank or shape."""

    code = "network-mismatch"


class UnsupportedPackage(BackendError):
    """No implementation for this architecture, task and backend, or a feature that is not supported."""

    code = "package-unsupported"


class UnsupportedOperator(UnsupportedPackage):
    """The file is whole, and the runtime has no implementation of an operator in it, which the message names."""

    code = "operator-unsupported"


class UnsupportedInput(UnsupportedPackage):
    """The network wants an input of a type that cannot be filled, such as bfloat16."""

    code = "input-unsupported"


class RuntimeTooOld(UnsupportedPackage):
    """The file is newer than the runtime that is installed here; a newer one reads it."""

    code = "runtime-too-old"


class RuntimeMissing(BackendError):
    """The library that runs such packages (ONNX Runtime, Torch, TensorRT) is not installed here."""

    code = "runtime-missing"


class DeviceUnavailable(BackendError):
    """The device or execution provider that was asked for cannot be used on this machine."""

    code = "device-unavailable"


class OutOfMemory(BackendError):
    """The device has too little free memory for the model or the request at this moment."""

    code = "out-of-memory"
    retryable = True


class InferenceFailed(BackendError):
    """The runtime failed while it ran the network."""

    code = "inference-failed"


class OutputUnusable(BackendError):
    """The network ran, and its answer is no prediction: a confidence above 1, a class without a name."""

    code = "output-unusable"


class OutputNotFinite(OutputUnusable):
    """The network answered with NaN or infinity where a prediction would be."""

    code = "output-not-finite"


class ModelClosed(BackendError):
    """The model was unloaded before the call."""

    code = "model-closed"
    retryable = True


class BadInput(BackendError):
    """The caller's input cannot be used: base of all complaints about images, tensors and parameters."""

    code = "bad-input"


class BadParameter(BadInput):
    """A parameter of the request has an unknown name, a wrong type or a value out of range."""

    code = "bad-parameter"


class BadTensor(BadInput):
    """A tensor has the wrong name, shape or data type for the network."""

    code = "bad-tensor"


class BadImage(BadInput):
    """The bytes are not an image that we can decode."""

    code = "bad-image"


class UnsupportedImage(BadImage):
    """An image, but of a kind that is not accepted: another format, animated, or with strange channels."""

    code = "image-unsupported"


class ImageTruncated(BadImage):
    """The image starts well and ends too early, or its data are damaged."""

    code = "image-truncated"


class ImageTooLarge(BadImage):
    """The image has more pixels than this server decodes."""

    code = "image-too-large"
