"""`manage.py work`: run jobs on a machine that does not run `manage.py serve`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.data_directory import prepare
from jobs.worker import run_until_told


class Command(BaseCommand):
    help = "Run jobs until SIGTERM. `serve` does it too; with a broker, Celery's workers do."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.BROKER_URL:
            raise CommandError("BROKER_URL is set: run `celery -A config worker --beat` instead.")
        prepare()
        self.stdout.write(f"Runs jobs, {settings.JOBS_AT_ONCE} at once.")
        self.stdout.flush()
        run_until_told()
