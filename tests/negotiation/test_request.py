from __future__ import annotations

import json
from typing import Any

import pytest

from negotiation import NegotiationRequest
from negotiation.errors import InvalidParameterError, InvalidRequestError
from negotiation.request import Device, parse_device


def test_null_means_not_given() -> None:
    assert NegotiationRequest.from_json({"allow_untrusted_packages": None, "backend": None}) == NegotiationRequest()


def test_lists_become_tuples_all_the_way_down() -> None:
    request = NegotiationRequest.from_json({"batch_size": [1, 8], "onnx_execution_providers": [["A", {"b": 1}], "C"]})
    assert request.batch_size == (1, 8)
    assert request.onnx_execution_providers == (("A", {"b": 1}), "C")


def test_it_reads_what_it_writes() -> None:
    request = NegotiationRequest(backend=("onnx", "trt"), batch_size=(1, 8), nms_fusion_preferences=True)
    assert NegotiationRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"allow_untrusted_packages": "yes"},
        {"trt_engine_host_code_allowed": 1},
        {"model_package_id": 7},
        {"device": 0},
        {"onnx_execution_providers": "CPUExecutionProvider"},
        {"disabled_backends": "onnx"},
        {"disabled_backends": [1]},
        {"max_package_loading_attempts": "3"},
        {"max_package_loading_attempts": True},
    ],
)
def test_it_rejects_a_value_of_the_wrong_kind(document: Any) -> None:
    with pytest.raises(InvalidRequestError):
        NegotiationRequest.from_json(document)


def test_it_rejects_an_unknown_argument_and_suggests_the_one_that_was_meant() -> None:
    with pytest.raises(InvalidRequestError, match="Was quantization meant"):
        NegotiationRequest.from_json({"quantisation": "fp16"})


@pytest.mark.parametrize(
    "text, device",
    [
        ("cpu", Device("cpu")),
        ("cuda", Device("cuda")),
        ("cuda:0", Device("cuda", 0)),
        ("cuda:127", Device("cuda", 127)),
        ("mps", Device("mps")),
        ("privateuseone:2", Device("privateuseone", 2)),
    ],
)
def test_it_reads_the_devices_that_torch_reads(text: str, device: Device) -> None:
    assert parse_device(text) == device


@pytest.mark.parametrize(
    "text",
    ["", "gpu", "CUDA", " cuda", "cuda ", "cuda:", "cuda:x", "cuda:-1", "cuda:01", "cuda:0:1", ":0", "0"],
)
def test_it_rejects_other_devices(text: str) -> None:
    with pytest.raises(InvalidParameterError):
        parse_device(text)


@pytest.mark.parametrize("text", ["cuda:128", "cuda:99999999999", "cuda\n", "cuda:\u0663", "cud\u00e4"])
def test_it_rejects_what_torch_would_misread(text: str) -> None:
    with pytest.raises(InvalidParameterError):
        parse_device(text)
