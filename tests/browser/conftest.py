"""A server of its own and a real browser for the browser tests. Without Chromium they are skipped."""

from __future__ import annotations

import importlib.util
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 60
# Names that would run code in a page that forgot to escape them.
HOSTILE = '"><img src=x onerror=alert(1)>'

SEED = f"""
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
import os
from registry.models import Model, Workspace
User.objects.create_superuser("root", password=os.environ["ROOT_PASSWORD"])
User.objects.create_user("ann", password=os.environ["ROOT_PASSWORD"], is_staff=True)
workspace = Workspace.objects.create(name="Workshop", slug="workshop")
kind = dict(workspace=workspace, architecture="yolov8", task_type="object-detection")
Model.objects.create(model_id="workshop/plain", **kind)
Model.objects.create(model_id={HOSTILE!r}, class_names=[{HOSTILE!r}], notes={HOSTILE!r}, **kind)
"""

WAIT_MS = 20_000


@dataclass(frozen=True)
class Server:
    """``environment`` is what its process sees, for commands that prepare its data; ``worker`` is who runs its jobs."""

    address: str
    password: str
    environment: dict[str, str]
    worker: int


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/admin/login/", timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The server did not start: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What `manage.py serve` runs, a server and a worker, with data of its own; both end with the module's tests."""
    directory = tmp_path_factory.mktemp("server")
    password = secrets.token_urlsafe(12)
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PUBLIC_URL"}},
        "DATA_DIR": str(directory / "data"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ROOT_PASSWORD": password,
        # Static files come from where they lie: collecting them takes longer than the tests.
        "DEBUG": "true",
        "LOG_LEVEL": "WARNING",
    }
    subprocess.run([sys.executable, "-c", SEED], cwd=ROOT, env=environment, check=True, timeout=START_SECONDS)
    port = _free_port()
    log = directory / "server.log"
    command = [
        sys.executable, "-m", "granian", "--interface", "asginl", "--http", "1", "--port", str(port),
        "config.asgi:application",
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "work"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(address, process, log)
        yield Server(address, password, environment, worker.pid)
    finally:
        for each in (process, worker):
            each.terminate()
        for each in (process, worker):
            try:
                each.wait(timeout=10)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait(timeout=10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Ends with the module: while Playwright's event loop runs, Django refuses to use the database."""
    if not CHROMIUM.exists():
        pytest.skip("there is no /usr/bin/chromium; `make browser` installs it")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed; it is in requirements/dev.txt")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def screenshots() -> Path | None:
    """Where to leave images for somebody to look at: BROWSER_SCREENSHOTS, or nowhere."""
    directory = os.environ.get("BROWSER_SCREENSHOTS")
    if not directory:
        return None
    path = Path(directory)
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="module")
def session(chromium: Any, server: Server) -> Any:
    """The cookies of root, who logged in by the form once for all tests."""
    context = chromium.new_context(base_url=server.address)
    page = context.new_page()
    page.goto("/admin/")
    page.fill("#id_username", "root")
    page.fill("#id_password", server.password)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/admin/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(chromium: Any, server: Server, session: Any) -> Iterator[Callable[..., Any]]:
    """Open a page in a fresh browser profile, logged in as root; a script error or an alert fails the test."""
    contexts = []
    troubles: list[str] = []

    def open_at(path: str, **options: Any) -> Any:
        context = chromium.new_context(base_url=server.address, storage_state=session, **options)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        page.on("dialog", lambda dialog: (troubles.append(f"{page.url}: alert {dialog.message}"), dialog.dismiss()))
        page.goto(path)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert troubles == []


def leave(page: Any, screenshots: Path | None, name: str) -> None:
    """An image of the whole page, where images are wanted."""
    if screenshots is not None:
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)
