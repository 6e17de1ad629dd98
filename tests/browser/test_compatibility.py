"""The compatibility page in a real browser: on a desk and on a telephone, by day and by night."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE, ROOT, Server, leave

pytestmark = pytest.mark.browser

SEED = f"""
import django, json
django.setup()
from inference_app.models import MachineRecord
from inference_app.services import environment
from negotiation.machines import find_machine
from packages_app.models import PackageBenchmark, PackageFailure
from packages_app.services.drafting import add_file, create_draft
from packages_app.services.intake import receive
from packages_app.services.publishing import mark_ready, publish, set_trusted
from registry.models import Model

model = Model.objects.get(model_id="workshop/plain")

def package(backend, content, *, trusted=True, published=True, **fields):
    made = create_draft(model, backend, fields=fields)
    add_file(made, "weights.bin", receive([content]))
    set_trusted(made, trusted)
    if published:
        publish(mark_ready(made))
    return made

# Too new for the Jetson Xavier's ONNX Runtime, and for nothing else.
onnx = package("onnx", b"a", quantization="fp32", opset=23, dynamic_batch_size=True)
package("onnx", b"b", quantization="fp16", opset=23, static_batch_size=1)
package("onnx", b"c", quantization="fp32", opset=23, dynamic_batch_size=True, trusted=False, notes={HOSTILE!r})
package(
    "trt", b"d", quantization="fp16", static_batch_size=1, cuda_device_type="nvidia-l4", cuda_device_cc="8.9",
    cuda_version="12.8", trt_version="10.12.0.36", machine_type="gpu-server", driver_version="570.124.06",
    os_version="ubuntu-22.04",
)
package("torch-script", b"e", quantization="fp32", static_batch_size=1, supported_device_types=["cuda"],
        torch_version="2.6.0")
package("onnx", b"f", quantization="fp32", opset=11, dynamic_batch_size=True, published=False)
described = environment.describe()
PackageBenchmark.objects.create(
    package=onnx, environment_fingerprint=described["fingerprint"], environment=described["environment"],
    figures={{"latency_ms": 14.27, "images_per_second": 52.8}},
)
like_an_l4 = find_machine("nvidia-l4").environment.to_json()
MachineRecord.objects.create(workspace=model.workspace, slug="evil", title={HOSTILE!r}, environment=like_an_l4)
print(json.dumps(model.pk))
"""


@pytest.fixture(scope="module")
def address(server: Server) -> str:
    seeded = subprocess.run(
        [sys.executable, "-c", SEED], cwd=ROOT, env=server.environment, check=True, timeout=60, stdout=subprocess.PIPE
    )
    return f"/admin/inference_app/machinerecord/compatibility/{json.loads(seeded.stdout)}/"


def test_a_curator_comes_from_the_model_and_sees_who_gets_what(
    open_page: Any, address: str, screenshots: Path | None
) -> None:
    page = open_page(f"/admin/registry/model/{address.rstrip('/').rsplit('/', 1)[1]}/change/")
    page.click("text=Compatibility: which machine gets which package")
    page.wait_for_url(f"**{address}")
    leave(page, screenshots, "compatibility-1280")
    row = page.locator("tr[data-machine=nvidia-l4]")
    expect(row.locator("td.is-chosen")).to_have_count(1)
    row.locator("summary", has_text="is not marked as trusted").click()
    expect(row.get_by_text("Have it trusted")).to_be_visible()
    expect(page.locator("tr[data-machine=this-server] td.is-chosen").get_by_text("14.3 ms")).to_be_visible()
    expect(page.locator("[role=alert]").get_by_text("Jetson AGX Xavier")).to_be_visible()


def test_drafts_are_one_click_away(open_page: Any, address: str) -> None:
    page = open_page(address)
    expect(page.locator("thead th")).to_have_count(6)
    page.click("text=As if all drafts were published")
    expect(page.locator("thead th")).to_have_count(7)
    expect(page.locator("[role=alert]")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_fits_and_the_table_scrolls_in_its_own_box(
    open_page: Any, address: str, screenshots: Path | None, width: int, scheme: str
) -> None:
    page = open_page(address, viewport={"width": width, "height": 800}, color_scheme=scheme)
    leave(page, screenshots, f"compatibility-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator(".compatibility-box")
    box.evaluate("box => { box.scrollLeft = 10000 }")
    machine = page.locator("tr[data-machine=nvidia-t4] th").bounding_box()
    left = box.bounding_box()["x"]
    assert left <= machine["x"] <= left + 2, "the machine's name scrolled out of sight"


def test_each_colour_can_be_read_by_day_and_by_night(open_page: Any, address: str) -> None:
    for scheme in ("light", "dark"):
        page = open_page(address, color_scheme=scheme)
        for place in (
            "td.is-chosen strong",
            "td.is-discarded summary",
            ".compatibility-nothing",
            ".compatibility-gets",
            "thead a",
            ".compatibility-kind",
        ):
            ratio = page.locator(place).first.evaluate(CONTRAST)
            assert ratio >= 4.5, f"{place} in {scheme}: {ratio:.2f}"


# The contrast ratio of WCAG 2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
CONTRAST = """element => {
  const pixel = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = colour => {
    pixel.clearRect(0, 0, 1, 1); pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1);
    return pixel.getImageData(0, 0, 1, 1).data;
  };
  const luminance = colour => {
    const parts = [...rgba(colour)].slice(0, 3).map(value => value / 255)
      .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  let ground = element;
  while (ground.parentElement && rgba(getComputedStyle(ground).backgroundColor)[3] < 255) ground = ground.parentElement;
  const [a, b] = [element, ground].map((of, index) =>
    luminance(index ? getComputedStyle(of).backgroundColor : getComputedStyle(of).color));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""
