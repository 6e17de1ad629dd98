"""`manage.py describe_model`: a model and its published packages."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from inference_app.management.finding import model_named
from inference_app.management.tables import console, facts_table, readable_bytes, rows_table, write_json
from inference_app.services.describing import describe_model

FACTS = ("model_id", "workspace", "architecture", "task_type", "variant", "is_public", "created_at", "aliases")


class Command(BaseCommand):
    help = "Describe a model and its published packages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="id or alias")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        described = describe_model(model_named(options["model"]))
        if options["json"]:
            write_json(self.stdout, described)
            return
        out = console(self.stdout)
        facts = [(name.replace("_", " "), described[name]) for name in FACTS]
        facts += [
            ("classes", described["class_names"]),
            ("recommended", described["recommended_parameters"]),
            *(("depends on", f"{entry['model_id']} as {entry['name']}") for entry in described["dependencies"]),
        ]
        out.print(facts_table(facts))
        rows = [
            (
                package["package_id"],
                package["backend"],
                package["quantization"],
                batch(package),
                package["trusted"],
                package["files"],
                readable_bytes(package["bytes"]),
                "blocked" if package["set_aside"] else "",
            )
            for package in described["packages"]
        ]
        columns = ["package", "backend", "precision", "batch", "trusted", "files", "size", ""]
        out.print(rows_table("Published packages" if rows else "No package is published.", columns, rows))


def batch(package: dict[str, Any]) -> str:
    """The batch size of a described package in a word."""
    if package["dynamic_batch_size"]:
        return "dynamic"
    return "" if package["static_batch_size"] is None else str(package["static_batch_size"])
