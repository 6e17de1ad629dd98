from __future__ import annotations

from typing import Any

import pytest

from negotiation.manifests import BACKENDS
from negotiation.manifests.asked import LARGEST_NUMBER, Asked, lacks
from negotiation.manifests.onnx import OnnxManifest
from negotiation.manifests.torch_script import TorchScriptManifest
from negotiation.manifests.trt import TrtManifest


def codes(backend: str, **values: Any) -> list[str]:
    return [lack.code for lack in lacks(BACKENDS[backend].asked, values)]


def test_names_labels_and_kinds_are_read_from_the_fields() -> None:
    kinds = {name: (one.name, one.label, one.kind) for name, one in OnnxManifest.asked.items()}
    assert kinds == {
        "opset": ("opset", "opset", int),
        "incompatible_providers": ("incompatible_providers", "incompatible providers", list),
        "ir_version": ("ir_version", "IR version", int),
    }


def test_the_facts_of_the_machine_are_asked_as_all_others() -> None:
    assert {"driver_version", "os_version", "l4t_version", "device_name"} <= TrtManifest.asked.keys()
    assert "machine_specs" not in TrtManifest.asked


@pytest.mark.parametrize("name", ["opset", "incompatible_providers", "ir_version"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_is_kept_of_what_says_nothing(name: str, nothing: Any) -> None:
    assert OnnxManifest.asked[name].checked(nothing) is None


def test_an_empty_list_says_something() -> None:
    assert OnnxManifest.asked["incompatible_providers"].checked([]) == []


def test_a_switch_that_is_off_says_nothing() -> None:
    switch = TrtManifest.asked["same_cc_compatible"]
    assert (switch.checked(False), switch.checked(True)) == (None, True)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (Asked(kind=int), "many"),
        (Asked(kind=int), -1),
        (Asked(kind=int), 1.5),
        (Asked(kind=int), True),
        (Asked(kind=int), LARGEST_NUMBER + 1),
        (Asked(kind=int), "9" * 30),
        (Asked(kind=bool), "yes"),
        (Asked(kind=list), "CPUExecutionProvider"),
        (Asked(kind=list), [1]),
        (Asked(kind=list), {"cpu": True}),
        (Asked(), 5),
        (Asked(max_length=3), "long"),
        (Asked(choices={"jetson": "Jetson"}), "laptop"),
    ],
)
def test_a_value_of_another_kind_is_refused(asked: Asked, value: Any) -> None:
    with pytest.raises(ValueError):
        asked.checked(value)


def test_a_number_may_come_as_text() -> None:
    assert OnnxManifest.asked["opset"].checked("17") == 17


def test_what_must_be_known_is_asked_for() -> None:
    assert codes("onnx") == ["opset-missing"]
    assert codes("onnx", opset=17) == []


def test_a_list_without_names_is_as_good_as_none() -> None:
    assert codes("torch-script", supported_device_types=[], torch_version="2.1.0") == ["device-types-missing"]


@pytest.mark.parametrize(
    ("machine", "asked"), [("gpu-server", {"os-version"}), ("jetson", {"l4t-version", "device-name"}), ("", set())]
)
def test_what_is_asked_of_a_machine_depends_on_its_kind(machine: str, asked: set[str]) -> None:
    lacking = set(codes("trt", machine_type=machine))
    assert lacking & {f"{name}-missing" for name in ("os-version", "l4t-version", "device-name")} == {
        f"{name}-missing" for name in asked
    }


def test_a_draft_is_written_with_what_is_known() -> None:
    written = TorchScriptManifest.of({"quantization": "fp32", "torch_version": "2.1.0"}).to_wire()
    assert written == {
        "type": "torch-script-model-package-v1",
        "backendType": "torch-script",
        "quantization": "fp32",
        "dynamicBatchSize": False,
        "torchVersion": "2.1.0",
    }


def test_what_a_manifest_does_not_say_is_ignored_whatever_the_package_says() -> None:
    values = {"quantization": "fp16", "dynamic_batch_size": True, "static_batch_size": None}
    assert "dynamicBatchSize" not in BACKENDS["hugging-face"].of(values).to_wire()
    assert BACKENDS["ultralytics"].of(values).quantization == "unknown"
