"""Django's `manage.py migrate`, which here makes the data directory as well."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from config.data_directory import prepare


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> Any:
        # Before the system checks, which ask the database.
        prepare()
        return super().execute(*args, **options)
