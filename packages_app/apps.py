from __future__ import annotations

from django.apps import AppConfig


class PackagesConfig(AppConfig):
    name = "packages_app"
    verbose_name = "Packages"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from jobs import kinds
        from packages_app import checks  # noqa: F401 - registers the checks
        from packages_app.api import description
        from packages_app.services import inspecting
        from packages_app.triggers import PACKAGE_TRIGGERS
        from registry.api.schema import add_paths
        from registry.triggers import add_triggers, install_triggers

        kinds.register(inspecting.JOB)
        add_triggers(PACKAGE_TRIGGERS)
        add_paths(description.TAG, description.ABOUT, description.PATHS)
        post_migrate.connect(install_triggers, sender=self)
