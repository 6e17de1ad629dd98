"""Packages: one way to run a model. What is listed, filtered or constrained is a column; the rest is one document."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from negotiation.manifests import BACKENDS
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


def backend_choices() -> list[tuple[str, str]]:
    """Backends by the names that the client's requests use. A function, so that a new one needs no migration."""
    return [(backend, manifest.title) for backend, manifest in BACKENDS.items()]


class Quantization(models.TextChoices):
    FP32 = "fp32", "FP32"
    FP16 = "fp16", "FP16"
    BF16 = "bf16", "BF16"
    INT8 = "int8", "INT8"
    UNKNOWN = "unknown", "Unknown"


class Package(models.Model):
    """One way to run a model.

    ``package_id`` is empty until publication; then it is derived from what clients hold immutable, and the
    row cannot change any more except to be withdrawn. Triggers keep that rule, whoever writes, and those that know the
    backends: which there are, and what a package must say before it is ready (`packages_app.triggers`).
    """

    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="packages")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT, editable=False)
    package_id = models.CharField(max_length=PACKAGE_ID_LENGTH, blank=True, default="", editable=False)
    backend = models.CharField(max_length=40, choices=backend_choices)
    quantization = models.CharField(max_length=7, choices=Quantization, default=Quantization.UNKNOWN)
    trusted = models.BooleanField(
        default=False, editable=False, help_text="Clients load only trusted packages unless told otherwise."
    )
    notes = models.CharField(max_length=255, blank=True)

    dynamic_batch_size = models.BooleanField(default=False)
    static_batch_size = models.PositiveIntegerField(null=True, blank=True)
    # What the backend's manifest has beyond these columns, by the names of `negotiation.manifests`. Services write it.
    manifest = models.JSONField(default=dict, blank=True, editable=False)

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
        ]

    def __str__(self) -> str:
        return self.package_id or f"draft {self.pk} of {self.model}"

    @property
    def manifest_values(self) -> dict[str, Any]:
        """What is known of the manifest, by the names of `negotiation.manifests`."""
        return {
            "quantization": self.quantization,
            "dynamic_batch_size": self.dynamic_batch_size,
            "static_batch_size": self.static_batch_size,
            **self.manifest,
        }

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
