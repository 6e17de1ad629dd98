"""Which of the packages that can run is best: one key with named parts, compared part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
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
    keys = _keys(question, survivors)
    return sorted(zip(keys, survivors, strict=True), key=itemgetter(0), reverse=True)


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
    environment, preferences = question.environment, question.request.nms_fusion_preferences
    backend_ranks, quantization_ranks = question.policy.backend_ranks, question.policy.quantization_ranks
    gpu_names = tuple(environment.gpu_devices[index] for index in candidate_gpus(question) or ())
    providers = frozenset(environment.available_onnx_execution_providers or ())
    # The client looks versions up by package id, so packages of one id share the last engine's.
    engines = {
        package.package_id: package.manifest for _, package in survivors if isinstance(package.manifest, TrtManifest)
    }
    cuda_places, trt_places = _places_of_versions(survivors) if engines else ({}, {})
    without_version = 1 - len(survivors)
    keys: list[tuple[float, ...]] = []
    for (_, package), id_rank in zip(survivors, _id_ranks(survivors), strict=True):
        manifest = package.manifest
        backend = backend_ranks.get(package.backend, 0)
        quantization = quantization_ranks.get(package.quantization, 0)
        batch_mode = 2 if package.dynamic_batch_size else 1
        static_size = package.static_batch_size
        size = 0 if static_size is None else -static_size
        nms = fused_nms.closeness(package, preferences) if preferences and package.features else 0
        engine = engines.get(package.package_id) if engines else None
        cuda = without_version if engine is None else cuda_places[engine.cuda_version]
        trt = without_version if engine is None else trt_places[engine.trt_version]
        # fmt: off
        if isinstance(manifest, TrtManifest):
            machine, smallest, largest = manifest.machine, manifest.min_batch_size, manifest.max_batch_size
            jetson = machine if isinstance(machine, Jetson) else None
            server = None if isinstance(machine, Jetson) else machine
            keys.append((
                backend, quantization, package.trusted, batch_mode, size, -1,
                0 if manifest.trt_forward_compatible else 1,
                0 if manifest.same_cc_compatible else 1,
                gpu_names.count(manifest.cuda_device_type),
                cuda, trt, 0,
                0 if smallest is None or largest is None else largest - smallest,
                nms,
                0 if manifest.trt_lean_runtime_excluded else 1,
                1 if jetson and jetson.device_name == environment.jetson_type else 0,
                1 if server and server.os_version == environment.os_version != "" else 0,
                1 if jetson and equal_versions(environment.l4t_version, jetson.l4t_version) else 0,
                1 if equal_versions(environment.driver_version, machine.driver_version) else 0,
                id_rank,
            ))
        else:
            opset, barred = -1, 0
            if isinstance(manifest, OnnxManifest):
                opset = manifest.opset
                if manifest.incompatible_providers:
                    barred = -len(providers.intersection(manifest.incompatible_providers))
            keys.append((
                backend, quantization, package.trusted, batch_mode, size, opset,
                1, 1, 0, cuda, trt, barred, 0, nms, 0, 0, 0, 0, 0, id_rank,
            ))
        # fmt: on
    return keys


def _places_of_versions(survivors: Sequence[Candidate]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    engines = [package.manifest for _, package in survivors if isinstance(package.manifest, TrtManifest)]
    return (
        _places(frozenset([engine.cuda_version for engine in engines])),
        _places(frozenset([engine.trt_version for engine in engines])),
    )


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
