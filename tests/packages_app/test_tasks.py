"""Background work, where there is no broker and where there is one."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import redis
from django.conf import settings

from packages_app.tasks import gc

BROKER = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


@pytest.mark.django_db
def test_without_a_broker_it_is_done_where_it_is_called(settings: object, capsys: pytest.CaptureFixture[str]) -> None:
    gc.delay()
    assert "Unused files removed: 0." in capsys.readouterr().out


def test_the_schedule_names_tasks_that_exist() -> None:
    from config import celery_app

    celery_app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(celery_app.tasks)


def test_with_a_broker_a_worker_does_it(tmp_path: Path) -> None:
    """A real worker and a real Redis: one task is sent, done and answered for, and the worker ends."""
    try:
        redis.Redis.from_url(BROKER).ping()
    except redis.exceptions.ConnectionError:
        pytest.skip("No Redis answers; TEST_REDIS_URL names one.")
    queue = f"test-{uuid.uuid4().hex}"
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "BROKER_URL": BROKER,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    environment.pop("DATABASE_URL", None)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
        )

    assert run("manage.py", "migrate", "-v0").returncode == 0
    send = f"import django; django.setup(); from packages_app.tasks import gc; gc.apply_async(queue='{queue}')"
    sent = run("-c", send)
    assert sent.returncode == 0, sent.stderr
    worker = ["-m", "celery", "-A", "config", "worker", "-P", "prefork", "-c", "1", "-Q", queue, "-l", "INFO"]
    try:
        process = subprocess.Popen(
            [sys.executable, *worker, "--without-gossip", "--without-mingle"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        log = ""
        for line in process.stdout:
            log += line
            if "succeeded" in line or "raised" in line:
                break
        assert "Task packages_app.tasks.gc" in log
        assert "succeeded" in log, log
    finally:
        process.terminate()
        process.wait(30)
        redis.Redis.from_url(BROKER).delete(queue)
