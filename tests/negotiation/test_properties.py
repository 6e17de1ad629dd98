"""What holds for all packages, machines and requests."""

from __future__ import annotations

import dataclasses
import json
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from negotiation import Environment, NegotiationRequest, negotiate, negotiate_packages
from negotiation.manifests.coreml import CoremlManifest
from negotiation.manifests.hugging_face import HuggingFaceManifest
from negotiation.manifests.onnx import OnnxManifest
from negotiation.manifests.torch import TorchManifest
from negotiation.manifests.torch_script import TorchScriptManifest
from negotiation.manifests.trt import GpuServer, Jetson, TrtManifest
from negotiation.metadata import ModelDependency, ModelMetadata
from negotiation.package import Package, PackageFile, RecommendedParameters
from negotiation.publishing import validate_for_publishing
from negotiation.wire import parse_metadata
from negotiation.wire_writer import dump_entry, dump_metadata
from tests.negotiation.entries import CPU, ORIN, T4, document, entry

# A busy machine is slow, which says nothing about the property.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Small pools, so that packages tie often and differ in one thing.
quantizations = st.sampled_from(["fp32", "fp16", "bf16", "int8", "unknown"])
batches = st.one_of(st.just((True, None)), st.tuples(st.just(False), st.sampled_from([1, 2, 8])))
versions = st.sampled_from(["10.3", "10.3.0", "8.6.1", "12.4", "11.8", "2.6.0+cu124"])
ids = st.text("0123456789abcdef", min_size=1, max_size=4)
providers = st.sampled_from(["CPUExecutionProvider", "CUDAExecutionProvider"])
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)


@st.composite
def engines(draw: st.DrawFn) -> TrtManifest:
    dynamic, static_size = draw(batches)
    sizes = sorted(draw(st.tuples(*[st.integers(1, 16)] * 3)))
    low, best, high = sizes if dynamic or draw(st.booleans()) else (None, None, None)
    on_jetson = draw(st.booleans())
    return TrtManifest(
        quantization=draw(quantizations),
        dynamic_batch_size=dynamic,
        static_batch_size=static_size,
        cuda_device_type=draw(st.sampled_from(["tesla-t4", "orin"])),
        cuda_device_cc=draw(st.sampled_from(["7.5", "8.7"])),
        cuda_version=draw(versions),
        trt_version=draw(versions),
        machine_type="jetson" if on_jetson else "gpu-server",
        machine_specs=Jetson(
            l4t_version=draw(st.sampled_from(["36.4.3", "36.3"])),
            device_name="nvidia-jetson-agx-orin",
            driver_version=draw(versions),
        )
        if on_jetson
        else GpuServer(driver_version=draw(versions), os_version=draw(st.sampled_from(["ubuntu-22.04", ""]))),
        min_batch_size=low,
        opt_batch_size=best,
        max_batch_size=high,
        same_cc_compatible=draw(st.booleans()),
        trt_forward_compatible=draw(st.booleans()),
        trt_lean_runtime_excluded=draw(st.booleans()),
    )


@st.composite
def other_manifests(draw: st.DrawFn) -> Any:
    dynamic, static_size = draw(batches)
    batch: dict[str, Any] = {
        "quantization": draw(quantizations),
        "dynamic_batch_size": dynamic,
        "static_batch_size": static_size,
    }
    barred = draw(st.none() | st.lists(providers, max_size=2).map(tuple))
    return draw(
        st.sampled_from(
            [
                OnnxManifest(**batch, opset=draw(st.sampled_from([15, 17, 20])), incompatible_providers=barred),
                TorchManifest(**batch),
                CoremlManifest(**batch),
                HuggingFaceManifest(quantization=batch["quantization"]),
                TorchScriptManifest(
                    **batch,
                    supported_device_types=("cpu", "cuda"),
                    torch_version=draw(versions),
                    torchvision_version=draw(st.none() | versions),
                ),
            ]
        )
    )


packages = st.builds(
    Package,
    package_id=ids,
    manifest=st.one_of(engines(), other_manifests()),
    files=st.just((PackageFile("weights", "https://models.invalid/w", "0" * 32),)),
    trusted=st.booleans(),
    features=st.none() | st.just({}) | st.just({"resolution": 560}),
)
described_packages = st.builds(
    dataclasses.replace,
    packages,
    features=st.none() | st.dictionaries(st.text(max_size=3), json_values, max_size=3),
    recommended_parameters=st.none()
    | st.builds(
        RecommendedParameters,
        st.none() | st.floats(0, 1),
        st.none() | st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=2),
    ),
    peak_vram_mb=st.dictionaries(st.integers(1, 16), st.integers(1, 9000), max_size=2),
)
machines = st.sampled_from([T4, ORIN, CPU, dataclasses.replace(T4, coremltools_version="8.3")])
requests = st.builds(
    NegotiationRequest,
    device=st.sampled_from(["cpu", "cuda:0", None]),
    quantization=st.sampled_from([None, (), ("fp16", "fp32")]),
    allow_untrusted_packages=st.booleans(),
    backend=st.sampled_from([None, ("onnx", "trt", "torch")]),
)
rosters = st.lists(packages, max_size=12, unique_by=lambda package: package.package_id)


def ask(roster: list[Package], machine: Environment, request: NegotiationRequest) -> Any:
    assume(machine.gpu_devices or request.device != "cuda:0")
    return negotiate_packages(roster, "rfdetr", "object-detection", machine, request)


