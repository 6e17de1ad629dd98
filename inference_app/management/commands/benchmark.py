"""`manage.py benchmark`: how fast a model's packages run on this machine."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backends.errors import BackendError
from inference_app.management.finding import model_named
from inference_app.management.tables import console, readable_bytes, rows_table, write_json
from inference_app.services import hosts
from inference_app.services.benchmarking import benchmark, runnable_packages
from packages_app.models import Package
from registry.errors import WeighbridgeError

COLUMNS = ["package", "backend", "precision", "median", "95 %", "at 4 in flight", "load", "memory"]


class Command(BaseCommand):
    help = (
        "Time every published package that this machine can run, through the model host, and keep the figures. "
        "The compatibility page of the model shows them. A server that runs meanwhile shares its host."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="id or alias")
        parser.add_argument("--package", help="only the package with this id")
        parser.add_argument("--seconds", type=float, default=3.0, help="how long to measure each package")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["seconds"] <= 600:
            raise CommandError("--seconds takes more than 0 and at most 600.")
        packages = runnable_packages(model_named(options["model"]))
        if options["package"]:
            packages = [package for package in packages if package.package_id == options["package"]]
        if not packages:
            raise CommandError("This machine can run no such package. `manage.py negotiate` says why.")
        try:
            results = [self._run(package, options["seconds"]) for package in packages]
        finally:
            hosts.stop()
        if options["json"]:
            write_json(self.stdout, results)
        else:
            rows = [_row(result) for result in results]
            console(self.stdout).print(rows_table("One image a request, decoding included", COLUMNS, rows))
        if all(result["problem"] for result in results):
            raise CommandError("No package could be measured.")

    def _run(self, package: Package, seconds: float) -> dict[str, Any]:
        result: dict[str, Any] = {
            "package_id": package.package_id,
            "backend": package.backend,
            "quantization": package.quantization,
            "figures": None,
            "problem": None,
        }
        try:
            result["figures"] = benchmark(package, seconds=seconds).figures
        except (BackendError, WeighbridgeError) as error:
            result["problem"] = error.message
        return result


def _row(result: dict[str, Any]) -> list[Any]:
    head = [result["package_id"], result["backend"], result["quantization"]]
    figures = result["figures"]
    if figures is None:
        return [*head, result["problem"], "", "", "", ""]
    return [
        *head,
        f"{figures['latency_ms']:.1f} ms",
        f"{figures['latency_p95_ms']:.1f} ms",
        f"{figures['images_per_second']:.1f}/s",
        f"{figures['load_ms']:.0f} ms",
        readable_bytes(figures["memory_bytes"]),
    ]
