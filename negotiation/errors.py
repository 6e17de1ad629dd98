"""Everything that can go wrong while a package is chosen, as typed errors.

The class names follow the AutoModel client's own where it has one, so that an error can be compared
by name. Where the client lets a raw ``TypeError`` or ``ValueError`` escape, there is a class of ours.
Messages are written for the end user: they name the argument to change and hold no internals.
"""

from __future__ import annotations

from typing import ClassVar


class NegotiationError(Exception):
    """Base of all errors raised by ``negotiation``.

    ``code`` is a stable kebab-case name for programs and help pages; ``retryable`` says whether the same
    question can succeed later without being changed.
    """

    code: ClassVar[str] = "negotiation-error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidEnvironmentError(NegotiationError):
    """A description of a machine is malformed."""

    code = "invalid-environment"


class InvalidRequestError(NegotiationError):
    """A negotiation request is malformed as a document: an unknown argument, or a value no client could pass."""

    code = "invalid-negotiation-request"


class InvalidPolicyError(NegotiationError):
    """A policy file is malformed."""

    code = "invalid-negotiation-policy"


class ModelRetrievalError(NegotiationError):
    """The provider's reply is unusable, or announces no packages at all for the model."""

    code = "model-retrieval-failed"


class InvalidMetadataError(ModelRetrievalError):
    """A provider's reply is not a model metadata document."""

    code = "invalid-model-metadata"


class InvalidParameterError(NegotiationError):
    """An argument outside package selection itself is invalid: the device or a capability."""

    code = "invalid-parameter"


class ModelPackageNegotiationError(NegotiationError):
    """Packages could not be compared with the machine."""

    code = "package-negotiation-failed"


class UnknownBackendTypeError(ModelPackageNegotiationError):
    """``backend`` names something that is no backend."""

    code = "unknown-backend"


class UnknownQuantizationError(ModelPackageNegotiationError):
    """``quantization`` names something that is no quantization."""

    code = "unknown-quantization"


class InvalidRequestedBatchSizeError(ModelPackageNegotiationError):
    """``batch_size`` is neither a positive integer nor an ascending pair of them."""

    code = "invalid-batch-size"


class NoModelPackagesAvailableError(ModelPackageNegotiationError):
    """No package is left to run.

    ``kind`` tells apart why: ``no_packages_announced``, ``package_id_not_found``, ``package_id_untrusted``,
    ``package_id_lacks_capability``, ``all_packages_filtered_out``, ``zero_loading_attempts``.
    """

    code = "no-model-packages-available"

    def __init__(self, message: str, kind: str = "all_packages_filtered_out") -> None:
        super().__init__(message)
        self.kind = kind


class AmbiguousModelPackageResolutionError(ModelPackageNegotiationError):
    """Several packages carry the requested package id."""

    code = "ambiguous-model-package"


class RuntimeIntrospectionError(ModelPackageNegotiationError):
    """The machine could not be described well enough to choose anything for it."""

    code = "runtime-introspection-failed"


class JetsonTypeResolutionError(RuntimeIntrospectionError):
    """The Jetson product is configured to a name that is not known."""

    code = "unknown-jetson-type"


class InvalidNmsFusionPreferencesError(ModelPackageNegotiationError):
    """``nms_fusion_preferences`` cannot be compared with a package (the client crashes here)."""

    code = "invalid-nms-fusion-preferences"


class MalformedModelFeaturesError(ModelPackageNegotiationError):
    """A package's ``nms_fused`` feature is not an object (the client crashes here)."""

    code = "malformed-model-features"


class BatchSizeNotDeclaredError(ModelPackageNegotiationError):
    """A batch size was requested of a package that declares none (the client crashes here)."""

    code = "batch-size-not-declared"
