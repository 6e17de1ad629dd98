"""`manage.py model correct`."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from registry.models import AuditEvent, Model

pytestmark = pytest.mark.django_db


def correct(*arguments: str) -> str:
    out = StringIO()
    call_command("model", "correct", *arguments, stdout=out)
    return out.getvalue().strip()


def test_it_corrects_what_was_mistyped(make_model: Any) -> None:
    make_model("My Defects v1", architecture="YOLO v8", task_type="detect")
    said = correct("My Defects v1", "--id", "my-defects/1", "--architecture", "yolov8", "--task", "object-detection")
    assert said == "my-defects/1 is yolov8 for object-detection."
    assert Model.objects.get().model_id == "my-defects/1"
    assert AuditEvent.objects.get(action="model.corrected").subject == "my-defects/1"


def test_packages_that_were_inspected_for_another_kind_become_drafts(model: Any, make_package: Any) -> None:
    package = make_package(model, state="ready")
    correct("shapes/1", "--architecture", "yolov9")
    package.refresh_from_db()
    assert package.state == "draft"


def test_another_id_leaves_packages_as_they_are(model: Any, make_package: Any) -> None:
    package = make_package(model, state="ready")
    correct("shapes/1", "--id", "shapes/2")
    package.refresh_from_db()
    assert package.state == "ready"


def test_it_refuses_once_something_is_published(package: Any) -> None:
    with pytest.raises(CommandError, match="published packages cannot be changed"):
        correct("shapes/1", "--architecture", "yolov9")
    assert Model.objects.get().architecture == "yolov8"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--architecture", "YOLO v9"), "closest that they know is `yolov9`"),
        (("--task", "juggling"), "No client knows the task"),
        (("--id", "a b"), "Take `a-b` instead"),
        (("--id", "other/1"), "already exists"),
        ((), "Say what to correct"),
    ],
)
def test_it_refuses_what_would_be_no_better(
    model: Any, make_model: Any, arguments: tuple[str, ...], reason: str
) -> None:
    make_model("other/1")
    with pytest.raises(CommandError, match=reason):
        correct("shapes/1", *arguments)


def test_it_refuses_a_model_that_there_is_not(db: None) -> None:
    with pytest.raises(CommandError, match="There is no model nothing/1"):
        correct("nothing/1", "--id", "nothing/2")
