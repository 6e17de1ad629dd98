from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "Registry"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, pre_migrate

        from registry import checks  # noqa: F401 - registers the checks
        from registry.api import description
        from registry.api.schema import add_paths
        from registry.triggers import drop_before_migrations, install_triggers

        pre_migrate.connect(drop_before_migrations, sender=self)
        post_migrate.connect(install_triggers, sender=self)
        add_paths(description.TAG, description.ABOUT, description.PATHS)
