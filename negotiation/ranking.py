"""Which of the packages that can run is best: one key with named parts, compared part by part."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from negotiation import fused_nms
from negotiation.manifests import BACKENDS, Manifest
from negotiation.manifests.manifest import Ranker, RankingPart
from negotiation.package import Candidate, Package
from negotiation.question import Question
from negotiation.versions import parse_version

_OF_EVERY_PACKAGE = (
    RankingPart("backend", "backend"),
    RankingPart("quantization", "precision"),
    RankingPart("trusted_source", "trust"),
    RankingPart("batch_mode", "dynamic batch size"),
    RankingPart("static_batch_size", "smaller batch size"),
    RankingPart("nms_fused", "closer built-in suppression"),
    RankingPart("package_id", "larger id, all else being equal"),
)
_ORDER_OF_THE_CLIENT = (
    "backend", "quantization", "trusted_source", "batch_mode", "static_batch_size", "onnx_opset",
    "trt_forward_compatible", "trt_same_cc", "cuda_device_match", "cuda_version", "trt_version",
    "onnx_incompatible_providers", "trt_dynamic_range", "nms_fused", "trt_lean_runtime", "jetson_device_name",
    "os_version", "l4t_version", "driver_version",
)  # fmt: skip
"""The parts in order of weight. Those of backends that the client does not know come after, ``package_id`` last."""


def _parts() -> list[RankingPart]:
    known = {part.name: part for manifest in BACKENDS.values() for part in manifest.ranking}
    known |= {part.name: part for part in _OF_EVERY_PACKAGE}
    last = known.pop("package_id")
    return [*(known.pop(name) for name in _ORDER_OF_THE_CLIENT), *known.values(), last]


def _key_type() -> Any:
    return namedtuple("RankingKey", [part.name for part in PARTS])


PARTS = _parts()
_NEUTRAL = tuple({part.neutral for part in PARTS})
PART_WORDS: Mapping[str, str] = {part.name: part.words for part in PARTS}
"""What put one package above another, as the end of "above the next by ..."."""
RankingKey = _key_type()
"""The parts of a key by name; in each, the higher is the better.

``cuda_version`` and ``trt_version`` prefer the *oldest* of the versions among the packages. ``package_id`` is the
client's tie-break: with packages in order of their ids the largest wins, in any other order it is arbitrary but
determined.
"""
_OLDEST_FIRST = [part.name for part in PARTS if part.oldest_first]


class Ranked(NamedTuple):
    """A survivor with its position on the wire and the key that placed it."""

    position: int
    package: Package
    key: Any


class Placed(NamedTuple):
    """A survivor with the bare parts of its key, which get their names when somebody looks at them (`named`)."""

    key: tuple[float, ...]
    candidate: Candidate


def rank(question: Question, survivors: Sequence[Candidate]) -> list[Placed]:
    """The survivors, given in wire order, best first.

    Raises ``InvalidNmsFusionPreferencesError`` or ``MalformedModelFeaturesError`` if built-in suppression
    passed the filter and still cannot be measured.
    """
    keys = _keys(question, survivors)
    return sorted(map(Placed, keys, survivors), key=itemgetter(0), reverse=True)


def named(placed: Placed) -> Ranked:
    """A placed survivor with the parts of its key named."""
    parts, (position, package) = placed
    return Ranked(position, package, RankingKey._make(parts))


def deciding_part(better: Any, worse: Any) -> str:
    """The name of the first part in which two keys differ: what put one package above the other."""
    for part, left, right in zip(PARTS, better, worse, strict=True):
        if left != right:
            return part.name
    return "package_id"


class _Arrangement(NamedTuple):
    """How the keys of one backend's packages are made.

    ``arrange`` puts into order: the parts of every package, those of versions, what ``rank`` gives, and ``neutral``.
    """

    backend_rank: int
    rank: Ranker
    arrange: Callable[[tuple[float, ...]], tuple[float, ...]]


def _keys(question: Question, survivors: Sequence[Candidate]) -> list[tuple[float, ...]]:
    preferences, quantization_ranks = question.request.nms_fusion_preferences, question.policy.quantization_ranks
    manifests = {package.backend: type(package.manifest) for _, package in survivors}
    arrangements = {backend: _arrangement(manifest, question) for backend, manifest in manifests.items()}
    versions = _places_by_id(survivors, manifests)
    without_version = (1 - len(survivors),) * len(_OLDEST_FIRST)
    keys: list[tuple[float, ...]] = []
    for (_, package), id_rank in zip(survivors, _id_ranks(survivors), strict=True):
        backend_rank, rank, arrange = arrangements[package.backend]
        size = package.static_batch_size
        keys.append(
            arrange(
                (
                    backend_rank,
                    quantization_ranks.get(package.quantization, 0),
                    package.trusted,
                    2 if package.dynamic_batch_size else 1,
                    0 if size is None else -size,
                    fused_nms.closeness(package, preferences) if preferences and package.features else 0,
                    id_rank,
                    *versions.get(package.package_id, without_version),
                    *rank(package.manifest),
                    *_NEUTRAL,
                )
            )
        )
    return keys


def _arrangement(manifest: type[Manifest], question: Question) -> _Arrangement:
    rank = question.policy.backend_ranks.get(manifest.backend, manifest.rank)
    return _Arrangement(rank, manifest.ranker(question), _order_for(manifest))


@lru_cache(maxsize=256)
def _order_for(manifest: type[Manifest]) -> Callable[[tuple[float, ...]], tuple[float, ...]]:
    own = [part.name for part in manifest.ranking if not part.oldest_first]
    given = [*(part.name for part in _OF_EVERY_PACKAGE), *_OLDEST_FIRST, *own]
    places = [
        given.index(part.name) if part.name in given else len(given) + _NEUTRAL.index(part.neutral) for part in PARTS
    ]
    return itemgetter(*places)


def _places_by_id(
    survivors: Sequence[Candidate], manifests: Mapping[str, type[Manifest]]
) -> Mapping[str, tuple[int, ...]]:
    """By package id, the places of the package's versions in the parts that prefer the oldest.

    The client looks versions up by package id, so packages of one id share the last one's.
    """
    with_versions = {
        backend for backend, manifest in manifests.items() if any(part.oldest_first for part in manifest.ranking)
    }
    dated = [(package.package_id, package.manifest) for _, package in survivors if package.backend in with_versions]
    if not dated:
        return {}
    columns = []
    for name in _OLDEST_FIRST:
        versions = [getattr(manifest, name, None) for _, manifest in dated]
        places = _places(frozenset([version for version in versions if version is not None]))
        columns.append([1 - len(survivors) if version is None else places[version] for version in versions])
    return dict(zip([package_id for package_id, _ in dated], zip(*columns, strict=True), strict=True))


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
