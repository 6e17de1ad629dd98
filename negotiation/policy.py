"""Whose rules decide: a release of the client, or this server.

A policy is data: what can run, and the constants of the rules. The rules themselves are the same for all.
Policies of client releases are files in ``policies/``; a server's policy is the newest of them with the
server's own implementations put in.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from negotiation.errors import InvalidPolicyError

POLICY_FOLDER = Path(__file__).parent / "policies"
NEWEST_CLIENT = "inference_models_0_39_6"


@dataclass(frozen=True, slots=True)
class Implementation:
    """What can run an architecture for a task with a backend, and with which package features.

    A package needs every feature of ``required_features`` and may have those of ``supported_features``.
    """

    architecture: str
    task: str
    backend: str
    supported_features: frozenset[str] = frozenset()
    required_features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Capability:
    """An operation that only some architectures offer, with some backends, for some tasks."""

    tasks: frozenset[str]
    backends: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class DefaultQuantizations:
    """Which quantizations are allowed when the request names none, by the requested device."""

    cpu: tuple[str, ...]
    other_device: tuple[str, ...]
    no_device_with_gpu: tuple[str, ...]
    no_device_without_gpu: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """The data of the rules.

    ``backend_ranks`` and ``quantization_ranks``: higher is preferred, absent is 0. ``onnx_opset_limits``
    maps ONNX Runtime's ``major.minor`` to the highest opset it is trusted with;
    ``onnx_opset_limit_of_other_releases`` holds for all releases that it does not list. ``onnx_ir_limits`` does the
    same for the version of the file's format; clients have none, and releases that are not listed are not judged.
    """

    name: str
    backends: tuple[str, ...]
    backend_ranks: Mapping[str, int]
    quantization_ranks: Mapping[str, int]
    default_quantizations: DefaultQuantizations
    default_quantization_exempt_backends: frozenset[str]
    onnx_opset_limits: Mapping[str, int]
    onnx_opset_limit_of_other_releases: int
    default_fused_nms: Mapping[str, Any]
    capabilities: Mapping[str, Capability]
    implementations: Mapping[tuple[str, str], Mapping[str, Implementation]]
    """By (architecture, task), then by backend."""
    onnx_ir_limits: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def for_client(cls, release: str = NEWEST_CLIENT) -> Policy:
        """The policy of a client release, by the name of its file in ``policies/``.

        Raises ``InvalidPolicyError`` if there is none of that name or it is malformed.
        """
        return _read_policy(release)

    @classmethod
    def for_server(
        cls,
        implementations: Iterable[Implementation],
        *,
        onnx_opset_limits: Mapping[str, int] | None = None,
        onnx_opset_limit_of_other_releases: int | None = None,
        onnx_ir_limits: Mapping[str, int] | None = None,
        name: str = "this-server",
    ) -> Policy:
        """The newest client's policy with the implementations that a server registers itself, and their backends.

        ``onnx_opset_limits`` adds to or replaces the client's table: it stops at the releases the client
        knew, while a server knows what it has installed.
        """
        client = cls.for_client()
        by_model = _by_model(implementations)
        ours = {implementation.backend for known in by_model.values() for implementation in known.values()}
        other_releases = onnx_opset_limit_of_other_releases
        return dataclasses.replace(
            client,
            name=name,
            backends=(*client.backends, *sorted(ours.difference(client.backends))),
            implementations=by_model,
            onnx_opset_limits={**client.onnx_opset_limits, **(onnx_opset_limits or {})},
            onnx_opset_limit_of_other_releases=(
                client.onnx_opset_limit_of_other_releases if other_releases is None else other_releases
            ),
            onnx_ir_limits=onnx_ir_limits or {},
        )

    @classmethod
    def from_json(cls, document: Any) -> Policy:
        """Read a policy file's document. Raises ``InvalidPolicyError``."""
        try:
            return cls(
                name=str(document["name"]),
                backends=tuple(document["backends"]),
                backend_ranks=dict(document["backend_ranks"]),
                quantization_ranks=dict(document["quantization_ranks"]),
                default_quantizations=DefaultQuantizations(
                    **{device: tuple(names) for device, names in document["default_quantizations"].items()}
                ),
                default_quantization_exempt_backends=frozenset(document["default_quantization_exempt_backends"]),
                onnx_opset_limits=dict(document["onnx_opset_limits"]),
                onnx_opset_limit_of_other_releases=int(document["onnx_opset_limit_of_other_releases"]),
                default_fused_nms=dict(document["default_fused_nms"]),
                capabilities={
                    name: Capability(
                        tasks=frozenset(capability["tasks"]),
                        backends={
                            architecture: frozenset(backends)
                            for architecture, backends in capability["backends"].items()
                        },
                    )
                    for name, capability in document["capabilities"].items()
                },
                implementations=_by_model(
                    Implementation(
                        architecture=entry["architecture"],
                        task=entry["task"],
                        backend=entry["backend"],
                        supported_features=frozenset(entry["supported_features"]),
                        required_features=frozenset(entry["required_features"]),
                    )
                    for entry in document["implementations"]
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidPolicyError("The policy document lacks a field or holds a malformed one.") from error


def _by_model(
    implementations: Iterable[Implementation],
) -> Mapping[tuple[str, str], Mapping[str, Implementation]]:
    by_model: dict[tuple[str, str], dict[str, Implementation]] = {}
    for implementation in implementations:
        model = (implementation.architecture, implementation.task)
        by_model.setdefault(model, {})[implementation.backend] = implementation
    return by_model


@lru_cache(maxsize=16)
def _read_policy(release: str) -> Policy:
    files = {path.stem: path for path in POLICY_FOLDER.glob("*.json")}
    if release not in files:
        known = ", ".join(sorted(files))
        raise InvalidPolicyError(f"There is no policy {release[:80]!r}. Known policies: {known}.")
    try:
        document = json.loads(files[release].read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidPolicyError(f"The policy {release!r} is not valid JSON.") from error
    return Policy.from_json(document)
