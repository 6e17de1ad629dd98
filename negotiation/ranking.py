"""Which of the packages that can run is best: one key with named parts, compared part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from negotiation import fused_nms
from negotiation.package import Jetson, OnnxManifest, Package, TrtManifest
from negotiation.question import Candidate, Question, candidate_gpus
from negotiation.versions import equal_versions, parse_version


class RankingKey(NamedTuple):
    """The parts in order of weight; in each, the higher is the better.

    ``cuda_version`` and ``trt_version`` prefer the *oldest* of the versions among the packages. ``package_id``
    is the client's tie-break: with packages in order of their ids the largest wins, in any other order it is
    arbitrary but determined.
    """

    backend: int
    quantization: int
    trusted_source: bool
    batch_mode: int
    static_batch_size: int
    onnx_opset: int
    trt_forward_compatible: int
    trt_same_cc: int
    cuda_device_match: int
    cuda_version: int
    trt_version: int
    onnx_incompatible_providers: int
    trt_dynamic_range: int
    nms_fused: float
    trt_lean_runtime: int
    jetson_device_name: int
    os_version: int
    l4t_version: int
    driver_version: int
    package_id: int


class Ranked(NamedTuple):
    """A survivor with its position on the wire and the key that placed it."""

    position: int
    package: Package
    key: RankingKey


Placed = tuple[tuple[float, ...], Candidate]
"""A survivor with the bare parts of its key. Naming the parts of a hundred keys takes as long as sorting
them, so that waits until somebody looks."""


def rank(question: Question, survivors: Sequence[Candidate]) -> list[Placed]:
    """The survivors, given in wire order, best first.

    Raises ``InvalidNmsFusionPreferencesError`` or ``MalformedModelFeaturesError`` if built-in suppression
    passed the filter and still cannot be measured.
    """
    # No two keys are equal, so packages themselves are never compared.
    return sorted(zip(_keys(question, survivors), survivors, strict=True), reverse=True)


def named(placed: Placed) -> Ranked:
    """A placed survivor with the parts of its key named."""
    parts, (position, package) = placed
    return Ranked(position, package, RankingKey._make(parts))


def deciding_part(better: RankingKey, worse: RankingKey) -> str:
    """The name of the first part in which two keys differ: what put one package above the other."""
    for name, left, right in zip(RankingKey._fields, better, worse, strict=True):
        if left != right:
            return name
    return "package_id"


def _keys(question: Question, survivors: Sequence[Candidate]) -> list[tuple[float, ...]]:
    machine = _Machine.of(question)
    backend_ranks, quantization_ranks = question.policy.backend_ranks, question.policy.quantization_ranks
    preferences = question.request.nms_fusion_preferences
    keys: list[tuple[float, ...]] = []
    for (_, package), (cuda_rank, trt_rank), id_rank in zip(
        survivors, _version_ranks(survivors), _id_ranks(survivors), strict=True
    ):
        manifest = package.manifest
        size = manifest.static_batch_size
        head = (
            backend_ranks.get(manifest.backend, 0),
            quantization_ranks.get(manifest.quantization, 0),
            package.trusted,
            2 if manifest.dynamic_batch_size else 1,
            0 if size is None else -size,
        )
        nms = fused_nms.closeness(package, preferences) if preferences and package.features else 0
        if isinstance(manifest, TrtManifest):
            tail = machine.parts_of_engine(manifest, cuda_rank, trt_rank, nms, id_rank)
        elif isinstance(manifest, OnnxManifest):
            barred = manifest.incompatible_providers
            barred_here = -len(machine.providers.intersection(barred)) if barred else 0
            tail = (manifest.opset, 1, 1, 0, cuda_rank, trt_rank, barred_here, 0, nms, 0, 0, 0, 0, 0, id_rank)
        else:
            tail = (-1, 1, 1, 0, cuda_rank, trt_rank, 0, 0, nms, 0, 0, 0, 0, 0, id_rank)
        keys.append(head + tail)
    return keys


_Tail = tuple[int, int, int, int, int, int, int, int, float, int, int, int, int, int, int]
"""The parts from ``onnx_opset`` on."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """What the ranking reads of the machine, worked out once."""

    gpu_names: tuple[str, ...]
    providers: frozenset[str]
    jetson_type: str | None
    os_version: str | None
    l4t_version: str | None
    driver_version: str | None

    @classmethod
    def of(cls, question: Question) -> _Machine:
        environment = question.environment
        return cls(
            gpu_names=tuple(environment.gpu_devices[index] for index in candidate_gpus(question) or ()),
            providers=frozenset(environment.available_onnx_execution_providers or ()),
            jetson_type=environment.jetson_type,
            os_version=environment.os_version,
            l4t_version=environment.l4t_version,
            driver_version=environment.driver_version,
        )

    def parts_of_engine(self, manifest: TrtManifest, cuda_rank: int, trt_rank: int, nms: float, id_rank: int) -> _Tail:
        machine = manifest.machine
        if isinstance(machine, Jetson):
            same_product = int(machine.device_name == self.jetson_type)
            same_os = 0
            same_l4t = int(equal_versions(self.l4t_version, machine.l4t_version))
        else:
            same_product = same_l4t = 0
            same_os = int(machine.os_version == self.os_version != "")
        smallest, largest = manifest.min_batch_size, manifest.max_batch_size
        return (
            -1,
            0 if manifest.trt_forward_compatible else 1,
            0 if manifest.same_cc_compatible else 1,
            self.gpu_names.count(manifest.cuda_device_type),
            cuda_rank,
            trt_rank,
            0,
            0 if smallest is None or largest is None else largest - smallest,
            nms,
            0 if manifest.trt_lean_runtime_excluded else 1,
            same_product,
            same_os,
            same_l4t,
            int(equal_versions(self.driver_version, machine.driver_version)),
            id_rank,
        )


def _version_ranks(survivors: Sequence[Candidate]) -> list[tuple[int, int]]:
    """The CUDA and the TensorRT part for each survivor.

    0 for the oldest version, -1 for the next, and so on; 1 - n for packages without one. The client looks
    versions up by package id, so packages of the same id share the last one's.
    """
    neither = (1 - len(survivors), 1 - len(survivors))
    engines = [
        (package.package_id, package.manifest) for _, package in survivors if isinstance(package.manifest, TrtManifest)
    ]
    if not engines:
        return [neither] * len(survivors)
    cuda_places = _places(frozenset([engine.cuda_version for _, engine in engines]))
    trt_places = _places(frozenset([engine.trt_version for _, engine in engines]))
    by_id = {
        package_id: (cuda_places[engine.cuda_version], trt_places[engine.trt_version]) for package_id, engine in engines
    }
    return [by_id.get(package.package_id, neither) for _, package in survivors]


@lru_cache(maxsize=1024)
def _places(versions: frozenset[str]) -> Mapping[str, int]:
    """0 for the oldest version, -1 for the next, and so on. Different spellings of one share a place."""
    oldest_first = sorted({parse_version(version) for version in versions})
    places = {version: -place for place, version in enumerate(oldest_first)}
    return {version: places[parse_version(version)] for version in versions}


def _id_ranks(survivors: Sequence[Candidate]) -> list[int]:
    """The positions of the survivors sorted by id.

    As a rank this is a slip of the client's: the i-th survivor gets the position of the i-th smallest id,
    the inverse of what was meant. The two agree when the wire is sorted by id, as ours is.
    """
    ids = [package.package_id for _, package in survivors]
    return sorted(range(len(ids)), key=ids.__getitem__)
