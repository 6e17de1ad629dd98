"""`manage.py tidy`: the name that `manage.py gc` had until version 0.2, for schedules that call it."""

from __future__ import annotations

from packages_app.management.commands import gc


class Command(gc.Command):
    help = "The earlier name of `gc`."
