"""Inspection in a child process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import onnx
import pytest

from packages_app.errors import BlobUnavailable, PackageFrozen
from packages_app.models import State
from packages_app.services import blobs, claims, drafting, inspecting, publishing
from registry.services.audit import Actor
from tests.backends.networks import constant_network, raw_detections, write_package
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
    assert (package.opset, package.dynamic_batch_size, package.quantization) == (17, True, "fp32")


def test_the_ir_version_is_that_of_the_file_whatever_was_noted_before(draft: Any) -> None:
    draft.ir_version = 3
    draft.save()
    package = inspecting.inspect(draft, actor=ACTOR)
    assert (package.state, package.ir_version) == (State.READY, package.inspection["facts"]["ir_version"])
    assert package.ir_version != 3


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
    draft.opset = 12
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

    def change_meanwhile(package: Any) -> dict[str, Any]:
        facts = real(package)
        drafting.add_file(package, "weights.onnx", make_blob(b"no network at all"))
        publishing.start_inspection(package)
        return facts

    monkeypatch.setattr(inspecting, "_facts_in_child", change_meanwhile)
    package = inspecting.inspect(draft, actor=ACTOR)
    assert package.state == State.INSPECTING
    assert package.inspection == {}


INSPECTOR = """
import os, sys, time
from packages_app.services import claims
with claims.claim(int(sys.argv[1])):
    print("here", flush=True)
    time.sleep(60)
"""


def inspector(pk: int, data_dir: Path) -> subprocess.Popen[str]:
    """A process that inspects the package ``pk``, as far as others can see."""
    code = f"import django; from django.conf import settings; settings.configure(DATA_DIR={str(data_dir)!r}); {chr(10)}"
    process = subprocess.Popen(
        [sys.executable, "-c", code + INSPECTOR, str(pk)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    return process


def test_a_killed_inspection_is_given_up_and_one_that_runs_is_not(draft: Any, data_directories: Path) -> None:
    publishing.start_inspection(draft)
    process = inspector(draft.pk, data_directories)
    try:
        assert inspecting.abandon_left_behind() == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert inspecting.abandon_left_behind() == 1
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert list((data_directories / "inspections").iterdir()) == []
    assert inspecting.inspect(draft, actor=ACTOR).state == State.READY


def test_an_inspection_of_another_machine_is_given_up_after_its_lease(draft: Any) -> None:
    publishing.start_inspection(draft)
    assert inspecting.abandon_left_behind() == 0
    assert inspecting.abandon_left_behind(lease=timedelta(seconds=-5)) == 1
    assert inspecting.abandon_left_behind(lease=timedelta(seconds=-5)) == 0


def test_while_it_runs_an_inspection_is_claimed(draft: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = inspecting._facts_in_child

    def look(package: Any) -> dict[str, Any]:
        seen.append(claims.collect().alive)
        return real(package)

    monkeypatch.setattr(inspecting, "_facts_in_child", look)
    inspecting.inspect(draft, actor=ACTOR)
    assert seen == [{draft.pk}]
    assert claims.collect().alive == frozenset()
