"""Machines that curators described themselves: devices in the field, as they really are."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from negotiation.errors import NegotiationError
from negotiation.machines import Machine, catalogue, machine_from_json
from negotiation.machines.machine import MAX_NAME_LENGTH, MAX_TEXT_LENGTH
from registry.models import Workspace

THIS_SERVER = "this-server"
MAX_SOURCE_LENGTH = 1000


class MachineRecord(models.Model):
    """A machine of one workspace, beside those of the catalogue.

    ``environment`` holds every field, as `negotiation.Environment.to_json` writes it.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="machines")
    slug = models.SlugField(
        "name", max_length=MAX_NAME_LENGTH, help_text="What commands and the API call it, such as `line-3-camera`."
    )
    title = models.CharField(max_length=MAX_TEXT_LENGTH)
    environment = models.JSONField()
    dated = models.DateField(null=True, blank=True, help_text="When the machine was like this.")
    source = models.CharField(max_length=MAX_SOURCE_LENGTH, blank=True, help_text="Who says so, or where it says so.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["workspace", "title", "slug"]
        verbose_name = "machine"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "slug"],
                name="machine_name_once_per_workspace",
                violation_error_message="The workspace has a machine of this name already.",
            ),
            models.CheckConstraint(condition=~Q(slug=""), name="machine_name_not_blank"),
            models.CheckConstraint(condition=Q(slug=Lower("slug")), name="machine_name_lower_case"),
            models.CheckConstraint(
                condition=~Q(slug=THIS_SERVER),
                name="machine_name_not_this_server",
                violation_error_message="This name is taken: it means the machine that runs the server.",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="machine_title_not_blank"),
            # Only an object that Environment wrote has all fields; another would describe some other machine.
            models.CheckConstraint(
                condition=Q(environment__has_keys=["gpu_devices", "available_onnx_execution_providers"]),
                name="machine_environment_described",
                violation_error_message="The environment is not described.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.slug in {machine.name for machine in catalogue()}:
            raise ValidationError({"slug": "A machine of the catalogue has this name."})
        try:
            machine = self.described()
        except NegotiationError as error:
            raise ValidationError(error.message) from error
        self.environment = machine.environment.to_json()

    def described(self) -> Machine:
        """The machine as negotiation knows machines. Raises InvalidMachineError for a row that holds nonsense."""
        described: dict[str, Any] = {
            "name": self.slug,
            "title": self.title,
            "environment": self.environment,
            "dated": None if self.dated is None else self.dated.isoformat(),
            "source": self.source or None,
        }
        return machine_from_json(described)
