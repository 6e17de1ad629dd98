"""Inspection with trial runs: real networks, loaded in real children."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference_app.services import materialising
from inference_app.services.materialising import materialise
from packages_app.errors import BlobUnavailable, PackageIncomplete, PackageNotReady
from packages_app.models import State
from packages_app.services import blobs, drafting, inspecting, publishing, trials
from tests.backends.networks import constant_network, raw_detections, write_package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_runs")]

DETECTION = raw_detections((20, 20, 10, 10, 1, 0.9), (40, 40, 8, 8, 0, 0.6))
BAD = np.full_like(DETECTION, np.nan)


@pytest.fixture
def make_draft(model: Any, make_package: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Make a draft of a YOLOv8 whose network answers ``output``."""

    def make(output: np.ndarray = DETECTION, **fields: Any) -> Any:
        write_package(tmp_path / "package", constant_network([output]), class_names=("circle", "square"))
        files = {path.name: path.read_bytes() for path in (tmp_path / "package").iterdir()}
        return make_package(model, state="draft", files=files, **fields)

    return make


def test_what_passes_is_ready_and_its_inspection_says_so(make_draft: Callable[..., Any]) -> None:
    package = inspecting.inspect(make_draft())
    assert package.state == State.READY
    trial = package.inspection["trial"]
    assert trial["outcome"] == "passed"
    assert trial["seconds"] > 0
    assert trial["peak_memory_bytes"] > 0
    assert trial["runtime"].startswith("ONNX Runtime")


def test_what_fails_is_refused_with_the_cause_and_the_remedy(make_draft: Callable[..., Any]) -> None:
    package = inspecting.inspect(make_draft(BAD))
    assert package.state == State.QUARANTINED
    assert "not finite" in package.quarantine_reason
    assert "Export" in package.quarantine_reason


def test_what_failed_is_not_publishable_after_its_release_either(make_draft: Callable[..., Any]) -> None:
    package = publishing.release(inspecting.inspect(make_draft(BAD)))
    with pytest.raises(PackageIncomplete, match="not finite"):
        publishing.mark_ready(package)
    with pytest.raises(PackageNotReady):
        publishing.publish(package)


def test_a_package_that_failed_is_tried_anew_by_the_next_inspection(
    make_draft: Callable[..., Any], settings: Any
) -> None:
    settings.TRIAL_SECONDS = 0.01
    package = inspecting.inspect(make_draft())
    assert package.state == State.QUARANTINED
    settings.TRIAL_SECONDS = 60
    assert inspecting.inspect(package).state == State.READY


def test_what_lacks_something_else_is_not_tried_yet(make_draft: Callable[..., Any]) -> None:
    package = inspecting.inspect(make_draft(BAD, opset=12))
    assert package.state == State.DRAFT
    assert "trial" not in package.inspection


def test_other_files_take_the_result_back(make_draft: Callable[..., Any], make_blob: Callable[..., Any]) -> None:
    package = inspecting.inspect(make_draft())
    drafting.add_file(package, "class_names.txt", make_blob(b"one\ntwo\n"))
    assert trials.of(package) == {}


def test_files_that_came_during_the_trial_are_not_said_to_have_passed(
    make_draft: Callable[..., Any], make_blob: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = trials.run

    def change_meanwhile(package: Any) -> Any:
        trial = real(package)
        drafting.add_file(package, "class_names.txt", make_blob(b"one\ntwo\n"))
        publishing.start_inspection(package)
        return trial

    monkeypatch.setattr(trials, "run", change_meanwhile)
    package = inspecting.inspect(make_draft())
    assert package.state == State.INSPECTING
    assert package.inspection == {}


def test_what_was_tried_is_laid_out_for_its_first_request(
    make_draft: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = publishing.publish(inspecting.inspect(make_draft()))
    # Neither the store nor a digest is needed any more: only names are made for what is there.
    monkeypatch.setattr(blobs, "local_path", None)
    monkeypatch.setattr(blobs, "open_blob", None)
    directory = materialise(package)
    assert {path.name for path in directory.iterdir()} == set(package.files.values_list("handle", flat=True))


def test_a_store_that_fails_during_the_trial_leaves_a_draft(
    make_draft: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise BlobUnavailable

    monkeypatch.setattr(materialising, "_cached_blob", fail)
    package = make_draft()
    with pytest.raises(BlobUnavailable):
        inspecting.inspect(package)
    package.refresh_from_db()
    assert package.state == State.DRAFT


def test_what_does_not_fit_into_the_cache_says_so_and_stays_publishable(
    make_draft: Callable[..., Any], settings: Any
) -> None:
    settings.MODEL_CACHE_BYTES = 100
    package = inspecting.inspect(make_draft())
    assert package.state == State.READY
    assert "cache" in package.inspection["trial"]["reason"]


def test_switched_off_it_says_so(make_draft: Callable[..., Any], settings: Any) -> None:
    settings.TRIAL_RUNS = False
    package = inspecting.inspect(make_draft(BAD))
    assert package.state == State.READY
    assert trials.in_words(package) == "not tried: Trial runs are switched off on this server."
