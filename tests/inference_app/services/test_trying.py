"""Inspection with trial runs: real networks, loaded in real children."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from backends import layout
from backends.trial import preparation
from backends.trial.conditions import conditions_of
from backends.trial.request import TrialRequest
from inference_app.services import inference, materialising, trying
from inference_app.services.describing import describe_package
from inference_app.services.materialising import materialise
from packages_app.errors import BlobUnavailable, PackageIncomplete, PackageNotReady
from packages_app.models import State
from packages_app.services import drafting, inspecting, publishing, trials
from tests.admin_personas import answer_to, log_in, superuser
from tests.backends.networks import config, constant_network, raw_detections, write_package
from tests.cases import case
from tests.job_queue import work_off

__all__ = ["log_in", "superuser"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_runs")]

DETECTION = raw_detections((20, 20, 10, 10, 1, 0.9), (40, 40, 8, 8, 0, 0.6))
# Without torch on this machine it cannot be tried; with it, the network of the case has another output.
TRIED_OR_WITHOUT_TORCH = {"runtime-missing", "network-mismatch", "package-damaged"}
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

    def change_meanwhile(package: Any, *rest: Any) -> Any:
        trial = real(package, *rest)
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
    # Neither the store nor a digest is needed any more.
    monkeypatch.setattr(materialising, "_cached_blob", None)
    monkeypatch.setattr(materialising, "has_digest", None)
    monkeypatch.setattr(layout, "has_digest", None)
    directory = materialise(package)
    assert [path.name for path in directory.parent.glob("*.complete")] == [f"{package.package_id}.complete"]
    assert {path.name for path in directory.iterdir()} == set(package.files.values_list("handle", flat=True))


def test_what_was_tried_is_prepared_for_its_first_request(make_draft: Callable[..., Any]) -> None:
    package = publishing.publish(inspecting.inspect(make_draft()))
    reference = inference.reference(package)
    assert reference.prepared is not None
    request = TrialRequest(reference.directory, reference.architecture, reference.task, reference.backend)
    conditions = conditions_of(request)
    assert preparation.find(reference.prepared, reference.directory, conditions) is not None
    assert not {"cause", "conditions", "working_bytes"} & package.inspection["trial"].keys()


def test_what_failed_takes_no_room_in_the_cache(make_draft: Callable[..., Any], settings: Any) -> None:
    inspecting.inspect(make_draft(BAD))
    left = [path for path in settings.MODEL_CACHE_DIR.rglob("*") if path.is_file() and path.name != "lock"]
    assert left == []


def test_a_package_whose_files_made_room_during_its_trial_is_not_called_damaged(
    make_draft: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = trying.try_package

    def with_others_meanwhile(request: Any, *arguments: Any, **options: Any) -> Any:
        shutil.rmtree(request.directory)
        return real(request, *arguments, **options)

    monkeypatch.setattr(trying, "try_package", with_others_meanwhile)
    package = inspecting.inspect(make_draft())
    assert package.state == State.DRAFT
    assert [problem.sentence for problem in publishing.problems(package)] == [
        "Its files made room for others meanwhile. Inspect it again."
    ]


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
    assert trials.in_words(trials.of(package)) == "not tried: Trial runs are switched off on this server."


@pytest.fixture
def torch_script(model: Any, make_package: Callable[..., Any], tmp_path: Path) -> Any:
    """A TorchScript package that was inspected and that nobody has marked as trusted."""
    document = config() | {"forward_pass": {"static_batch_size": 1}}
    write_package(tmp_path / "package", constant_network([DETECTION]), document, class_names=("circle", "square"))
    files = {path.name: path.read_bytes() for path in (tmp_path / "package").iterdir() if path.suffix != ".onnx"}
    files["weights.torchscript"] = case("files/frozen.torchscript").read_bytes()
    draft = make_package(model, "torch-script", state="draft", files=files, static_batch_size=1, trusted=False)
    return inspecting.inspect(draft)


def test_what_can_run_code_waits_for_trust_and_may_be_published_without(torch_script: Any) -> None:
    assert torch_script.state == State.READY
    assert torch_script.inspection["trial"]["code"] == "untrusted"
    assert "marks it as trusted" in torch_script.inspection["trial"]["reason"]
    assert publishing.publish(torch_script).state == State.PUBLISHED


def test_to_mark_it_as_trusted_asks_for_the_trial(torch_script: Any) -> None:
    inspecting.set_trusted(torch_script, True)
    # Nobody can publish it before the end of the trial.
    with pytest.raises(PackageNotReady):
        publishing.publish(torch_script)
    assert work_off() == 1
    torch_script.refresh_from_db()
    assert torch_script.state in {State.READY, State.QUARANTINED}
    assert torch_script.inspection["trial"]["code"] in TRIED_OR_WITHOUT_TORCH


def test_the_button_of_the_admin_asks_for_it_too(torch_script: Any, superuser: Client) -> None:
    address = reverse("admin:packages_app_package_trust", args=[torch_script.pk])
    superuser.post(address, answer_to(superuser, address))
    assert work_off() == 1
    torch_script.refresh_from_db()
    assert torch_script.trusted
    assert torch_script.state in {State.READY, State.QUARANTINED}
    assert torch_script.inspection["trial"]["code"] in TRIED_OR_WITHOUT_TORCH


def test_other_files_take_trust_and_trial_back(torch_script: Any, make_blob: Callable[..., Any]) -> None:
    inspecting.set_trusted(torch_script, True)
    work_off()
    drafting.add_file(torch_script, "class_names.txt", make_blob(b"one\ntwo\n"))
    assert not torch_script.trusted
    assert inspecting.inspect(torch_script).inspection["trial"]["code"] == "untrusted"


def test_to_mark_a_package_that_was_tried_does_not_try_it_again(make_draft: Callable[..., Any]) -> None:
    package = inspecting.inspect(make_draft(trusted=False))
    inspecting.set_trusted(package, True)
    assert (work_off(), package.state, package.trusted) == (0, State.READY, True)


def test_push_says_what_came_of_the_trial(tmp_path: Path) -> None:
    assert "Trial run: passed (" in push(tmp_path, DETECTION)


def test_push_says_why_a_trial_failed(tmp_path: Path) -> None:
    assert "is not finite" in push(tmp_path, BAD)


def test_the_package_page_says_what_came_of_the_trial(make_draft: Callable[..., Any], superuser: Client) -> None:
    package = inspecting.inspect(make_draft())
    page = superuser.get(reverse("admin:packages_app_package_change", args=[package.pk])).content.decode()
    assert "<dt>Trial run</dt><dd>passed (" in page


def test_the_description_of_a_package_has_its_trial(make_draft: Callable[..., Any]) -> None:
    package = publishing.publish(inspecting.inspect(make_draft()))
    assert describe_package(package)["inspection"]["trial"]["outcome"] == "passed"
    out = StringIO()
    call_command("describe_model_package", package.model.model_id, package.package_id, stdout=out)
    assert "trial run" in out.getvalue()
    assert "passed (" in out.getvalue()


def push(directory: Path, output: np.ndarray) -> str:
    """What the command prints for a package whose network answers ``output``."""
    write_package(directory, constant_network([output]), class_names=("circle", "square"))
    (directory / "model_config.json").write_text(
        '{"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"}'
    )
    out = StringIO()
    # A command that could not do what it was asked for may end with an error that says so.
    try:
        call_command("push", str(directory), "--model", "shapes/9", stdout=out, stderr=out)
    except CommandError as error:
        return out.getvalue() + str(error)
    return out.getvalue()
