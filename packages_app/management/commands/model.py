"""`manage.py model correct ID`: what was mistyped, as long as nothing is published."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from packages_app.services.correcting import correct_model
from registry.errors import WeighbridgeError
from registry.models import Model
from registry.services.audit import Actor

ACTOR = Actor(name="manage.py model")


class Command(BaseCommand):
    help = "Correct the id, the architecture or the task of a model that has no published package."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        correct = actions.add_parser("correct", help="change what was mistyped")
        correct.add_argument("model_id", help="the id of the model as it is")
        correct.add_argument("--id", help="what clients ask for, such as defects/3")
        correct.add_argument("--architecture", help="such as yolov8")
        correct.add_argument("--task", help="such as object-detection")

    def handle(self, *args: Any, **options: Any) -> None:
        model = Model.objects.filter(model_id=options["model_id"]).first()
        if model is None:
            raise CommandError(f"There is no model {options['model_id']}.")
        if not any(options[name] for name in ("id", "architecture", "task")):
            raise CommandError("Say what to correct: --id, --architecture or --task.")
        try:
            model = correct_model(
                model,
                model_id=options["id"],
                architecture=options["architecture"],
                task_type=options["task"],
                actor=ACTOR,
            )
        except WeighbridgeError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{model.model_id} is {model.architecture} for {model.task_type}.")
