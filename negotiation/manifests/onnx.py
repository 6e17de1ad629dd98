"""ONNX: a graph for ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, ClassVar

from negotiation.environment import Environment
from negotiation.manifests.asked import Asked
from negotiation.manifests.manifest import Clash, Library, MachineCheck, Names, OffWire, Ranker, RankingPart, WithBatch
from negotiation.onnx_releases import NEWEST_IR_VERSIONS
from negotiation.question import Question
from negotiation.reasons import Reason, listed, on_this_machine
from negotiation.versions import major_minor


class OnnxManifest(WithBatch):
    """An ONNX graph. Batch: dynamic, or one static size.

    ``ir_version``, the version of the file's format, is not on the wire: only who has the file knows it.
    """

    backend: ClassVar = "onnx"
    title: ClassVar = "ONNX"
    wire_type: ClassVar = "onnx-model-package-v1"
    wire_backend: ClassVar = "onnx"
    library: ClassVar = Library("onnxruntime", "ONNX Runtime")
    folder: ClassVar = "onnx"
    platform: ClassVar = "onnxruntime_onnx"
    files: ClassVar = ("weights.onnx",)
    network_is_told: ClassVar = True
    ranking: ClassVar = (
        RankingPart("onnx_opset", "newer ONNX opset", neutral=-1),
        RankingPart("onnx_incompatible_providers", "fewer barred execution providers"),
    )

    opset: Annotated[
        int,
        Asked(
            needed=True,
            missing="Enter the ONNX opset.",
            proven=True,
            listed=True,
            meaning="required; clients with ONNX Runtime 1.23 or later take at most 19. A file that lists the default "
            "operators with two versions, or with none, is refused",
        ),
    ]
    incompatible_providers: Annotated[
        Names | None,
        Asked(
            help="Execution providers that cannot run this package, one a line.",
            meaning="execution providers that cannot run it",
        ),
    ] = None
    ir_version: Annotated[
        int | None,
        OffWire(),
        Asked(
            label="IR version",
            proven=True,
            typed=False,
            meaning="read from the file, never typed, and not sent to clients: the version of the file's format, which "
            "a runtime can read or not, whatever the opset (ONNX Runtime 1.22 up to 10); the compatibility page names "
            "the machines that cannot",
        ),
    ] = None

    def objections(self) -> Iterator[Clash]:
        if self.opset < 1:
            yield Clash("opset", "must be above zero")

    @classmethod
    def machine_check(cls, question: Question) -> MachineCheck:
        provider = _provider(question)
        if isinstance(provider, Reason):
            return lambda manifest: provider
        version, policy = str(question.environment.onnxruntime_version), question.policy
        release = "{}.{}".format(*major_minor(version))
        known = policy.onnx_opset_limits.get(release)
        limit = policy.onnx_opset_limit_of_other_releases if known is None else known

        def check(manifest: OnnxManifest) -> Reason | None:
            if manifest.incompatible_providers and provider in manifest.incompatible_providers:
                return incompatible_provider(provider)
            if manifest.opset > limit:
                return opset_too_high(manifest.opset, limit, version, known is not None)
            return manifest._reason_against_ir_version(question.environment, policy.onnx_ir_limits)

        return check

    def unreadable(self, environment: Environment) -> Reason | None:
        return self._reason_against_ir_version(environment, NEWEST_IR_VERSIONS)

    def _reason_against_ir_version(self, environment: Environment, limits: Mapping[str, int]) -> Reason | None:
        """``limits`` gives the newest IR version by the release's ``major.minor``; of others nothing is known."""
        version = environment.onnxruntime_version
        if self.ir_version is None or version is None:
            return None
        limit = limits.get("{}.{}".format(*major_minor(version)))
        if limit is None or self.ir_version <= limit:
            return None
        return ir_version_too_high(self.ir_version, limit, version)

    @classmethod
    def ranker(cls, question: Question) -> Ranker:
        providers = frozenset(question.environment.available_onnx_execution_providers or ())

        def rank(manifest: OnnxManifest) -> tuple[float, ...]:
            barred = manifest.incompatible_providers
            return manifest.opset, -len(providers.intersection(barred)) if barred else 0

        return rank


def _provider(question: Question) -> str | Reason:
    """The execution provider that would run a package, or why there is none."""
    environment, requested = question.environment, question.request.onnx_execution_providers
    available = environment.available_onnx_execution_providers
    if environment.onnxruntime_version is None or not available:
        return NOT_INSTALLED
    preferred = requested or environment.onnx_default_execution_providers
    # A provider passed with options is a tuple and never equals a name; the client drops it here.
    usable = [name for name in preferred if isinstance(name, str) and name in available]
    if usable:
        return usable[0]
    if requested:
        return REQUESTED_PROVIDERS_UNAVAILABLE
    return default_providers_unavailable(environment.onnx_default_execution_providers)


NOT_INSTALLED = on_this_machine(
    "onnx_not_installed",
    "This machine has no ONNX Runtime. Install onnxruntime, or onnxruntime-gpu beside an NVIDIA GPU.",
)
REQUESTED_PROVIDERS_UNAVAILABLE = on_this_machine(
    "onnx_requested_providers_unavailable",
    "ONNX Runtime on this machine offers none of the requested providers (one passed with options counts "
    "as unavailable). Change onnx_execution_providers, or leave it out.",
)


@lru_cache(maxsize=256)
def default_providers_unavailable(preferred: tuple[str, ...]) -> Reason:
    """None of the configured execution providers is there."""
    return on_this_machine(
        "onnx_default_providers_unavailable",
        f"ONNX Runtime on this machine offers none of the configured providers ({listed(preferred)}). "
        "Repair its installation, or set ONNXRUNTIME_EXECUTION_PROVIDERS.",
    )


@lru_cache(maxsize=256)
def incompatible_provider(provider: str) -> Reason:
    """The provider that would run the package is one it declares it cannot run with."""
    return on_this_machine(
        "onnx_incompatible_provider",
        f"The package declares that it cannot run with {provider}, the first usable provider here. "
        "Pass onnx_execution_providers with another one first.",
    )


@lru_cache(maxsize=256)
def opset_too_high(opset: int, limit: int, runtime: str, is_listed: bool) -> Reason:
    """The graph's opset is newer than the installed ONNX Runtime is trusted with."""
    if is_listed:
        advice = f"Export with opset {limit} or lower, or install a newer ONNX Runtime."
    else:
        advice = (
            f"ONNX Runtime {runtime} is not in the table of known releases. Export with opset {limit} or "
            "lower, or install a release that is."
        )
    return on_this_machine(
        "onnx_opset_too_high",
        f"The package has opset {opset}; with ONNX Runtime {runtime} at most {limit} is accepted. {advice}",
        f"onnx_opset_too_high_for_{'listed' if is_listed else 'unlisted'}_runtime",
    )


@lru_cache(maxsize=256)
def ir_version_too_high(ir_version: int, limit: int, runtime: str) -> Reason:
    """The file's format is newer than the installed ONNX Runtime. No rule of the client, which finds out by loading."""
    return on_this_machine(
        "onnx_ir_version_too_high",
        f"ONNX Runtime {runtime} cannot read IR {ir_version}, the version of the file's format; it reads up to "
        f"{limit}. Export with ir_version={limit} or lower, or install a newer ONNX Runtime.",
    )
