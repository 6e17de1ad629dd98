"""Inspection in a child process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from jobs.errors import JobCancelled
from jobs.services import filing, recovering, running
from packages_app.errors import BlobUnavailable, PackageFrozen
from packages_app.models import State
from packages_app.services import blobs, drafting, inspecting, publishing
from registry.services.audit import Actor
from tests.backends.networks import constant_network, raw_detections, write_package
from tests.job_queue import work_off
from tests.packages_app.inspection.test_onnx_file import stored, with_weights

ACTOR = Actor(name="test")

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(model: Any, make_package: Callable[..., Any], tmp_path: Path) -> Any:
    """A detector of two classes, with all the files that the client needs."""
    network = constant_network([raw_detections((16, 16, 8, 8, 0, 0.9))])
    network.graph.initializer.append(stored("weights", onnx.TensorProto.FLOAT, 4))
    directory = write_package(tmp_path / "package", network)
    fields = {"opset": None, "dynamic_batch_size": False, "quantization": "unknown"}
    files = {path.name: path.read_bytes() for path in directory.iterdir()}
    return make_package(model, state="draft", files=files, **fields)


def test_a_draft_becomes_ready_with_what_the_file_says(draft: Any) -> None:
    package = inspecting.inspect(draft, actor=ACTOR)
    assert package.state == State.READY
    assert (package.manifest["opset"], package.dynamic_batch_size, package.quantization) == (17, True, "fp32")


def test_the_ir_version_is_that_of_the_file_whatever_was_noted_before(draft: Any) -> None:
    draft.manifest["ir_version"] = 3
    draft.save()
    package = inspecting.inspect(draft, actor=ACTOR)
    assert (package.state, package.manifest["ir_version"]) == (State.READY, package.inspection["facts"]["ir_version"])
    assert package.manifest["ir_version"] != 3


def test_what_the_client_would_miss_keeps_the_package_a_draft_and_says_the_remedy(draft: Any) -> None:
    blob = draft.files.get(handle="weights.onnx").blob
    drafting.remove_file(draft, "weights.onnx")
    drafting.remove_file(draft, "class_names.txt")
    drafting.add_file(draft, "best.onnx", blob)
    package = inspecting.inspect(draft, actor=ACTOR)
    assert package.state == State.DRAFT
    assert [problem.sentence for problem in publishing.problems(package)] == [
        "The client needs weights.onnx; yours is best.onnx. Rename it.",
        "The client needs class_names.txt. Add it.",
    ]


def test_a_disagreement_is_said_in_plain_words(draft: Any) -> None:
    draft.manifest["opset"] = 12
    draft.save()
    package = inspecting.inspect(draft, actor=ACTOR)
    assert package.state == State.DRAFT
    assert "The opset was given as 12, but the files say 17." in [
        problem.sentence for problem in publishing.problems(package)
    ]


def test_names_in_files_may_hold_any_characters(draft: Any, make_blob: Callable[..., Any]) -> None:
    """PostgreSQL keeps no NUL; the facts have another sign in its place."""
    network = with_weights(stored("w", onnx.TensorProto.FLOAT, 4))
    network.graph.node[0].input[0] = network.graph.input[0].name = "ima\0ges"
    drafting.add_file(draft, "weights.onnx", make_blob(network.SerializeToString()))
    package = inspecting.inspect(draft, actor=ACTOR)
    package.refresh_from_db()
    assert package.inspection["facts"]["inputs"][0]["name"] == "ima\ufffdges"


def test_a_precision_that_the_wire_has_no_word_for_is_named(draft: Any, make_blob: Callable[..., Any]) -> None:
    network = with_weights(stored("w", onnx.TensorProto.INT4, 100))
    network.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "batch"
    drafting.add_file(draft, "weights.onnx", make_blob(network.SerializeToString()))
    drafting.update_draft(draft, fields={"quantization": "int8"})
    package = inspecting.inspect(draft, actor=ACTOR)
    sentences = [problem.sentence for problem in publishing.problems(package)]
    assert "The quantization was given as int8, but the files say unknown (int4)." in sentences


def test_files_that_end_the_inspection_quarantine_the_package(draft: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Too little memory for the interpreter itself: the child ends as a file made to harm it would end it.
    monkeypatch.setattr(inspecting, "MEMORY_BYTES", 1024 * 1024)
    package = inspecting.inspect(draft, actor=ACTOR)
    assert package.state == State.QUARANTINED
    assert package.quarantine_reason


def test_a_store_that_fails_leaves_a_draft(draft: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise BlobUnavailable

    monkeypatch.setattr(blobs, "local_path", fail)
    with pytest.raises(BlobUnavailable):
        inspecting.inspect(draft, actor=ACTOR)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_it_refuses_a_published_package(package: Any) -> None:
    with pytest.raises(PackageFrozen):
        inspecting.inspect(package, actor=ACTOR)


def test_an_inspection_can_be_repeated_after_quarantine(draft: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(inspecting, "MEMORY_BYTES", 1024 * 1024)
        inspecting.inspect(draft, actor=ACTOR)
    assert inspecting.inspect(draft, actor=ACTOR).state == State.READY


def test_what_an_earlier_inspection_found_is_not_said_of_files_that_came_meanwhile(
    draft: Any, make_blob: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another inspection has begun already, so that the state alone does not tell the two apart."""
    real = inspecting._facts_in_child

    def change_meanwhile(package: Any, run: Any) -> dict[str, Any]:
        facts = real(package, run)
        drafting.add_file(package, "weights.onnx", make_blob(b"no network at all"))
        publishing.start_inspection(package)
        return facts

    monkeypatch.setattr(inspecting, "_facts_in_child", change_meanwhile)
    package = inspecting.inspect(draft, actor=ACTOR)
    assert package.state == State.INSPECTING
    assert package.inspection == {}


