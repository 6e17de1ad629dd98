"""Runs beside a live server, on the same DATA_DIR: does what a curator or an operator would do.

Everything goes through the doors that people have, the management commands, or through the services that the
admin calls. Reads one JSON line {"do": action, ...} and answers one.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command


def token(workspace: str, scopes: str) -> dict[str, Any]:
    return {"token": _printed("token", "create", "--workspace", workspace, "--create-workspace", "--scopes", scopes)}


def revoke(token: str) -> dict[str, Any]:
    from registry.services.tokens import TOKEN_START

    _printed("token", "revoke", token.removeprefix(TOKEN_START).split("_")[0])
    return {}


def push(directory: str, model: str, workspace: str, options: list[str], manifest: str | None) -> dict[str, Any]:
    from packages_app.models import Package

    arguments = ["push", directory, "--model", model, "--workspace", workspace, "--create-workspace", *options]
    printed = _printed(*arguments, *(["--manifest", manifest] if manifest else []))
    package = Package.objects.filter(model__model_id=model).latest("pk")
    return {"pk": package.pk, "package_id": package.package_id, "state": package.state, "printed": printed}


def try_push(directory: str, model: str, workspace: str, manifest: str | None) -> dict[str, Any]:
    """`push --trust --publish` of what may be refused: what became of it, and every word that the command said."""
    from django.core.management.base import CommandError

    from packages_app.models import Package

    arguments = ["push", directory, "--model", model, "--workspace", workspace, "--public", "--trust", "--publish"]
    arguments.append("--create-workspace")
    output = io.StringIO()
    try:
        call_command(*arguments, *(["--manifest", manifest] if manifest else []), stdout=output, stderr=output)
    except CommandError as error:
        output.write(str(error))
    package = Package.objects.filter(model__model_id=model, state="published").first()
    return {"package_id": package.package_id if package else "", "said": output.getvalue().strip()}


def alias(model: str, alias: str) -> dict[str, Any]:
    from registry.models import Model, ModelAlias

    row = ModelAlias(model=Model.objects.get(model_id=model), alias=alias)
    row.full_clean()
    row.save()
    return {}


def depend(model: str, name: str, depends_on: str) -> dict[str, Any]:
    from registry.models import Model, ModelDependency

    models = Model.objects
    row = ModelDependency(model=models.get(model_id=model), name=name, depends_on=models.get(model_id=depends_on))
    row.full_clean()
    row.save()
    return {}


def change_model(model: str, fields: dict[str, Any]) -> dict[str, Any]:
    from registry.models import Model

    row = Model.objects.get(model_id=model)
    for name, value in fields.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    return {}


def publish(pk: int) -> dict[str, Any]:
    from packages_app.models import Package
    from packages_app.services import publishing
    from registry.services.audit import SYSTEM

    publishing.publish(Package.objects.get(pk=pk), actor=SYSTEM)
    return {"package_id": Package.objects.get(pk=pk).package_id}


def withdraw(pk: int) -> dict[str, Any]:
    from packages_app.models import Package
    from packages_app.services import publishing
    from registry.services.audit import SYSTEM

    publishing.withdraw(Package.objects.get(pk=pk), actor=SYSTEM, reason="A test withdraws it.")
    return {}


def metadata(model: str, host: str, lifetime_seconds: int) -> dict[str, Any]:
    """The answer of the provider to ``host``, with addresses that live for ``lifetime_seconds``; negative: expired."""
    from django.test import Client
    from django.test.utils import override_settings

    with override_settings(DOWNLOAD_LIFETIME_SECONDS=lifetime_seconds):
        response = Client(headers={"host": host}).get("/models/v1/external/weights", {"modelId": model})
    return {"status": response.status_code, "body": response.content.decode()}


def _printed(*arguments: str) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue().strip()


ACTIONS: dict[str, Callable[..., dict[str, Any]]] = {
    action.__name__: action
    for action in (token, revoke, push, try_push, alias, depend, change_model, publish, withdraw, metadata)
}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = ACTIONS[question.pop("do")](**question)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
