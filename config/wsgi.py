"""The WSGI application that Granian serves."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

from config.data_directory import prepare

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
prepare()
application = get_wsgi_application()

# What was imported lives as long as the process, and requests leave few cycles. Looking for garbage after every 700 new
# objects takes 5 % more of this process's time for an inference (bench/request_path.py, two cores, 2026-12-01).
gc.freeze()
gc.set_threshold(20_000, 20, 20)
