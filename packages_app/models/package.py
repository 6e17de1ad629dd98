"""Packages: one way to run a model, with the manifest fields of every backend as columns."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from packages_app.models.blob import Blob
from registry.models import Model

PACKAGE_ID_LENGTH = 32


class State(models.TextChoices):
    """The life of a package. Only `published` is ever announced; `withdrawn` is final."""

    DRAFT = "draft", "Draft"
    INSPECTING = "inspecting", "Being inspected"
    READY = "ready", "Ready"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"
    QUARANTINED = "quarantined", "Quarantined"


class Backend(models.TextChoices):
    """Backends under the names that the client's requests use; the wire's names are in negotiation.wire."""

    ONNX = "onnx", "ONNX"
    TRT = "trt", "TensorRT"
    TORCH = "torch", "Torch"
    HUGGING_FACE = "hugging-face", "Hugging Face"
    TORCH_SCRIPT = "torch-script", "TorchScript"
    ULTRALYTICS = "ultralytics", "Ultralytics"
    COREML = "coreml", "Core ML"
    MEDIAPIPE = "mediapipe", "MediaPipe"


class Quantization(models.TextChoices):
    FP32 = "fp32", "FP32"
    FP16 = "fp16", "FP16"
    BF16 = "bf16", "BF16"
    INT8 = "int8", "INT8"
    UNKNOWN = "unknown", "Unknown"


class MachineType(models.TextChoices):
    GPU_SERVER = "gpu-server", "GPU server"
    JETSON = "jetson", "Jetson"


_WITHOUT_BATCH = ["hugging-face", "ultralytics", "mediapipe"]


class Package(models.Model):
    """One way to run a model.

    ``package_id`` is empty until publication; then it is derived from what clients hold immutable, and the
    row cannot change any more except to be withdrawn. Triggers keep that rule, whoever writes.
    """

    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="packages")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT, editable=False)
    package_id = models.CharField(max_length=PACKAGE_ID_LENGTH, blank=True, default="", editable=False)
    backend = models.CharField(max_length=12, choices=Backend)
    quantization = models.CharField(max_length=7, choices=Quantization, default=Quantization.UNKNOWN)
    trusted = models.BooleanField(
        default=False, editable=False, help_text="Clients load only trusted packages unless told otherwise."
    )
    notes = models.CharField(max_length=255, blank=True)

    dynamic_batch_size = models.BooleanField(default=False)
    static_batch_size = models.PositiveIntegerField(null=True, blank=True)
    min_batch_size = models.PositiveIntegerField(null=True, blank=True)
    opt_batch_size = models.PositiveIntegerField("optimal batch size", null=True, blank=True)
    max_batch_size = models.PositiveIntegerField(null=True, blank=True)

    opset = models.PositiveIntegerField(null=True, blank=True, help_text="ONNX only.")
    # Not on the wire: no client asks for it, and some cannot read the file.
    ir_version = models.PositiveIntegerField(
        "IR version", null=True, blank=True, editable=False, help_text="ONNX only: the version of the file's format."
    )
    incompatible_providers = models.JSONField(
        null=True, blank=True, help_text="ONNX only: execution providers that cannot run this package."
    )

    cuda_device_type = models.CharField(max_length=120, blank=True, help_text="Such as `nvidia-l4`.")
    cuda_device_cc = models.CharField("CUDA compute capability", max_length=40, blank=True)
    cuda_version = models.CharField(max_length=40, blank=True)
    trt_version = models.CharField("TensorRT version", max_length=40, blank=True)
    same_cc_compatible = models.BooleanField("runs on every GPU of the same compute capability", default=False)
    trt_forward_compatible = models.BooleanField("runs on later TensorRT versions", default=False)
    trt_lean_runtime_excluded = models.BooleanField("built without the lean runtime", default=False)
    machine_type = models.CharField(max_length=12, choices=MachineType, blank=True)
    driver_version = models.CharField(max_length=40, blank=True)
    os_version = models.CharField("OS version", max_length=80, blank=True)
    l4t_version = models.CharField("L4T version", max_length=40, blank=True)
    device_name = models.CharField(max_length=120, blank=True, help_text="The Jetson module.")

    supported_device_types = models.JSONField(
        null=True, blank=True, help_text='TorchScript only, such as ["cpu", "cuda"].'
    )
    torch_version = models.CharField(max_length=40, blank=True, help_text="TorchScript only: the oldest that runs it.")
    torchvision_version = models.CharField(max_length=40, blank=True)

    # None and {} are different things to clients, which hold this field immutable.
    model_features = models.JSONField(null=True, blank=True)
    recommended_parameters = models.JSONField(
        null=True, blank=True, help_text="Empty: those of the model at the time of publication."
    )
    memory_profile = models.JSONField(null=True, blank=True)

    inspection = models.JSONField(default=dict, blank=True, editable=False)
    quarantine_reason = models.CharField(max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=255, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = models.CharField(max_length=255, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.CharField(max_length=255, blank=True, editable=False)
    withdrawal_reason = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        permissions = [("trust_package", "Can mark packages as trusted")]
        indexes = [models.Index(fields=["model", "state", "package_id"], name="package_announced")]
        constraints = [
            models.UniqueConstraint(
                fields=["package_id"], condition=Q(state="published"), name="package_id_published_once"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="package_state_known"),
            models.CheckConstraint(condition=Q(backend__in=Backend.values), name="package_backend_known"),
            models.CheckConstraint(
                condition=Q(quantization__in=Quantization.values), name="package_quantization_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["published", "withdrawn"], package_id__length=PACKAGE_ID_LENGTH)
                | (~Q(state__in=["published", "withdrawn"]) & Q(package_id="")),
                name="package_id_from_publication_on",
            ),
            models.CheckConstraint(condition=Q(package_id=Lower("package_id")), name="package_id_lower_case"),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "withdrawn"]) | Q(published_at__isnull=False),
                name="package_published_at_known",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at__isnull=True)),
                name="package_withdrawn_at_with_state",
            ),
            models.CheckConstraint(
                condition=Q(dynamic_batch_size=False) | Q(static_batch_size__isnull=True),
                name="package_batch_dynamic_or_static",
                violation_error_message="A package has a dynamic batch size or a static one, not both.",
            ),
            models.CheckConstraint(
                condition=Q(static_batch_size__isnull=True) | Q(static_batch_size__gt=0),
                name="package_static_batch_positive",
                violation_error_message="A static batch size is at least 1.",
            ),
            # What clients could not load may be drafted, never published.
            models.CheckConstraint(
                condition=Q(state__in=["draft", "inspecting", "quarantined"])
                | Q(backend__in=_WITHOUT_BATCH)
                | Q(dynamic_batch_size=True)
                | Q(static_batch_size__isnull=False),
                name="package_batch_known_when_ready",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "inspecting", "quarantined"])
                | ~Q(backend="onnx")
                | Q(opset__isnull=False),
                name="package_onnx_opset_when_ready",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "inspecting", "quarantined"])
                | ~Q(backend="trt")
                | (
                    ~Q(cuda_device_type="")
                    & ~Q(cuda_device_cc="")
                    & ~Q(cuda_version="")
                    & ~Q(trt_version="")
                    & Q(machine_type__in=MachineType.values)
                    & ~Q(driver_version="")
                    & (
                        (Q(machine_type="gpu-server") & ~Q(os_version=""))
                        | (Q(machine_type="jetson") & ~Q(l4t_version="") & ~Q(device_name=""))
                    )
                    & (
                        Q(dynamic_batch_size=False)
                        | Q(min_batch_size__isnull=False, opt_batch_size__isnull=False, max_batch_size__isnull=False)
                    )
                ),
                name="package_trt_details_when_ready",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "inspecting", "quarantined"])
                | ~Q(backend="torch-script")
                | (Q(supported_device_types__isnull=False) & ~Q(torch_version="")),
                name="package_torch_script_details_when_ready",
            ),
        ]

    def __str__(self) -> str:
        return self.package_id or f"draft {self.pk} of {self.model}"

    @property
    def is_frozen(self) -> bool:
        """Whether the package can no longer be edited."""
        return self.state in {State.PUBLISHED, State.WITHDRAWN}

    def reopen(self) -> None:
        """Make it a draft again, without saving: what its inspection found no longer holds."""
        self.state = State.DRAFT
        self.inspection = {}
        self.quarantine_reason = ""


class PackageFile(models.Model):
    """A file of a package: the name clients lay it out under, and its bytes."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="files")
    handle = models.CharField(max_length=1024)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="files")

    class Meta:
        ordering = ["handle"]
        constraints = [
            # Two handles that differ in case alone are one file on half of the world's file systems.
            models.UniqueConstraint("package", Lower("handle"), name="package_file_handle_once"),
            models.CheckConstraint(condition=~Q(handle=""), name="package_file_handle_not_blank"),
        ]

    def __str__(self) -> str:
        return self.handle


class PackageBenchmark(models.Model):
    """How fast a package ran on one kind of machine. Not part of the package: it may be measured again."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="benchmarks")
    environment_fingerprint = models.CharField(max_length=64)
    environment = models.JSONField()
    figures = models.JSONField(help_text="Milliseconds and images a second, as backends.benchmark writes them.")
    measured_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["package", "environment_fingerprint"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "environment_fingerprint"], name="benchmark_once_per_environment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.package} on {self.environment_fingerprint[:8]}"


class PackageFailure(models.Model):
    """A package that ended the model host ``strikes`` times, or whose load did not end: this server passes it over."""

    package = models.OneToOneField(Package, on_delete=models.CASCADE, related_name="failure")
    reason = models.CharField(max_length=500)
    strikes = models.PositiveIntegerField(default=1)
    set_aside_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.package}: {self.reason}"
