"""Can this machine run a package? One check for each backend.

What does not depend on the package is worked out once a negotiation, in ``Runtime``. Driver, CUDA and
operating system are never checked: they only rank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from negotiation import reasons
from negotiation.errors import ModelPackageNegotiationError
from negotiation.onnx_releases import reason_against_ir_version
from negotiation.package import Jetson, Manifest, OnnxManifest, TorchScriptManifest, TrtManifest
from negotiation.question import Question, candidate_gpus
from negotiation.reasons import Reason
from negotiation.versions import equal_versions, is_older, major_minor


class Runtime:
    """The machine, the requested device and the caller's runtime arguments, ready to judge manifests."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.environment = question.environment
        self._prepare_onnx()
        self._prepare_trt()
        self.checks: Mapping[str, Callable[[Any], Reason | None]] = {
            "coreml": self._reason_against_coreml,
            "hugging-face": self._reason_against_hugging_face,
            "onnx": self._reason_against_onnx,
            "torch": self._reason_against_torch,
            "torch-script": self._reason_against_torch_script,
            "trt": self._reason_against_trt,
            "ultralytics": self._refuse_to_judge,
        }
        """By backend: why the machine cannot run a package with this manifest; None if it can.

        A check raises ``ModelPackageNegotiationError`` if the backend cannot be compared with a machine, or
        if a TensorRT package is to be judged for a CUDA device that the machine does not have.
        """

    def _prepare_onnx(self) -> None:
        environment, request, policy = self.environment, self.question.request, self.question.policy
        self._onnx_missing: Reason | None = None
        self._onnx_provider = ""
        self._opset_limit = 0
        self._opset_listed = False
        available = environment.available_onnx_execution_providers
        if environment.onnxruntime_version is None or not available:
            self._onnx_missing = reasons.ONNX_NOT_INSTALLED
            return
        requested = request.onnx_execution_providers
        preferred = requested or environment.onnx_default_execution_providers
        # A provider passed with options is a tuple and never equals a name; the client drops it here.
        usable = [name for name in preferred if isinstance(name, str) and name in available]
        if not usable:
            self._onnx_missing = (
                reasons.ONNX_REQUESTED_PROVIDERS_UNAVAILABLE
                if requested
                else reasons.onnx_default_providers_unavailable(environment.onnx_default_execution_providers)
            )
            return
        self._onnx_provider = usable[0]
        major, minor = major_minor(environment.onnxruntime_version)
        limit = policy.onnx_opset_limits.get(f"{major}.{minor}")
        self._opset_listed = limit is not None
        self._opset_limit = policy.onnx_opset_limit_of_other_releases if limit is None else limit

    def _prepare_trt(self) -> None:
        environment = self.environment
        self._trt_version = environment.trt_version or ""
        self._trt_missing: Reason | None = None
        if environment.trt_version is None:
            self._trt_missing = reasons.TRT_NOT_INSTALLED
        elif not environment.trt_python_package_available:
            self._trt_missing = reasons.TRT_PYTHON_PACKAGE_MISSING
        gpus = candidate_gpus(self.question)
        self._gpu_exists = gpus is not None
        self._gpu_names = tuple(environment.gpu_devices[index] for index in gpus or ())
        self._gpu_capabilities = tuple(environment.gpu_devices_cc[index] for index in gpus or ())

    def _reason_against_onnx(self, manifest: OnnxManifest) -> Reason | None:
        if self._onnx_missing is not None:
            return self._onnx_missing
        if manifest.incompatible_providers and self._onnx_provider in manifest.incompatible_providers:
            return reasons.onnx_incompatible_provider(self._onnx_provider)
        if manifest.opset > self._opset_limit:
            return reasons.onnx_opset_too_high(
                manifest.opset,
                self._opset_limit,
                str(self.environment.onnxruntime_version),
                self._opset_listed,
            )
        return reason_against_ir_version(
            manifest, self.environment.onnxruntime_version, self.question.policy.onnx_ir_limits
        )

    def _reason_against_trt(self, manifest: TrtManifest) -> Reason | None:
        if self._trt_missing is not None:
            return self._trt_missing
        machine = manifest.machine
        jetson = machine if isinstance(machine, Jetson) else None
        if jetson is not None and self.environment.l4t_version is None:
            return reasons.TRT_RUNTIME_L4T_UNKNOWN
        if not self._gpu_exists:
            raise ModelPackageNegotiationError(
                "The machine does not have the requested CUDA device. Pass the index of one that it has."
            )
        if manifest.same_cc_compatible:
            if not self._has_compute_capability(manifest.cuda_device_cc):
                return reasons.trt_compute_capability_mismatch(manifest.cuda_device_cc, self._gpu_capabilities)
        elif manifest.cuda_device_type not in self._gpu_names:
            return reasons.trt_device_name_mismatch(manifest.cuda_device_type, self._gpu_names)
        if jetson is not None:
            runtime_l4t = str(self.environment.l4t_version)
            if major_minor(jetson.l4t_version) != major_minor(runtime_l4t):
                return reasons.trt_l4t_mismatch(jetson.l4t_version, runtime_l4t)
        package, runtime = manifest.trt_version, self._trt_version
        if not manifest.trt_forward_compatible:
            if runtime != package and not equal_versions(runtime, package):
                return reasons.trt_version_not_equal(package, runtime)
            return None
        if is_older(runtime, package):
            return reasons.trt_runtime_older_than_engine(package, runtime)
        if manifest.trt_lean_runtime_excluded:
            return reasons.TRT_LEAN_RUNTIME_EXCLUDED
        if not self.question.request.trt_engine_host_code_allowed:
            return reasons.TRT_HOST_CODE_FORBIDDEN
        return None

    def _has_compute_capability(self, needed: str) -> bool:
        # The usual spelling first: it saves comparing versions.
        return needed in self._gpu_capabilities or any(
            equal_versions(capability, needed) for capability in self._gpu_capabilities
        )

    def _refuse_to_judge(self, manifest: Manifest) -> Reason | None:
        raise ModelPackageNegotiationError(
            f"Packages for the {manifest.backend} backend cannot be compared with a machine."
        )

    def _reason_against_torch(self, manifest: Manifest) -> Reason | None:
        return None if self.environment.torch_available else reasons.TORCH_NOT_INSTALLED

    def _reason_against_hugging_face(self, manifest: Manifest) -> Reason | None:
        return None if self.environment.hf_transformers_available else reasons.HF_NOT_INSTALLED

    def _reason_against_coreml(self, manifest: Manifest) -> Reason | None:
        return None if self.environment.coremltools_version else reasons.COREML_NOT_AVAILABLE

    def _reason_against_torch_script(self, manifest: TorchScriptManifest) -> Reason | None:
        environment, device = self.environment, self.question.device
        if not environment.torch_available:
            return reasons.TORCH_NOT_INSTALLED
        if device is None:
            return reasons.TORCHSCRIPT_DEVICE_UNSPECIFIED
        if device.type not in manifest.supported_device_types:
            return reasons.torchscript_device_type_mismatch(device.type, manifest.supported_device_types)
        if environment.torch_version is None:
            return reasons.TORCHSCRIPT_TORCH_VERSION_UNKNOWN
        if is_older(environment.torch_version, manifest.torch_version):
            return reasons.torchscript_torch_too_old(manifest.torch_version, environment.torch_version)
        needed = manifest.torch_vision_version
        if needed is None:
            return None
        if environment.torchvision_version is None:
            return reasons.TORCHSCRIPT_TORCHVISION_VERSION_UNKNOWN
        if is_older(environment.torchvision_version, needed):
            return reasons.torchscript_torchvision_too_old(needed, environment.torchvision_version)
        return None
