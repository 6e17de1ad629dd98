"""Runs inside the client's environment: puts questions to the unmodified negotiation of the client.

One JSON line a question (environment, request, model_metadata), one JSON line an answer. The question enters
at `AutoModel.from_pretrained`. Replaced are only the ends: the machine's description, the HTTP request, and
loading, which fails for every package, so that the client tries all of them in its order.

Two other questions ask whether the client would load a package with such {"handles": [...]} or of such an
{"id": ...}.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

CATEGORIES = {
    "ONNX backend not installed": "onnx_not_installed",
    "none of the default ONNX": "onnx_default_providers_unavailable",
    "None of the selected ONNX": "onnx_requested_providers_unavailable",
    "default ONNX Execution Provider:": "onnx_incompatible_provider",
    "compiled with opset higher": "onnx_opset_too_high",
    "Torch backend not installed": "torch_not_installed",
    "Transformers backend not installed": "hf_not_installed",
    "TRT backend not installed": "trt_not_installed",
    "required TRT package details": "trt_details_missing",
    "incompatible with your hardware": "trt_device_mismatch",
    "with installed L4T version": "trt_l4t_mismatch",
    "with installed TRT version": "trt_version_mismatch",
    "is currently not supported": "trt_lean_runtime_excluded",
    "`trt_engine_host_code_allowed=False`": "trt_host_code_forbidden",
    "run with `device=None`": "torchscript_device_unspecified",
    "with the following device types": "torchscript_device_type_mismatch",
    "when torch version cannot": "torchscript_torch_version_unknown",
    "when torchvision version cannot": "torchscript_torchvision_version_unknown",
    "requires torch in version": "torchscript_torch_too_old",
    "requires torchvision in version": "torchscript_torchvision_too_old",
    "Core ML runtime is not available": "coreml_not_available",
    "rejecting such packages": "nms_fused_not_requested",
    "specifies malformed": "nms_malformed",
    "with `max_detections`": "nms_max_detections_mismatch",
    "with `confidence_threshold`": "nms_confidence_mismatch",
    "with `iou_threshold`": "nms_iou_mismatch",
    "with `class_agnostic`": "nms_class_agnostic_mismatch",
    "selected by default": "quantization_not_in_defaults",
    "selected by caller": "quantization_not_requested",
    "does not provide implementation": "no_implementation",
    "marked as `untrusted`": "untrusted",
    "match requested backends": "backend_not_requested",
    "match requested batch size": "batch_size_mismatch",
}
"""By a part of the client's own words that only one kind of reason has."""

FILTERS = (
    "remove_packages_not_matching_implementation",
    "remove_untrusted_packages",
    "filter_model_packages_by_requested_backend",
    "filter_model_packages_by_requested_batch_size",
    "filter_model_packages_by_requested_quantization",
    "filter_model_packages_matching_runtime_environment",
    "filter_model_packages_based_on_model_features",
)
VERSIONS = (
    "driver_version",
    "cuda_version",
    "trt_version",
    "l4t_version",
    "torch_version",
    "torchvision_version",
    "onnxruntime_version",
    "coremltools_version",
)


