"""The shapes of answers, for the description of the API. Tests hold the answers to them."""

from __future__ import annotations

from rest_framework import serializers

from jobs.models import State


class JobError(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    advice = serializers.CharField(allow_blank=True)
    help_url = serializers.CharField()


class JobDescription(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="Such as `inspection`.")
    state = serializers.ChoiceField(choices=State.values)
    subject = serializers.CharField(help_text="What it is about, by the name that it had then.")
    object_id = serializers.IntegerField(help_text="The number of that in the admin.")
    workspace = serializers.CharField()
    requested_by = serializers.CharField()
    progress = serializers.FloatField(allow_null=True, help_text="From 0 to 1; null where nobody knows.")
    message = serializers.CharField(allow_blank=True, help_text="What it does at the moment.")
    attempts = serializers.IntegerField(help_text="How often it was begun.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    heartbeat_at = serializers.DateTimeField(allow_null=True, help_text="When it last showed that it is run.")
    finished_at = serializers.DateTimeField(allow_null=True)
    result = serializers.DictField(help_text="What came of it; the kind says what is in it.")
    error = JobError(allow_null=True)


class JobPage(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = JobDescription(many=True)
