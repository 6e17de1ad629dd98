"""`manage.py environment`: what this machine offers, and where each fact comes from."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from inference_app.management.tables import console, facts_table, plain, rows_table, write_json
from inference_app.services import environment


class Command(BaseCommand):
    help = "Show the environment that packages are chosen for on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON, which the admin takes as a machine")

    def handle(self, *args: Any, **options: Any) -> None:
        described = environment.describe()
        if options["json"]:
            write_json(self.stdout, described)
            return
        out = console(self.stdout)
        rows = [
            (field["field"], "none" if field["value"] in (None, [], ()) else field["value"], field["source"])
            for field in described["fields"]
        ]
        out.print(rows_table("What this machine offers", ["field", "value", "source"], rows))
        out.print(facts_table([("fingerprint", described["fingerprint"])]))
        for problem in described["problems"]:
            out.print(plain(f"! {problem}"))
