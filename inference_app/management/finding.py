"""Finding models for commands, which see all of them: whoever runs a command has the database anyway."""

from __future__ import annotations

from django.core.management.base import CommandError

from registry.models import Model


def model_named(name: str) -> Model:
    """The model with this id or alias. Raises CommandError."""
    models = Model.objects.select_related("workspace")
    model = models.filter(model_id=name).first() or models.filter(aliases__alias=name).first()
    if model is None:
        raise CommandError("There is no model with this id or alias.")
    return model
