"""An inspection that goes on, on the page of its package, in a real browser."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, Server

pytestmark = pytest.mark.browser

DRAFT = """
import django
django.setup()
from pathlib import Path
from packages_app.services import drafting, intake
from registry.models import Model
package = drafting.create_draft(Model.objects.get(model_id="workshop/plain"), "onnx", fields={})
for path in sorted(Path("demo/packages/onnx-dynamic").iterdir()):
    if path.name != "model_config.json":
        drafting.add_file(package, path.name, intake.receive([path.read_bytes()]))
print(package.pk)
"""


@pytest.fixture
def draft(server: Server) -> str:
    """The page of a draft that was not inspected."""
    done = subprocess.run(
        [sys.executable, "-c", DRAFT], cwd=ROOT, env=server.environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return f"/admin/packages_app/package/{done.stdout.strip()}/change/"


@contextlib.contextmanager
def standing_still(server: Server) -> Iterator[None]:
    """The worker takes no job meanwhile."""
    os.kill(server.worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.worker, signal.SIGCONT)


def test_the_page_follows_the_inspection_and_keeps_what_was_typed(
    server: Server, open_page: Callable[..., Any], draft: str
) -> None:
    page = open_page(draft)
    with standing_still(server):
        page.get_by_role("button", name="Inspect now").click()
        expect(page.locator("[data-job-state]")).to_have_text("Queued")
        page.evaluate("window.notReloaded = true")
        page.fill("[name=notes]", "typed meanwhile")
    page.wait_for_selector("[data-state=ready]")
    expect(page.locator("[data-job]")).to_have_count(0)
    expect(page.locator("#inspection")).to_contain_text("ONNX opset")
    # What the inspection filled in is shown, and what was typed is left alone.
    expect(page.locator("[name=opset]")).not_to_have_value("")
    expect(page.locator("[name=notes]")).to_have_value("typed meanwhile")
    assert page.evaluate("window.notReloaded") is True


def test_an_inspection_is_cancelled_from_the_page_and_from_the_list(
    server: Server, open_page: Callable[..., Any], draft: str
) -> None:
    page = open_page(draft)
    with standing_still(server):
        page.get_by_role("button", name="Inspect now").click()
        page.locator("[data-job]").get_by_role("link", name="Cancel").click()
        page.click("button[name=confirm]")
        page.wait_for_selector("[data-state=draft]")
        page.get_by_role("button", name="Inspect now").click()
        page.goto("/admin/jobs/job/")
        page.get_by_role("link", name="Cancel", exact=True).click()
        page.click("button[name=confirm]")
        page.wait_for_selector("[data-state=draft]")