def by_id(roster: list[Package]) -> list[Package]:
    return sorted(roster, key=lambda package: package.package_id)


@patient
@given(rosters, machines, requests)
def test_a_wire_sorted_by_id_has_a_total_order(
    roster: list[Package], machine: Environment, request: NegotiationRequest
) -> None:
    keys = [ranked.key for ranked in ask(by_id(roster), machine, request).ranked]
    assert keys == sorted(set(keys), reverse=True)
    assert len(set(keys)) == len(keys)


@patient
@given(rosters, machines, requests)
def test_on_a_wire_sorted_by_id_equal_packages_stand_in_descending_order_of_ids(
    roster: list[Package], machine: Environment, request: NegotiationRequest
) -> None:
    ranked = ask(by_id(roster), machine, request).ranked
    for better, worse in pairwise(ranked):
        if better.key[:-1] == worse.key[:-1]:
            assert better.package.package_id > worse.package.package_id


@patient
@given(rosters, packages, machines, requests)
def test_another_package_changes_no_order_among_the_others(
    roster: list[Package], another: Package, machine: Environment, request: NegotiationRequest
) -> None:
    """On a wire sorted by id. Ranks of versions move as the rules say, but keep their order: only packages
    without a version can change places with others, and those never compete with engines of their backend."""
    assume(another.package_id not in {package.package_id for package in roster})
    before = ask(by_id(roster), machine, request).survivor_indexes
    names = [by_id(roster)[index].package_id for index in before]
    joined = by_id([*roster, another])
    after = [joined[index].package_id for index in ask(joined, machine, request).survivor_indexes]
    assert [name for name in after if name != another.package_id] == names


@patient
@given(rosters, packages, machines, requests)
def test_another_package_changes_no_verdict_on_the_others(
    roster: list[Package], another: Package, machine: Environment, request: NegotiationRequest
) -> None:
    before = ask(roster, machine, request).discards
    after = ask([*roster, another], machine, request).discards
    assert {index: reason for index, reason in after.items() if index < len(roster)} == before


@patient
@given(rosters, machines, requests)
def test_each_package_has_exactly_one_place_or_one_reason(
    roster: list[Package], machine: Environment, request: NegotiationRequest
) -> None:
    explanation = ask(roster, machine, request)
    for verdict in explanation.verdicts:
        assert (verdict.place is None) != (verdict.reason is None)
    assert len(explanation.survivor_indexes) + len(explanation.discards) == len(roster)
    assert not set(explanation.survivor_indexes) & set(explanation.discards)


@patient
@given(rosters, machines, requests)
def test_the_wire_carries_the_whole_question(
    roster: list[Package], machine: Environment, request: NegotiationRequest
) -> None:
    model = ModelMetadata("shapes/1", "rfdetr", "object-detection", tuple(by_id(roster)))
    wire = json.loads(json.dumps(dump_metadata(model)))
    direct = ask(by_id(roster), machine, request)
    assume(roster)
    assert negotiate(wire, machine, request).to_json() == direct.to_json()


@patient
@given(
    st.builds(
        ModelMetadata,
        model_id=st.text(min_size=1, max_size=5),
        architecture=st.text(max_size=5),
        task=st.none() | st.text(max_size=5),
        packages=st.lists(described_packages, max_size=4).map(
            lambda roster: tuple(sorted(roster, key=lambda package: package.package_id))
        ),
        variant=st.none() | st.text(max_size=3),
        dependencies=st.lists(
            st.builds(ModelDependency, st.text(max_size=3), st.text(max_size=3), st.none() | ids), max_size=2
        ).map(tuple),
        recommended_parameters=st.none() | st.builds(RecommendedParameters, st.none() | st.floats(0, 1)),
        latency_ms=st.none() | st.floats(0, 1e6),
        next_page=st.none() | ids,
    )
)
def test_what_is_written_reads_the_same(model: ModelMetadata) -> None:
    wire = json.loads(json.dumps(dump_metadata(model)))
    assert parse_metadata(wire).model == model
    assert dump_metadata(parse_metadata(wire).model) == wire


@patient
@given(described_packages)
def test_the_rules_of_publishing_accept_whatever_is_sound(package: Package) -> None:
    assert validate_for_publishing(dump_entry(package)) == []


@settings(patient, max_examples=300)
@given(
    st.sampled_from(["packageManifest", "packageFiles", "trustedSource", "packageId", "modelFeatures", "type"])
    | st.text(max_size=3),
    json_values,
)
def test_any_damage_to_an_entry_costs_at_most_that_entry(key: str, value: Any) -> None:
    damaged = {**entry("a"), key: value}
    entries = parse_metadata(document(damaged, entry("b"))).entries
    assert (entries[0].package is None) != (entries[0].reason is None)
    assert entries[1].package is not None


@settings(patient, max_examples=300)
@given(
    st.sampled_from(["type", "backendType", "quantization", "dynamicBatchSize", "staticBatchSize", "opset"])
    | st.text(max_size=3),
    json_values,
)
def test_what_may_be_published_can_be_read(key: str, value: Any) -> None:
    changed = entry("a")
    changed["packageManifest"] = {**changed["packageManifest"], key: value}
    if not validate_for_publishing(changed):
        reason = parse_metadata(document(changed)).entries[0].reason
        assert reason is None or reason.category == "ignored_manifest_type"
