"""The admin in a real browser: what a curator does on the first day, and how the pages look."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE, ROOT

pytestmark = pytest.mark.browser

PACKAGE = ROOT / "demo" / "packages" / "onnx-dynamic"
FILES = [path for path in sorted(PACKAGE.iterdir()) if path.name != "model_config.json"]
WIDTHS = (1280, 400)
PAGES = {
    "workspaces": "/admin/registry/workspace/",
    "workspace": "/admin/registry/workspace/1/change/",
    "tokens": "/admin/registry/accesstoken/",
    "token-add": "/admin/registry/accesstoken/add/",
    "models": "/admin/registry/model/",
    "model": "/admin/registry/model/1/change/",
    "packages": "/admin/packages_app/package/",
    "package-add": "/admin/packages_app/package/add/?model=1",
    "audit": "/admin/registry/auditevent/",
    "users": "/admin/auth/user/",
    "user-add": "/admin/auth/user/add/",
    "home": "/",
    "errors": "/help/errors/",
    "error": "/help/errors/invalid-token",
}


@pytest.fixture
def look(screenshots: Path | None) -> Callable[[Any, str], None]:
    """Check that a page does not scroll sideways on a phone or a desk; leave images where they are wanted."""

    def look_at(page: Any, name: str) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            room = "document.documentElement.clientWidth - document.documentElement.scrollWidth"
            assert page.evaluate(room) >= -1, f"{name} scrolls sideways at {width} pixels"
            for scheme in ("light", "dark") if screenshots else ():
                page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", scheme == "dark")
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=screenshots / f"{name}-{width}-{scheme}.png", full_page=True)

    return look_at


def save(page: Any) -> None:
    with page.expect_navigation():
        page.click("button[name=_save]")


def choose_model(page: Any, model_id: str) -> None:
    """Through the search field that the admin puts in place of a long list."""
    page.click(".field-model .select2-selection, #id_model + .select2 .select2-selection")
    page.fill(".select2-search__field", model_id)
    page.click(f".select2-results__option:has-text('{model_id}')")


def do(page: Any, button: str) -> None:
    """Press a button of the package's page and say yes on the page that asks."""
    page.get_by_role("link", name=button, exact=True).click()
    with page.expect_navigation():
        page.click("button[name=confirm]")


def state_of(page: Any) -> str:
    return page.locator("[data-state]").get_attribute("data-state")


def test_from_an_empty_workspace_to_a_withdrawn_package(
    open_page: Callable[..., Any], look: Callable[[Any, str], None]
) -> None:
    page = open_page("/admin/registry/workspace/add/")
    page.locator("#id_name").press_sequentially("Harbour Cameras")
    page.wait_for_function("document.querySelector('#id_slug').value === 'harbour-cameras'")
    page.click("text=Add another member")
    page.select_option("#id_memberships-0-user", label="ann")
    page.select_option("#id_memberships-0-role", "curator")
    save(page)
    assert "was added successfully" in page.inner_text("#main")

    page.goto("/admin/registry/accesstoken/add/")
    page.select_option("#id_workspace", label="Harbour Cameras")
    page.fill("#id_name", "quay robot")
    save(page)
    whole = page.inner_text("#whole-token")
    assert re.fullmatch(r"wb_[0-9a-z]{10}_[\w-]{40,}", whole)
    look(page, "token-created")
    page.wait_for_url("**/change/")  # reloading must not send the form again
    page.reload()
    assert whole not in page.content()

    page.goto("/admin/registry/model/add/")
    page.select_option("#id_workspace", label="Harbour Cameras")
    page.fill("#id_model_id", "harbour/3")
    page.select_option("#id_architecture", "yolov10")
    assert page.input_value("#id_task_type") == "object-detection"  # the only one of this architecture
    page.select_option("#id_architecture", "yolov8")
    assert page.input_value("#id_task_type") == "object-detection"
    look(page, "model-new")
    page.fill("#id_class_names", "circle\nsquare\ntriangle")
    save(page)

    page.goto("/admin/packages_app/package/add/")
    choose_model(page, "harbour/3")
    page.select_option("#id_backend", "onnx")
    page.set_input_files("#id_files", FILES[:1])
    page.set_input_files("#id_files", FILES[1:])
    expect(page.locator("[data-queue] progress")).to_have_count(len(FILES))
    look(page, "package-add-filled")
    page.click("button[name=_save]")
    page.wait_for_selector("[data-state=ready]")
    look(page, "package-ready")
    text = page.inner_text("#files")
    for path in FILES:
        assert path.name in text
        assert hashlib.sha256(path.read_bytes()).hexdigest() in text
        assert hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() in text
    assert "Nothing is missing" in page.inner_text("#state")
    assert "ONNX opset" in page.inner_text("#inspection")

    do(page, "Mark as trusted")
    do(page, "Publish")
    page.wait_for_selector("[data-state=published]")
    expect(page.locator("#upload_form")).to_have_count(0)
    expect(page.locator("input[name=notes]")).to_have_count(0)
    look(page, "package-published")

    page.get_by_role("link", name="Withdraw", exact=True).click()
    page.fill("#id_reason", "replaced by a better one")
    look(page, "package-withdraw")
    page.click("button[name=confirm]")
    page.wait_for_selector("[data-state=withdrawn]")
    assert "replaced by a better one" in page.inner_text("#state")


