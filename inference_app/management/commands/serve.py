"""`manage.py serve`: prepare the installation and serve it, in one command."""

from __future__ import annotations

import gc
import os
import resource
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import env
from config.data_directory import prepare
from inference_app.management import announcing
from inference_app.services import first_credentials, first_start, ports
from jobs import worker
from packages_app.services.inspecting import abandon_left_behind
from registry.metrics import share_between_processes

# Threads wait for the model host, never for clients; the host itself bounds how much is run at once.
DEFAULT_THREADS = 64
# A connection that sends no request for so long ends.
SILENT_MILLISECONDS = 20_000
MOST_CONNECTIONS = 8192
IMAGE = "demo/images/meadow.jpg"


class Command(BaseCommand):
    help = (
        "Migrate, publish the demo model on the first start, and serve with Granian, with a worker for jobs beside it."
    )
    # They run once it is clear that there is something to check.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=_number(1, 65535), default=env.integer("PORT", 8000, minimum=1))
        parser.add_argument(
            "--workers", type=_number(1, 256), default=1, help="web processes; they share one model host"
        )
        parser.add_argument(
            "--threads", type=_number(1, 4096), default=DEFAULT_THREADS, help="requests at once in each of them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._require_port(options)
        prepare()
        self.check()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        abandon_left_behind()
        first_start.publish_demo()
        host = options["host"]
        shown_host = "127.0.0.1" if host in {"0.0.0.0", "::"} else f"[{host}]" if ":" in host else host
        self._announce(f"http://{shown_host}:{options['port']}")
        # Another server may have come while this one was prepared.
        self._require_port(options)
        # Looking for garbage writes to every object, and would copy the memory that forked processes share.
        gc.freeze()
        # With a broker, Celery's workers run the jobs.
        with nullcontext() if settings.BROKER_URL else worker.beside():
            self._serve(host, options["port"], options["workers"], options["threads"])

    def _require_port(self, options: dict[str, Any]) -> None:
        try:
            ports.require_free(options["host"], options["port"])
        except ports.PortUnavailable as error:
            raise CommandError(str(error)) from error

    def _credentials(self) -> str:
        """Make and show what the installation still lacks; returns the line that sets TOKEN."""
        if first_start.somebody_has_logged_in():
            first_credentials.remove()
        # A file that nobody has used yet still holds.
        elif not first_credentials.path().exists() and (made := first_start.make_credentials()) is not None:
            if self.stdout.isatty():
                self.stdout.write(f"  administrator  {made.admin_name}  password  {made.admin_password}")
                self.stdout.write("  (shown once; as long as nobody logs in, each start makes a new one)")
                return f"TOKEN={made.token}"
            first_credentials.write(made)
        if first_credentials.path().exists():
            self.stdout.write(f"  first credentials in {first_credentials.path()}, until the first login")
            return announcing.token_from_file(first_credentials.path())
        return announcing.new_token(first_start.DEMO_WORKSPACE)

    def _announce(self, address: str) -> None:
        line = self.stdout.write
        line(f"Weighbridge at {address}")
        set_token = self._credentials()
        if first_start.demo_is_published():
            line("Lines to paste:")
            image = settings.BASE_DIR / IMAGE
            for each in announcing.lines_to_paste(address, first_start.DEMO_MODEL_ID, image, set_token):
                line(f"  {each}")
        line(f"  {address}/admin/")
        self.stdout.flush()

    def _serve(self, host: str, port: int, workers: int, threads: int) -> None:
        from granian import Granian
        from granian.constants import HTTPModes, Interfaces
        from granian.http import HTTP1Settings

        os.environ["WEB_THREADS"] = str(threads)
        if settings.METRICS:
            share_between_processes(settings.DATA_DIR / "metrics")
        server = Granian(
            "config.asgi:application",
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            workers=workers,
            backlog=1024,
            backpressure=_most_connections(),
            # Told apart from HTTP/2 by its first bytes, a connection that sends none would never end.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=SILENT_MILLISECONDS),
            respawn_failed_workers=True,
            log_access=False,
            workers_kill_timeout=30,
            websockets=False,
        )
        try:
            server.serve()
        except OSError as error:
            raise CommandError(f"Cannot listen on port {port}: {error.strerror}.") from error


def _most_connections() -> int:
    """Connections at once in one process: each needs a file descriptor, and half of them are for everything else."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(2 * MOST_CONNECTIONS, hard) if hard != resource.RLIM_INFINITY else 2 * MOST_CONNECTIONS
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return min(MOST_CONNECTIONS, max(soft, wanted) // 2)


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not low <= int(text) <= high:
            raise ArgumentTypeError(f"a number from {low} to {high} is needed, not {text!r}")
        return int(text)

    return read