def test_an_inspection_that_is_asked_for_is_a_job_of_the_package(draft: Any) -> None:
    job = inspecting.enqueue(draft, actor=ACTOR)
    assert (job.kind, job.object_id, job.requested_by) == ("inspection", draft.pk, "test")
    assert draft.state == State.INSPECTING
    assert work_off() == 1
    job.refresh_from_db()
    assert (job.state, job.result["package_state"]) == ("succeeded", State.READY)


def test_to_ask_twice_is_to_ask_once(draft: Any) -> None:
    assert inspecting.enqueue(draft, actor=ACTOR) == inspecting.enqueue(draft, actor=ACTOR)
    assert work_off() == 1


def test_files_that_came_meanwhile_cancel_the_inspection_of_the_others(
    draft: Any, make_blob: Callable[..., Any]
) -> None:
    earlier = inspecting.enqueue(draft, actor=ACTOR)
    drafting.add_file(draft, "class_names.txt", make_blob(b"one\ntwo\n"))
    later = inspecting.enqueue(draft, actor=ACTOR)
    earlier.refresh_from_db()
    assert (earlier.state, later.state, draft.state) == ("cancelled", "queued", State.INSPECTING)


@pytest.mark.parametrize("begun", [False, True])
def test_a_cancelled_inspection_leaves_a_draft(draft: Any, begun: bool) -> None:
    job = inspecting.enqueue(draft, actor=ACTOR)
    if begun:
        assert running.claim(job.pk) is not None
    filing.cancel(job, actor=ACTOR)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert inspecting.inspect(draft, actor=ACTOR).state == State.READY


def test_what_an_inspection_found_that_was_cancelled_meanwhile_is_not_written(
    draft: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = inspecting._facts_in_child

    def cancel_meanwhile(package: Any, run: Any) -> dict[str, Any]:
        facts = real(package, run)
        filing.cancel(run.job)
        return facts

    monkeypatch.setattr(inspecting, "_facts_in_child", cancel_meanwhile)
    with pytest.raises(JobCancelled):
        inspecting.inspect(draft, actor=ACTOR)
    draft.refresh_from_db()
    assert (draft.state, draft.inspection) == (State.DRAFT, {})


def test_an_inspection_whose_worker_died_is_begun_anew(draft: Any, settings: Any) -> None:
    settings.JOB_LEASE_SECONDS = 0.001
    job = inspecting.enqueue(draft, actor=ACTOR)
    assert running.claim(job.pk) is not None
    time.sleep(0.01)
    assert recovering.recover().queued == 1
    settings.JOB_LEASE_SECONDS = 60
    assert work_off() == 1
    draft.refresh_from_db()
    assert draft.state == State.READY


def test_a_package_that_is_deleted_during_its_inspection_fails_the_job(draft: Any) -> None:
    job = inspecting.enqueue(draft, actor=ACTOR)
    drafting.delete_draft(draft)
    work_off()
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "package-not-found")


def test_what_counts_as_being_inspected_without_a_job_becomes_a_draft_and_nothing_else(draft: Any) -> None:
    publishing.start_inspection(draft)
    assert inspecting.abandon_left_behind() == 1
    inspecting.enqueue(draft, actor=ACTOR)
    assert inspecting.abandon_left_behind() == 0
    draft.refresh_from_db()
    assert draft.state == State.INSPECTING
