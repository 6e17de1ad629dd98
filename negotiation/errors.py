"""Everything that can go wrong while a package is chosen, as typed errors.

The class names follow the AutoModel client's own where it has one, so that an error can be compared
by name. Where the client lets a raw ``TypeError`` or ``ValueError`` escape, there is a class of ours.
Messages are written for the end user: they name the argument to change and hold no internals.
"""

from __future__ import annotations

from typing import ClassVar


class NegotiationError(Exception):
    """Base of all errors raised by ``negotiation``.

    ``code`` is a stable kebab-case name for programs and help pages; ``status`` is that of an HTTP answer, ``title``
    what happened in a few words, ``advice`` what to do about it. ``retryable`` says whether the same question can
    succeed later without being changed.
    """

    code: ClassVar[str] = "negotiation-error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "No package could be chosen"
    advice: ClassVar[str] = "The message says why."
    retryable: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidEnvironmentError(NegotiationError):
    """A description of a machine is malformed."""

    code = "invalid-environment"
    status = 400
    title = "The description of the machine is not valid"
    advice = "Use the JSON that `manage.py environment --json` prints on a machine, or one of the catalogue."


class InvalidRequestError(NegotiationError):
    """A negotiation request is malformed as a document: an unknown argument, or a value no client could pass."""

    code = "invalid-negotiation-request"
    status = 400
    title = "The negotiation request is not valid"
    advice = "It takes the arguments of the client's AutoModel.from_pretrained that bear on the choice."


class InvalidPolicyError(NegotiationError):
    """A policy file is malformed."""

    code = "invalid-negotiation-policy"
    status = 500
    title = "A policy file is damaged"
    advice = "The operator reinstalls the server."


class ModelRetrievalError(NegotiationError):
    """The provider's reply is unusable, or announces no packages at all for the model."""

    code = "model-retrieval-failed"
    status = 409
    title = "The model announces no packages"
    advice = "A curator publishes a package."


class InvalidMetadataError(ModelRetrievalError):
    """A provider's reply is not a model metadata document."""

    code = "invalid-model-metadata"
    status = 400
    title = "The metadata document is not valid"
    advice = "It is the value of modelMetadata."


class InvalidParameterError(NegotiationError):
    """An argument outside package selection itself is invalid: the device or a capability."""

    code = "invalid-parameter"
    status = 400
    title = "An argument is not valid"
    advice = "The message names the argument."


class ModelPackageNegotiationError(NegotiationError):
    """Packages could not be compared with the machine."""

    code = "package-negotiation-failed"
    status = 409
    title = "The packages cannot be compared with the machine"
    advice = "The message says why."


class UnknownBackendTypeError(ModelPackageNegotiationError):
    """``backend`` names something that is no backend."""

    code = "unknown-backend"
    status = 400
    title = "There is no such backend"
    advice = "Backends: torch, torch-script, onnx, trt, hugging-face."


class UnknownQuantizationError(ModelPackageNegotiationError):
    """``quantization`` names something that is no quantization."""

    code = "unknown-quantization"
    status = 400
    title = "There is no such quantization"
    advice = "Quantizations: fp32, fp16, bf16, int8, unknown."


class InvalidRequestedBatchSizeError(ModelPackageNegotiationError):
    """``batch_size`` is neither a positive integer nor an ascending pair of them."""

    code = "invalid-batch-size"
    status = 400
    title = "The batch size is not valid"
    advice = "Give a number from 1, or a pair [low, high]."


class NoModelPackagesAvailableError(ModelPackageNegotiationError):
    """No package is left to run.

    ``kind`` tells apart why: ``no_packages_announced``, ``package_id_not_found``, ``package_id_untrusted``,
    ``package_id_lacks_capability``, ``all_packages_filtered_out``, ``zero_loading_attempts``.
    """

    code = "no-model-packages-available"
    status = 409
    title = "No package of the model can run on this machine"
    advice = (
        "The explanation names for each package the rule that discarded it. The compatibility page of the model in the "
        "admin shows the same for every kind of machine."
    )

    def __init__(self, message: str, kind: str = "all_packages_filtered_out") -> None:
        super().__init__(message)
        self.kind = kind


class AmbiguousModelPackageResolutionError(ModelPackageNegotiationError):
    """Several packages carry the requested package id."""

    code = "ambiguous-model-package"
    status = 409
    title = "Several packages carry the requested id"
    advice = "Withdraw all but one of them."


class RuntimeIntrospectionError(ModelPackageNegotiationError):
    """The machine could not be described well enough to choose anything for it."""

    code = "runtime-introspection-failed"
    status = 409
    title = "The machine is not described well enough"
    advice = "The message names what is missing. On a Jetson, set L4T_VERSION."


class InvalidNmsFusionPreferencesError(ModelPackageNegotiationError):
    """``nms_fusion_preferences`` cannot be compared with a package (the client crashes here)."""

    code = "invalid-nms-fusion-preferences"
    status = 400
    title = "The preferences for built-in suppression are not valid"
    advice = (
        "Give true, false, or an object with max_detections, confidence_threshold, iou_threshold (a number or a pair "
        "of bounds) and class_agnostic."
    )


class MalformedModelFeaturesError(ModelPackageNegotiationError):
    """A package's ``nms_fused`` feature is not an object (the client crashes here)."""

    code = "malformed-model-features"
    status = 409
    title = "The features of a package are malformed"
    advice = "A curator publishes a package whose nms_fused feature is an object."


class BatchSizeNotDeclaredError(ModelPackageNegotiationError):
    """A batch size was requested of a package that declares none (the client crashes here)."""

    code = "batch-size-not-declared"
    status = 409
    title = "A batch size was asked of a package that declares none"
    advice = "Hugging Face packages declare no batch size. Name other backends in the request, or leave batch_size out."


# What can be wrong with a description of a machine that somebody pastes or names.


class UnknownMachineError(NegotiationError):
    """The catalogue holds no machine of this name."""

    code = "unknown-machine"
    status = 400
    title = "There is no machine of that name"
    advice = "GET /api/v1/machines lists the names; `this-server` is this one. Curators add machines in the admin."


class InvalidMachineError(NegotiationError):
    """The description of a machine is malformed."""

    code = "invalid-machine"
    status = 400
    title = "The description of the machine is not valid"
    advice = "Use the JSON that `manage.py environment --json` prints on a machine, or one of the catalogue."


class MachineTooLargeError(InvalidMachineError):
    """The description is longer than any machine's could be."""

    code = "machine-too-large"
    status = 413
    title = "The description of the machine is too long"
    advice = "Send only what `manage.py environment --json` or `python -m negotiation.detection` prints on the machine."


class MachineNotJsonError(InvalidMachineError):
    """The description is not JSON."""

    code = "machine-not-json"
    status = 400
    title = "The description of the machine is not JSON"
    advice = "Send what `manage.py environment --json` or `python -m negotiation.detection` prints, from { to }."


class UnknownMachineKeysError(InvalidMachineError):
    """The description has keys that mean nothing; ``keys`` names them all, each shortened to 80 characters."""

    code = "unknown-machine-keys"
    status = 400
    title = "The description of the machine has unknown keys"
    advice = "The message names them. A misspelt key would describe another machine, so that none is ignored."

    def __init__(self, message: str, keys: tuple[str, ...]) -> None:
        super().__init__(message)
        self.keys = keys
