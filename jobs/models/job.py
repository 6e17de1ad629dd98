"""A job: long work that somebody asked for, from the moment it is asked for until long after it has ended."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.models import Workspace

KIND_LENGTH = 40
MESSAGE_LENGTH = 200
ERROR_LENGTH = 2000


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN_STATES = (State.QUEUED, State.RUNNING)


class Job(models.Model):
    """The row is the truth: messages of a broker and signals between processes only say that there is one.

    It is changed through `jobs.services` alone, by conditional updates. ``runner`` names the claim that runs it: a
    process that was taken for dead, and whose job somebody else runs by now, changes no row any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=KIND_LENGTH)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    # Whose it is: who sees the workspace sees the job.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="jobs")
    requested_by = models.CharField(max_length=255, help_text="The user's name, the token's name, or the command.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # What it is about: a primary key of the kind's own table, and its name at that time, which outlives it.
    object_id = models.BigIntegerField()
    subject = models.CharField(max_length=320)
    progress = models.FloatField(null=True, help_text="From 0 to 1; empty where nobody knows.")
    message = models.CharField(max_length=MESSAGE_LENGTH, blank=True, help_text="What it does at the moment.")
    result = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.CharField(max_length=ERROR_LENGTH, blank=True)
    runner = models.CharField(max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Someone waits for it who would run it, and dies with it: nobody else runs it again then.
    is_attended = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "pk"]
        indexes = [
            models.Index(fields=["state", "created_at"], name="job_by_state"),
            models.Index(fields=["kind", "object_id", "created_at"], name="job_by_object"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id"], condition=Q(state__in=OPEN_STATES), name="job_open_once_for_an_object"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(progress=None) | Q(progress__gte=0, progress__lte=1), name="job_progress_is_a_share"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.RUNNING) | (~Q(runner="") & Q(heartbeat_at__isnull=False)),
                name="job_running_has_a_runner",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, finished_at=None)
                | (~Q(state__in=OPEN_STATES) & Q(finished_at__isnull=False)),
                name="job_finished_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=State.FAILED) | Q(error_code=""), name="job_error_only_where_it_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
