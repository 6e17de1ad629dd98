from __future__ import annotations

import json
from typing import Any

import pytest

from negotiation import Implementation, Policy
from negotiation.errors import InvalidPolicyError
from negotiation.manifests import BACKENDS, QUANTIZATIONS
from negotiation.policy import NEWEST_CLIENT, POLICY_FOLDER

DOCUMENT = json.loads((POLICY_FOLDER / f"{NEWEST_CLIENT}.json").read_text())


def test_the_newest_client_has_129_implementations() -> None:
    assert sum(map(len, Policy.for_client().implementations.values())) == 129


def test_a_policy_is_read_once() -> None:
    assert Policy.for_client() is Policy.for_client()


def test_every_backend_and_quantization_has_a_rank() -> None:
    policy = Policy.for_client()
    read_by_clients = {name for name, manifest in BACKENDS.items() if not manifest.ignored_by_clients}
    assert read_by_clients <= set(policy.backend_ranks) <= set(policy.backends)
    assert set(policy.quantization_ranks) == set(QUANTIZATIONS)


@pytest.mark.parametrize("release", ["inference_models_0_0_1", "", "../package", "/etc/passwd"])
def test_it_rejects_a_release_that_it_does_not_have(release: str) -> None:
    with pytest.raises(InvalidPolicyError, match=NEWEST_CLIENT):
        Policy.for_client(release)


@pytest.mark.parametrize("missing", [key for key in DOCUMENT if key != "describes"])
def test_it_rejects_a_document_that_lacks(missing: str) -> None:
    with pytest.raises(InvalidPolicyError):
        Policy.from_json({key: value for key, value in DOCUMENT.items() if key != missing})


@pytest.mark.parametrize("document", [None, [], {**DOCUMENT, "capabilities": []}, {**DOCUMENT, "implementations": [1]}])
def test_it_rejects_a_malformed_document(document: Any) -> None:
    with pytest.raises(InvalidPolicyError):
        Policy.from_json(document)


def test_a_server_has_its_own_implementations_and_the_clients_constants() -> None:
    mine = Implementation("yolov8", "object-detection", "onnx", frozenset({"nms_fused"}))
    server, client = Policy.for_server([mine]), Policy.for_client()
    assert server.implementations == {("yolov8", "object-detection"): {"onnx": mine}}
    assert server.backend_ranks == client.backend_ranks
    assert server.onnx_opset_limits == client.onnx_opset_limits


def test_a_server_adds_its_opset_limits_to_the_clients() -> None:
    server = Policy.for_server([], onnx_opset_limits={"1.23": 24}, onnx_opset_limit_of_other_releases=24)
    assert (server.onnx_opset_limits["1.23"], server.onnx_opset_limits["1.15"]) == (24, 19)
    assert server.onnx_opset_limit_of_other_releases == 24
