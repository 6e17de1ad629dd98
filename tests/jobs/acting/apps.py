from __future__ import annotations

import os
import subprocess
import time
from typing import Any

from django.apps import AppConfig
from django.conf import settings


class ActingConfig(AppConfig):
    """Registers the kind `act`, which takes as many tenths of a second as its subject says, and notes when."""

    name = "tests.jobs.acting"

    def ready(self) -> None:
        from jobs.kinds import Kind, register

        register(Kind("act", "Act", run=_act, give_up=lambda job, actor: None, page=lambda job: "/admin/"))


def _act(run: Any) -> dict[str, Any]:
    _note("begin", run)
    child = subprocess.Popen(["sleep", "600"])
    try:
        for step in range(int(run.job.subject)):
            run.report(f"Step {step}.")
            time.sleep(0.1)
    finally:
        child.kill()
        child.wait()
        _note("end", run)
    return {"done": True}


def _note(what: str, run: Any) -> None:
    # Appended in one piece, whoever else writes.
    with (settings.DATA_DIR / "acts").open("a") as file:
        file.write(f"{what} {run.job.object_id} {os.getpid()}\n")
