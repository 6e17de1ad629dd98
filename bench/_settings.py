"""The project's settings, and addresses with an empty view beside them."""

from __future__ import annotations

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench._urls"
