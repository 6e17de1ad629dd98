"""`manage.py push DIR --model ID`: a package from a directory, without a browser."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from packages_app.models import State
from packages_app.services import publishing, trials
from packages_app.services.pushing import push_directory
from registry.errors import WeighbridgeError
from registry.services.audit import Actor
from registry.services.workspaces import workspace_named

DEFAULT_WORKSPACE = "default"
ACTOR = Actor(name="manage.py push")


class Command(BaseCommand):
    help = "Push a directory, laid out as the client's local package, as a package of a model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--model", required=True, help="id of the model; created if it is new")
        parser.add_argument("--workspace", default=DEFAULT_WORKSPACE, help="slug; created if it is new")
        parser.add_argument("--public", action="store_true", default=None, help="readable without a token")
        parser.add_argument("--trust", action="store_true", help="clients load only trusted packages by default")
        parser.add_argument("--publish", action="store_true", help="publish if nothing is missing")
        parser.add_argument(
            "--manifest",
            type=Path,
            help="JSON object of manifest fields that the files do not say, such as "
            '{"torch_version": "2.1.0", "supported_device_types": ["cpu"]}',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["directory"]
        if not directory.is_dir():
            raise CommandError("DIR is not a directory.")
        try:
            package = push_directory(
                directory,
                model_id=options["model"],
                workspace=workspace_named(options["workspace"]),
                actor=ACTOR,
                public=options["public"],
                trusted=options["trust"],
                publish=options["publish"],
                manifest=_manifest(options["manifest"]),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except WeighbridgeError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{package.model.model_id}: package {package.package_id or package.pk} is {package.state}.")
        if words := trials.in_words(trials.of(package)):
            self.stdout.write(f"Trial run: {words}")
        if package.state != State.PUBLISHED:
            for problem in publishing.problems(package):
                self.stdout.write(f"- {problem.sentence}")


def _manifest(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError("The manifest cannot be read as JSON.") from error
    if not isinstance(document, dict):
        raise CommandError("The manifest is not a JSON object.")
    return document
