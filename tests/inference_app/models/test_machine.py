from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from inference_app.models import MachineRecord
from negotiation import Environment

ENVIRONMENT = Environment(onnxruntime_version="1.22.0", available_onnx_execution_providers=("CPUExecutionProvider",))


def record(workspace: Any, **fields: Any) -> MachineRecord:
    defaults = {"slug": "line-3", "title": "Line 3", "environment": ENVIRONMENT.to_json()}
    return MachineRecord(workspace=workspace, **{**defaults, **fields})


def refused(machine: MachineRecord) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        machine.save()


def test_it_keeps_a_machine_as_it_was_described(alpha: Any) -> None:
    record(alpha).save()
    machine = MachineRecord.objects.get().described()
    assert (machine.name, machine.title, machine.environment) == ("line-3", "Line 3", ENVIRONMENT)


def test_the_database_refuses_a_second_machine_of_the_name_in_a_workspace(alpha: Any, beta: Any) -> None:
    record(alpha).save()
    record(beta).save()
    refused(record(alpha, title="Another"))


@pytest.mark.parametrize(
    "fields",
    [
        {"slug": ""},
        {"slug": "Line-3"},
        {"slug": "this-server"},
        {"title": ""},
        {"environment": {}},
        {"environment": []},
    ],
)
def test_the_database_refuses_what_is_no_machine(alpha: Any, fields: dict[str, Any]) -> None:
    refused(record(alpha, **fields))


def test_it_refuses_the_name_of_a_machine_of_the_catalogue(alpha: Any) -> None:
    with pytest.raises(ValidationError, match="catalogue"):
        record(alpha, slug="nvidia-t4").full_clean()


@pytest.mark.parametrize("environment", [{"gpus": 1}, {"trt_version": "ten"}, {"gpu_devices": ["t4"]}, "text"])
def test_it_refuses_an_environment_that_negotiation_does_not_understand(alpha: Any, environment: Any) -> None:
    with pytest.raises(ValidationError):
        record(alpha, environment=environment).full_clean()


def test_it_completes_an_environment_that_leaves_fields_out(alpha: Any) -> None:
    machine = record(alpha, environment={"onnxruntime_version": "1.22.0"})
    machine.clean()
    assert machine.environment == Environment(onnxruntime_version="1.22.0").to_json()
