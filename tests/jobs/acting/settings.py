from __future__ import annotations

import os

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.acting"]
# Brokers are shared with whatever else runs on this machine.
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("TEST_QUEUE", "celery")
CELERY_BEAT_SCHEDULE = {"look after jobs": {"task": "jobs.tasks.look_after", "schedule": 1.0}}