class Negotiator:
    """The client with its ends replaced, and a record of what passed through."""

    def __init__(self) -> None:
        from inference_models.models.auto_loaders import auto_negotiation, core, ranking
        from inference_models.weights_providers import roboflow

        logging.disable(logging.CRITICAL)
        self.core, self.rules, self.provider = core, auto_negotiation, roboflow
        self.question: dict[str, Any] = {}
        for module in (core, auto_negotiation, ranking):
            module.x_ray_runtime_environment = self.x_ray
        auto_negotiation.get_selected_onnx_execution_providers = self.providers
        roboflow.get_one_page_of_model_metadata = self.page
        roboflow.discover_local_trt_packages = lambda model_id: []
        core.initialize_model = self.fail_to_load
        self.parse = roboflow.parse_model_package_metadata
        roboflow.parse_model_package_metadata = self.record_parsing
        self.negotiate = core.negotiate_model_packages
        core.negotiate_model_packages = self.record_ranking
        for name in FILTERS:
            self.watch(name)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        from inference_models.errors import BaseInferenceModelsError, ModelPackageAlternativesExhaustedError

        self.question = question
        self.positions: dict[int, int] = {}
        self.kept_alive: list[Any] = []
        self.discarded: dict[int, str] = {}
        self.ranked: list[int] = []
        self.attempts: list[int] = []
        self.entries = 0
        self.rules.determine_default_allowed_quantization.cache_clear()
        outcome, error = "ok", None
        try:
            self.core.AutoModel.from_pretrained(
                "conformance/negotiation", use_auto_resolution_cache=False, **arguments(question["request"])
            )
        except ModelPackageAlternativesExhaustedError:
            pass
        except BaseInferenceModelsError as raised:
            outcome, error = "error", type(raised).__name__
        except Exception as raised:
            outcome, error = "crash", type(raised).__name__
        return {
            "outcome": outcome,
            "error": error,
            "survivor_indexes": self.ranked,
            "attempts": self.attempts,
            "discarded": {str(position): category for position, category in self.discarded.items()},
        }

    def accepts(self, question: dict[str, Any]) -> dict[str, bool]:
        """Whether the client has nothing against the names of a package's files, or its id."""
        from inference_models.errors import BaseInferenceModelsError
        from inference_models.models.auto_loaders.model_cache_paths import ensure_package_id_is_os_safe
        from inference_models.weights_providers.entities import FileDownloadSpecs

        try:
            if "handles" in question:
                specs = [FileDownloadSpecs("https://models.invalid", handle) for handle in question["handles"]]
                self.core._package_artifact_declarations(specs)
            else:
                ensure_package_id_is_os_safe("conformance/negotiation", question["id"])
        except BaseInferenceModelsError:
            return {"accepted": False}
        return {"accepted": True}

    def x_ray(self) -> Any:
        from inference_models.runtime_introspection.core import RuntimeXRayResult
        from packaging.version import Version

        fields = dict(self.question["environment"])
        del fields["onnx_default_execution_providers"]
        for name in VERSIONS:
            fields[name] = None if fields[name] is None else Version(fields[name])
        fields["gpu_devices_cc"] = [Version(text) for text in fields["gpu_devices_cc"]]
        return RuntimeXRayResult(**fields)

    def providers(self) -> list[str]:
        environment = self.question["environment"]
        available = environment["available_onnx_execution_providers"] or ()
        return [name for name in environment["onnx_default_execution_providers"] if name in available]

    def page(self, *_: Any, **__: Any) -> Any:
        from inference_models.errors import ModelRetrievalError
        from pydantic import ValidationError

        try:
            return self.provider.RoboflowModelMetadata.model_validate(self.question["model_metadata"])
        except ValidationError as error:
            raise ModelRetrievalError(message="malformed", help_url="") from error

    def fail_to_load(self, *_: Any, **arguments: Any) -> Any:
        self.attempts.append(self.positions[id(arguments["model_package"])])
        raise RuntimeError("not loaded on purpose")

    def record_parsing(self, metadata: Any, **arguments: Any) -> Any:
        position, self.entries = self.entries, self.entries + 1
        package = self.parse(metadata=metadata, **arguments)
        if package is None:
            self.discarded[position] = self.parsing_category(metadata)
        else:
            self.positions[id(package)] = position
            # An id is only as good as the life of what it names.
            self.kept_alive.append(package)
        return package

    def parsing_category(self, metadata: Any) -> str:
        if isinstance(metadata, dict):
            return "invalid_entry"
        kind = metadata.package_manifest.get("type", "unknown")
        if kind in self.provider.MODEL_PACKAGES_TO_IGNORE:
            return "ignored_manifest_type"
        return "invalid_manifest" if kind in self.provider.MODEL_PACKAGE_PARSERS else "unknown_manifest_type"

    def record_ranking(self, **arguments: Any) -> Any:
        ranked = self.negotiate(**arguments)
        self.ranked = [self.positions[id(package)] for package in ranked]
        return ranked

    def watch(self, name: str) -> None:
        original = getattr(self.rules, name)

        def watched(*, model_packages: list[Any], **arguments: Any) -> Any:
            if name == FILTERS[0]:
                self.record_missing_capabilities(model_packages)
            kept, discarded = original(model_packages=model_packages, **arguments)
            kept_ids = {id(package) for package in kept}
            gone = [package for package in model_packages if id(package) not in kept_ids]
            for package, reason in zip(gone, discarded, strict=True):
                assert package.package_id == reason.package_id
                self.discarded[self.positions[id(package)]] = category(reason.reason)
            return kept, discarded

        setattr(self.rules, name, watched)

    def record_missing_capabilities(self, left: list[Any]) -> None:
        left_ids = {id(package) for package in left}
        for identity, position in self.positions.items():
            if identity not in left_ids:
                self.discarded[position] = "missing_capability"


def category(words: str) -> str:
    matches = {name for part, name in CATEGORIES.items() if part in words}
    assert len(matches) == 1, words
    return matches.pop()


def arguments(request: dict[str, Any]) -> dict[str, Any]:
    """The request as Python arguments: lists that mean tuples become tuples."""
    given = dict(request)
    if isinstance(given.get("batch_size"), list):
        given["batch_size"] = tuple(given["batch_size"])
    if given.get("onnx_execution_providers") is not None:
        given["onnx_execution_providers"] = [
            tuple(provider) if isinstance(provider, list) else provider
            for provider in given["onnx_execution_providers"]
        ]
    return given


def main() -> None:
    # The client prints to standard output; the answers keep it for themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    negotiator = Negotiator()
    for line in sys.stdin:
        question = json.loads(line)
        answer = negotiator.ask(question) if "request" in question else negotiator.accepts(question)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
