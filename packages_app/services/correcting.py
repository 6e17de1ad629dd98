"""Correcting what a model is, as long as clients do not rely on it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from negotiation import known_models
from packages_app.errors import InvalidModel, ModelIdentityFrozen
from packages_app.models import Package, State
from packages_app.services.locking import lock
from registry.models import Model
from registry.services import audit
from registry.services.audit import Actor


def correct_model(
    model: Model,
    *,
    model_id: str | None = None,
    architecture: str | None = None,
    task_type: str | None = None,
    actor: Actor,
) -> Model:
    """Change what is given. Packages that were inspected for another kind of model become drafts.

    Raises InvalidModel and ModelIdentityFrozen.
    """
    given = {"model_id": model_id, "architecture": architecture, "task_type": task_type}
    with transaction.atomic():
        model = Model.objects.select_for_update().get(pk=model.pk)
        changes = {name: value for name, value in given.items() if value is not None and value != getattr(model, name)}
        if not changes:
            return model
        if Package.objects.filter(model=model, state=State.PUBLISHED).exists():
            raise ModelIdentityFrozen
        for name, value in changes.items():
            setattr(model, name, value)
        if changes.keys() & {"architecture", "task_type"}:
            require_known(model.architecture, model.task_type)
        try:
            model.full_clean(exclude={field.name for field in Model._meta.fields} - changes.keys())
        except ValidationError as error:
            raise InvalidModel(" ".join(error.messages)) from error
        model.save(update_fields=list(changes))
        audit.record("model.corrected", model, actor=actor, workspace=model.workspace, changes=changes)
        if changes.keys() & {"architecture", "task_type"}:
            reopen_packages(model, actor=actor)
    return model


def require_known(architecture: str, task_type: str) -> None:
    """Raises InvalidModel where no client could load such a model, with the closest value that they know."""
    problems = known_models.model_problems(architecture, task_type)
    if problems:
        raise InvalidModel(" ".join(problems.values()))


def reopen_packages(model: Model, *, actor: Actor) -> None:
    """Make drafts of the packages that were inspected for another architecture or task. Call it in the transaction."""
    for package in Package.objects.filter(model=model).exclude(state__in=[State.PUBLISHED, State.WITHDRAWN]):
        lock(package)
        if package.is_frozen or (package.state == State.DRAFT and not package.inspection):
            continue
        package.reopen()
        package.save(update_fields=["state", "inspection", "quarantine_reason"])
        audit.record(
            "package.reopened",
            package,
            actor=actor,
            workspace=model.workspace,
            model=model.model_id,
            reason="The kind of model was corrected.",
        )
