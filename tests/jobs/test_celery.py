"""Celery with real brokers: messages, a broker that is down, and a worker that dies."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from kombu import Connection

from tests.config.test_command_line import free_port
from tests.jobs.stage import Stage, Stages, eventually, migrated_sqlite

pytestmark = pytest.mark.timeout(240)

BROKERS = {
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0"),
    "rabbitmq": os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}
# A broker that is away may cost whoever asks for a job no more than this; an interpreter starts within.
PATIENT_SECONDS = 15


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    with migrated_sqlite(tmp_path_factory.mktemp("file")) as made:
        yield made


@pytest.fixture(params=BROKERS)
def stage(request: pytest.FixtureRequest, files: Stages, tmp_path: Path) -> Iterator[Stage]:
    broker = urlsplit(BROKERS[request.param])
    try:
        socket.create_connection((broker.hostname, broker.port), 3).close()
    except OSError:
        pytest.skip(f"No {request.param} answers.")
    queue = f"test-{secrets.token_hex(6)}"
    with files(tmp_path / "data") as made:
        made.settings |= {"BROKER_URL": broker.geturl(), "TEST_QUEUE": queue}
        yield made
    with Connection(broker.geturl()) as connection:
        connection.default_channel.queue_delete(queue)


def away() -> str:
    return f"amqp://guest:guest@127.0.0.1:{free_port()}//"


def celery(stage: Stage, *options: str) -> None:
    schedule = str(stage.data_dir / "schedule")
    stage.start(
        "-m", "celery", "-A", "config", "worker", "-P", "prefork", "-c", "2", "-l", "WARNING",
        "--without-gossip", "--without-mingle", "-s", schedule, *options,
    )  # fmt: skip


def test_a_job_is_sent_and_run_once(stage: Stage) -> None:
    celery(stage)
    stage.file(range(5), tenths=0)
    eventually(lambda: stage.states() == {"succeeded"})
    assert sorted(stage.acts("begin")) == list(range(5))


def test_what_was_asked_for_while_the_broker_was_down_is_run_when_it_is_back(stage: Stage) -> None:
    assert stage.file(range(3), tenths=0, BROKER_URL=away()) < PATIENT_SECONDS
    assert stage.states() == {"queued"}
    stage.start("-c", OLDER).wait(30)
    celery(stage, "--beat")
    eventually(lambda: stage.states() == {"succeeded"})
    assert sorted(stage.acts("begin")) == list(range(3))


# As if they had been asked for a minute ago: what is younger may be under way.
OLDER = """
import django
django.setup()
from datetime import timedelta
from django.db.models import F
from jobs.models import Job
Job.objects.update(created_at=F("created_at") - timedelta(minutes=1))
"""


def test_the_job_of_a_process_that_was_killed_is_begun_anew(stage: Stage) -> None:
    celery(stage, "--beat")
    stage.file(range(1), tenths=20)
    eventually(lambda: stage.acts("begin") == [0])
    os.kill(stage.actor(0), 9)
    stage.start("-c", OLDER).wait(30)
    eventually(lambda: stage.states() == {"succeeded"})
    assert (stage.acts("begin"), stage.rows()[0]["attempts"]) == ([0, 0], 2)
