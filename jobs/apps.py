from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        from jobs.services.describing import count_by_kind_and_state
        from registry.metrics import Gauge, add_gauge

        add_gauge(
            Gauge("weighbridge_jobs", "Jobs, until they are removed.", ("kind", "state"), count_by_kind_and_state)
        )
