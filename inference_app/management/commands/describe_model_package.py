"""`manage.py describe_model_package`: everything about one published package."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inference_app.management.commands.describe_model import batch
from inference_app.management.finding import model_named
from inference_app.management.tables import console, facts_table, plain, readable_bytes, rows_table, write_json
from inference_app.services.describing import describe_package, find_package
from packages_app.errors import PackageNotFound
from packages_app.services import trials


class Command(BaseCommand):
    help = "Describe a published package: manifest, files, benchmarks, inspection."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="id or alias")
        parser.add_argument("package", help="id of the package, its own or the one that clients know")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        model = model_named(options["model"])
        try:
            described = describe_package(find_package(model, options["package"]))
        except PackageNotFound as error:
            raise CommandError("The model has no published package with this id.") from error
        if options["json"]:
            write_json(self.stdout, described)
            return
        out = console(self.stdout)
        blocked = described["set_aside"]
        announced = described["announced_as"]
        out.print(
            facts_table(
                [
                    ("package", described["package_id"]),
                    ("announced as", announced if announced != described["package_id"] else ""),
                    ("model", described["model_id"]),
                    ("backend", described["backend"]),
                    ("precision", described["quantization"]),
                    ("batch", batch(described)),
                    ("trusted", described["trusted"]),
                    ("size", readable_bytes(described["bytes"])),
                    ("published", described["published_at"]),
                    ("trial run", trials.in_words(described["inspection"]["trial"])),
                    ("blocked", blocked and blocked["reason"]),
                    ("ONNX IR version", described["ir_version"]),
                    ("features", described["model_features"]),
                    ("recommended", described["recommended_parameters"]),
                    ("memory", described["memory_profile"]),
                ]
            )
        )
        for title, facts in (("Manifest", described["manifest"]), ("Inspection", described["inspection"]["facts"])):
            if facts:
                out.print(rows_table(title, ["field", "value"], facts.items()))
        for problem in described["inspection"]["problems"]:
            out.print(plain(f"! {problem}"))
        files = [
            (file["handle"], readable_bytes(file["bytes"]), file["md5"], file["sha256"]) for file in described["files"]
        ]
        out.print(rows_table("Files", ["file", "size", "md5", "sha256"], files))
        benchmarks = [
            (entry["fingerprint"][:8], *entry["figures"].items(), entry["measured_at"])
            for entry in described["benchmarks"]
        ]
        for fingerprint, *figures, measured_at in benchmarks:
            out.print(rows_table(f"Benchmark on {fingerprint}, {measured_at}", ["figure", "value"], figures))
