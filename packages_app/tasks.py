"""Background work of this room. Without a broker a task runs where it is called; with one, in a Celery worker."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command


@shared_task
def gc() -> None:
    """What `manage.py gc` does; the schedule calls it once a day."""
    call_command("gc")
