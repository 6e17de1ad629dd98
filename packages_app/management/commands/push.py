"""`manage.py push DIR --model ID`: a package from a directory, without a browser."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from packages_app.errors import AlreadyPublished
from packages_app.inspection.archives import is_archive
from packages_app.models import Package, State
from packages_app.services import inspecting, publishing, trials
from packages_app.services.package_config import CONFIG_NAME
from packages_app.services.push import push_directory
from registry.api.strict_json import StrictDecoder
from registry.errors import WeighbridgeError
from registry.management.workspaces import add_create_option, workspace_for
from registry.services.audit import Actor

DEFAULT_WORKSPACE = "default"
ACTOR = Actor(name="manage.py push")


class Command(BaseCommand):
    help = "Push a directory, laid out as the client's local package, as a package of a model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--model", required=True, help="id of the model; created if it is new")
        parser.add_argument("--workspace", default="", help=f"slug of the workspace; without: {DEFAULT_WORKSPACE}")
        add_create_option(parser)
        parser.add_argument("--public", action="store_true", default=None, help="readable without a token")
        parser.add_argument("--trust", action="store_true", help="clients load only trusted packages by default")
        parser.add_argument("--publish", action="store_true", help="publish if nothing is missing")
        parser.add_argument(
            "--keep-draft", action="store_true", help="keep what cannot be published, to finish it in the admin"
        )
        parser.add_argument(
            "--manifest",
            type=Path,
            help="JSON object of manifest fields that the files do not say, such as "
            '{"torch_version": "2.1.0", "supported_device_types": ["cpu"]}',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["directory"]
        _require_directory(directory)
        manifest = _manifest(options["manifest"])
        # What nobody typed is no typing error.
        slug, create = (
            options["workspace"] or DEFAULT_WORKSPACE,
            options["create_workspace"] or not options["workspace"],
        )
        workspace, is_new = workspace_for(slug, create=create)
        try:
            package = push_directory(
                directory,
                model_id=options["model"],
                workspace=workspace,
                actor=ACTOR,
                public=options["public"],
                trusted=options["trust"],
                publish=options["publish"],
                manifest=manifest,
                keep_draft=options["keep_draft"],
                on_report=self.stdout.write,
            )
        except AlreadyPublished as error:
            self.stdout.write(f"{options['model']}: {error.message} Nothing had to be done.")
            return
        except (ValidationError, WeighbridgeError) as error:
            if is_new:
                workspace.delete()
            reasons = error.message if isinstance(error, WeighbridgeError) else " ".join(error.messages)
            raise CommandError(f"Nothing was pushed. {reasons}") from error
        self._report(package, options)

    def _report(self, package: Package, options: dict[str, Any]) -> None:
        if words := trials.in_words(trials.of(package)):
            self.stdout.write(f"Trial run: {words}")
        for notice in inspecting.notices(package):
            self.stdout.write(f"Note: {notice}")
        if package.state == State.PUBLISHED:
            self.stdout.write(f"{package.model}: package {package.package_id} is published.")
            return
        page = reverse("admin:packages_app_package_change", args=[package.pk])
        if package.state == State.READY:
            how = f"Publish it at {page}, or push again with --publish."
            self.stdout.write(f"{package.model}: package {package.pk} is ready. {how}")
            return
        self.stdout.write(
            f"{package.model}: package {package.pk} is kept and cannot be published yet. Go on at {page}."
        )
        for sentence in publishing.sentences(package):
            self.stdout.write(f"- {sentence}")


def _require_directory(path: Path) -> None:
    """Raises CommandError, with what ``path`` is instead."""
    if path.is_dir():
        return
    if not path.exists():
        raise CommandError(f"{path} does not exist.")
    if is_archive(path.name):
        raise CommandError(f"{path} is an archive; unpack it and push the directory.")
    raise CommandError(f"{path} is a file; push the directory that holds it, with its {CONFIG_NAME}.")


def _manifest(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"), cls=StrictDecoder)
    except (OSError, ValueError) as error:
        raise CommandError("The manifest cannot be read as JSON.") from error
    if not isinstance(document, dict):
        raise CommandError("The manifest is not a JSON object.")
    return document
