"""The page of the model host in a real browser: on a desk and on a telephone, by day and by night."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE, ROOT, Server, leave
from tests.browser.test_compatibility import CONTRAST

pytestmark = pytest.mark.browser

HOST = "/admin/host/"
INFER_SECONDS = 60
SEED = f"""
import django, json
from pathlib import Path
django.setup()
from backends.host.process.crash_policy import CrashReport
from inference_app.services import hosts
from packages_app.models import PackageFailure
from packages_app.services.push import push_directory
from registry.models import Workspace
from registry.services.audit import Actor

def push(name, model_id, **options):
    options = dict(workspace=Workspace.objects.get(), actor=Actor(name="seed"), trusted=True, publish=True, **options)
    return push_directory(Path("demo/packages") / name, model_id=model_id, **options)

good = push("onnx-dynamic", "demo/shapes", public=True)
bad = push("onnx-static", "demo/shapes")
hosts._settings().directory.mkdir(parents=True, exist_ok=True)
hosts.crash_log().record(CrashReport((), {HOSTILE!r}))
both = (good.package_id, bad.package_id)
hosts.crash_log().record(CrashReport(both, "It was killed from outside.", from_outside=True))
for _ in range(3):
    hosts.crash_log().record(CrashReport((bad.package_id,), "It crashed (SIGSEGV)."))
PackageFailure.objects.create(package=bad, reason="It crashed (SIGSEGV).", strikes=3)
print(json.dumps([good.pk, good.package_id, bad.pk]))
"""


@dataclass(frozen=True)
class Seeded:
    good: int
    good_id: str
    bad: int


@pytest.fixture(scope="module")
def seeded(server: Server) -> Seeded:
    """A package that is loaded, and one that was blocked after it had crashed the host three times."""
    done = subprocess.run(
        [sys.executable, "-c", SEED], cwd=ROOT, env=server.environment, check=True, timeout=60, stdout=subprocess.PIPE
    )
    image = (ROOT / "demo" / "images" / "meadow.jpg").read_bytes()
    address = f"{server.address}/api/v1/models/demo/shapes/infer"
    request = urllib.request.Request(address, image, {"Content-Type": "image/jpeg"})  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=INFER_SECONDS) as answer:  # noqa: S310 - our own server
        assert answer.status == 200
    return Seeded(*json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_pages_fit_and_each_colour_can_be_read(
    open_page: Any, seeded: Seeded, screenshots: Path | None, width: int, scheme: str
) -> None:
    look = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = open_page(HOST, **look)
    leave(page, screenshots, f"host-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for place in (
        ".wb-file-name",
        ".host-link",
        ".wb-bad",
        "label[for=memory]",
        ".host-memory .wb-quiet",
        "#loaded dd",
    ):
        ratio = page.locator(place).first.evaluate(CONTRAST)
        assert ratio >= 4.5, f"{place} in {scheme}: {ratio:.2f}"
    page = open_page(f"/admin/packages_app/package/{seeded.bad}/change/", **look)
    leave(page, screenshots, f"blocked-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("#blocked").get_by_text("It crashed (SIGSEGV).")).to_be_visible()


def test_an_admin_releases_a_package_and_unloads_a_model(
    open_page: Any, seeded: Seeded, screenshots: Path | None
) -> None:
    page = open_page("/admin/")
    page.click("text=Model host")
    page.wait_for_url(f"**{HOST}")
    page.locator("#blocked").get_by_text("Unblock", exact=True).click()
    leave(page, screenshots, "unblock-1280")
    page.click("button:text-is('Unblock')")
    page.wait_for_url("**/change/")
    expect(page.get_by_text("Unblocked.")).to_be_visible()
    expect(page.locator("#blocked")).to_have_count(0)
    page.goto(HOST)
    page.locator(f"#loaded [data-package='{seeded.good_id}'] button").click()
    page.wait_for_url(f"**{HOST}")
    expect(page.get_by_text("Unloaded. The next request loads it again.")).to_be_visible()
    expect(page.locator("#loaded [data-package]")).to_have_count(0)