def test_the_directory_that_push_takes_fills_in_the_forms(
    open_page: Callable[..., Any], look: Callable[[Any, str], None]
) -> None:
    page = open_page("/admin/registry/model/add/")
    page.select_option("#id_workspace", index=1)
    page.fill("#id_model_id", "from-directory/1")
    page.set_input_files("#id_package_directory", FILES[0].parent)
    page.wait_for_function("document.querySelector('#id_class_names').value")
    assert page.input_value("#id_architecture") == "yolov8"
    assert page.input_value("#id_task_type") == "object-detection"
    look(page, "model-from-directory")
    save(page)

    page.goto("/admin/packages_app/package/add/")
    choose_model(page, "from-directory/1")
    page.set_input_files("#id_folder", FILES[0].parent)
    expect(page.locator("[data-queue] progress")).to_have_count(len(FILES))
    page.wait_for_function("document.querySelector('#id_backend').value === 'onnx'")
    look(page, "package-from-directory")
    page.click("button[name=_save]")
    page.wait_for_selector("[data-state=ready]")
    expect(page.locator("[data-handle]")).to_have_count(len(FILES))
    look(page, "package-from-directory-ready")


def test_a_name_that_clients_refuse_is_told_at_its_file_and_can_be_mended(open_page: Callable[..., Any]) -> None:
    page = open_page("/admin/packages_app/package/add/")
    choose_model(page, "workshop/plain")
    page.select_option("#id_backend", "onnx")
    weights = next(path for path in FILES if path.suffix == ".onnx")
    page.set_input_files("#id_files", {"name": "my weights.onnx", "mimeType": "", "buffer": weights.read_bytes()})
    page.click("button[name=_save]")
    page.wait_for_selector("[data-queue] .wb-bad")
    page.fill("[data-queue] input[type=text]", "parts/weights.onnx")
    page.click("button[name=_save]")
    page.wait_for_selector("[data-handle='parts/weights.onnx']")
    expect(page.locator("[data-handle]")).to_have_count(1)


def test_it_says_what_is_missing_before_anything_is_sent(
    open_page: Callable[..., Any], look: Callable[[Any, str], None]
) -> None:
    page = open_page("/admin/packages_app/package/add/")
    page.set_input_files("#id_files", FILES[:1])
    page.click("button[name=_save]")
    page.wait_for_selector("[data-errors] .wb-bad")
    assert "Model: This field is required." in page.inner_text("[data-errors]")
    choose_model(page, "workshop/plain")
    page.select_option("#id_backend", "onnx")
    page.click("button[name=_save]")
    page.wait_for_selector("#missing >> text=weights.onnx")
    look(page, "package-without-weights")


def test_without_javascript_one_plain_form_does_the_same(open_page: Callable[..., Any]) -> None:
    page = open_page("/admin/packages_app/package/add/?model=1", java_script_enabled=False)
    page.select_option("#id_backend", "onnx")
    page.set_input_files("#id_files", FILES)
    save(page)
    while state_of(page) == "inspecting":
        page.wait_for_timeout(300)
        page.get_by_role("link", name="Look again").click()
    assert state_of(page) == "ready"
    expect(page.locator("[data-handle]")).to_have_count(len(FILES))
    do(page, "Publish")
    assert state_of(page) == "published"


def test_hostile_names_run_nothing(open_page: Callable[..., Any]) -> None:
    page = open_page("/admin/registry/model/")
    page.wait_for_selector(f"text={HOSTILE}")
    page.click(f"text={HOSTILE}")
    page.wait_for_selector("#id_class_names")
    page.goto(page.url.replace("/change/", "/history/"))
    page.goto("/admin/packages_app/package/add/")
    choose_model(page, "onerror")


def test_no_page_scrolls_sideways(open_page: Callable[..., Any], look: Callable[[Any, str], None]) -> None:
    page = open_page("/admin/")
    look(page, "index")
    for name, path in PAGES.items():
        page.goto(path)
        look(page, name)
