"""Random questions for a negotiation: machines, requests and wire documents, the same for the same seed.

Values are drawn from small pools on purpose, so that packages often tie on one part of the ranking key and
differ on the next, and often fail one filter only. Some entries are damaged in ways that clients treat
differently.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from negotiation import Policy

CUDA_PROVIDER, CPU_PROVIDER = "CUDAExecutionProvider", "CPUExecutionProvider"
PROVIDERS = (CUDA_PROVIDER, CPU_PROVIDER, "TensorrtExecutionProvider", "OpenVINOExecutionProvider")
GPUS = {"tesla-t4": "7.5", "nvidia-l4": "8.9", "nvidia-a10g": "8.6", "nvidia-geforce-rtx-3090": "8.6"}
TRT_VERSIONS = ("8.6.1", "10.3", "10.3.0", "10.3.0.30-1", "10.8.0.43")
CUDA_VERSIONS = ("11.8", "12.4", "12.4.0", "12.6")
DRIVERS = ("535.104.5", "550.90.7", "560.35.3")
OS_VERSIONS = ("ubuntu-22.04", "ubuntu-24.04", "debian-12", "")
L4T_VERSIONS = ("35.4.1", "36.3.0", "36.4.3", "36.4.4")
JETSONS = ("nvidia-jetson-orin-nano", "nvidia-jetson-agx-orin")
TORCH_VERSIONS = ("2.1.0", "2.4.1", "2.6.0", "2.6.0+cu124", "2.8.0a0")
TORCHVISION_VERSIONS = ("0.16.0", "0.21.0", "0.23.0")
QUANTIZATIONS = ("fp32", "fp16", "bf16", "int8", "unknown")
MODELS = (
    ("yolov8", "object-detection"),
    ("yolov8", "object-detection"),
    ("yolov11", "instance-segmentation"),
    ("rfdetr", "object-detection"),
    ("rfdetr", "instance-segmentation"),
    ("resnet", "classification"),
    ("vit", "classification"),
    ("yololite", "object-detection"),
)
RARE_MODELS = (("yolov8", None), ("no-such-network", "object-detection"), ("doctr", "structured-ocr"))
MANIFEST_KINDS = ("onnx", "trt", "torch", "torch-script", "hf", "coreml", "ultralytics")


class Generator:
    """Cases in the format of negotiation cases, without the expected answer."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def case(self) -> dict[str, Any]:
        """One question."""
        environment = self.environment()
        document = self.document(environment)
        return {
            "environment": environment,
            "request": self.request(environment, document),
            "model_metadata": document,
        }

    def one(self, values: Any) -> Any:
        return self.random.choice(list(values))

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def environment(self) -> dict[str, Any]:
        """A machine: a server with GPUs, a Jetson, a Mac or a CPU, with some things missing."""
        kind = self.one(("server", "server", "server", "two-gpus", "jetson", "jetson", "mac", "cpu", "cpu"))
        providers = [CPU_PROVIDER]
        gpus: list[tuple[str, str]] = []
        jetson_type = l4t = None
        if kind in {"server", "two-gpus"}:
            gpus = [self.one(GPUS.items()) for _ in range(2 if kind == "two-gpus" else 1)]
            providers.insert(0, CUDA_PROVIDER)
        elif kind == "jetson":
            gpus, jetson_type, l4t = [("orin", "8.7")], self.one(JETSONS), self.one(L4T_VERSIONS)
            providers.insert(0, CUDA_PROVIDER)
        elif kind == "mac":
            providers.insert(0, "CoreMLExecutionProvider")
        if self.chance(0.2):
            providers.insert(0, self.one(PROVIDERS[2:]))
        has_onnx, has_torch = self.chance(0.95), self.chance(0.97)
        return {
            "gpu_available": bool(gpus),
            "gpu_devices": [name for name, _ in gpus],
            "gpu_devices_cc": [capability for _, capability in gpus],
            "driver_version": self.one(DRIVERS) if gpus else None,
            "cuda_version": self.one(CUDA_VERSIONS) if gpus else None,
            "trt_version": self.one(TRT_VERSIONS) if gpus and self.chance(0.9) else None,
            "jetson_type": jetson_type,
            "l4t_version": l4t,
            "os_version": None if jetson_type else self.one(OS_VERSIONS),
            "torch_available": has_torch,
            "torch_version": self.one(TORCH_VERSIONS) if has_torch and self.chance(0.95) else None,
            "torchvision_version": self.one(TORCHVISION_VERSIONS) if has_torch and self.chance(0.9) else None,
            "onnxruntime_version": self.one(("1.14.1", "1.15.0", "1.17.3", "1.20.1", "1.22.0", "1.23.1"))
            if has_onnx
            else None,
            "available_onnx_execution_providers": self.one((providers, providers, providers, [])) if has_onnx else None,
            "hf_transformers_available": self.chance(0.9),
            "trt_python_package_available": self.chance(0.92),
            "coremltools_version": "8.3.0" if kind == "mac" and self.chance(0.8) else None,
            "onnx_default_execution_providers": self.one(
                (
                    [CUDA_PROVIDER, "OpenVINOExecutionProvider", "CoreMLExecutionProvider", CPU_PROVIDER],
                    [CUDA_PROVIDER, CPU_PROVIDER],
                    ["TensorrtExecutionProvider", CUDA_PROVIDER],
                )
            ),
        }

    def document(self, environment: Mapping[str, Any]) -> dict[str, Any]:
        """A wire document. Ids come in any order and sometimes twice."""
        architecture, task = self.one(MODELS if self.chance(0.9) else RARE_MODELS)
        count = 0 if self.chance(0.02) else self.one((2, 5, 8, 8, 13, 20))
        ids = [f"{self.random.getrandbits(48):012x}" for _ in range(count)]
        if count > 2 and self.chance(0.15):
            ids[-1] = ids[0]
        if self.chance(0.4):
            ids.sort()
        # Only kinds that the policy can run, most of the time, so that questions get past that filter.
        known = Policy.for_client().implementations.get((architecture, task), {})
        kinds = [kind for kind in MANIFEST_KINDS if {"hf": "hugging-face"}.get(kind, kind) in known] or MANIFEST_KINDS
        entries = [
            self.entry(package_id, self.one(kinds if self.chance(0.93) else MANIFEST_KINDS), architecture, environment)
            for package_id in ids
        ]
        document = {
            "type": "external-model-metadata-v1",
            "modelId": "conformance/negotiation",
            "modelArchitecture": architecture,
            "modelPackages": entries,
        }
        if task is not None or self.chance(0.5):
            document["taskType"] = task
        if self.chance(0.01):
            document["modelPackages"] = self.one((entries, None, "none"))
        return document

    def entry(self, package_id: str, kind: str, architecture: str, environment: Mapping[str, Any]) -> dict[str, Any]:
        """One entry of ``modelPackages``, sometimes damaged."""
        entry: dict[str, Any] = {
            "type": "external-model-package-v1",
            "packageId": package_id,
            "packageManifest": self.manifest(kind, environment),
            "packageFiles": [
                {
                    "fileHandle": "weights",
                    "downloadUrl": "https://models.invalid/weights",
                    "md5Hash": f"{self.random.getrandbits(128):032x}",
                }
            ],
            "trustedSource": self.chance(0.85),
        }
        features = self.features(architecture, kind)
        if features is not None or self.chance(0.3):
            entry["modelFeatures"] = features
        if self.chance(0.1):
            self.damage(entry)
        return entry

    def features(self, architecture: str, kind: str) -> dict[str, Any] | None:
        if architecture == "doctr":
            return self.one(({"doctr_vocab_127": True}, {"doctr_vocab_127": True}, None, {}, {"other": 1}))
        if architecture == "rfdetr" and (kind != "torch" or self.chance(0.1)):
            return self.one((None, None, {}, {"resolution": 560}, {"patch_size": 14, "num_queries": 300}))
        if architecture in {"yolov8", "yolov11", "yololite"} and self.chance(
            0.4 if kind in {"onnx", "torch-script"} else 0.03
        ):
            return {"nms_fused": self.fused_nms()}
        return self.one((None, {})) if self.chance(0.96) else {"surprise": 1}

    def fused_nms(self) -> Any:
        if self.chance(0.04):
            return self.one((None, True, "yes", ["max_detections"], 0, ""))
        built_in: dict[str, Any] = {
            "max_detections": self.one((300, 300, 100)),
            "confidence_threshold": self.one((0.25, 0.25, 0.4)),
            "iou_threshold": self.one((0.7, 0.7, 0.5)),
            "class_agnostic": self.one((False, False, True, 0)),
        }
        if self.chance(0.06):
            del built_in[self.one(built_in)]
        elif self.chance(0.03):
            built_in[self.one(built_in)] = self.one(("300", None, [1]))
        return built_in

    def manifest(self, kind: str, environment: Mapping[str, Any]) -> dict[str, Any]:
        manifest: dict[str, Any] = {
            "type": f"{kind}-model-package-v1",
            "backendType": kind,
            "quantization": self.one(QUANTIZATIONS[:2]) if self.chance(0.7) else self.one(QUANTIZATIONS),
        }
        if kind not in {"hf", "ultralytics"}:
            manifest |= self.one(
                (
                    {"dynamicBatchSize": True},
                    {"dynamicBatchSize": True, "staticBatchSize": None},
                    {"staticBatchSize": self.one((1, 1, 4, 8))},
                    {"dynamicBatchSize": False, "staticBatchSize": self.one((1, 2, 16))},
                )
            )
        if kind == "onnx":
            manifest["opset"] = self.one((15, 17, 17, 19, 20, 22, 23))
            if self.chance(0.3):
                manifest["incompatibleProviders"] = self.one(
                    (None, [], [CPU_PROVIDER], [CUDA_PROVIDER, CPU_PROVIDER], ["CoreMLExecutionProvider"])
                )
        elif kind == "trt":
            manifest |= self.engine(environment, dynamic=bool(manifest.get("dynamicBatchSize")))
        elif kind == "torch-script":
            manifest["supportedDeviceTypes"] = self.one((["cpu", "cuda"], ["cuda"], ["cpu", "mps"], ["cpu"], []))
            manifest["torchVersion"] = self.one((environment["torch_version"] or "2.0", *TORCH_VERSIONS))
            if self.chance(0.4):
                manifest["torchVisionVersion"] = self.one((None, *TORCHVISION_VERSIONS))
        return manifest

    def engine(self, environment: Mapping[str, Any], *, dynamic: bool) -> dict[str, Any]:
        """The fields of a TensorRT manifest, mostly made for the machine at hand."""

        def here(name: str, others: Any) -> str:
            value = environment[name]
            return value if value is not None and self.chance(0.75) else self.one(others)

        gpus = list(zip(environment["gpu_devices"], environment["gpu_devices_cc"], strict=True))
        name, capability = self.one(gpus if gpus and self.chance(0.85) else GPUS.items())
        fields: dict[str, Any] = {
            "cudaDeviceType": name,
            "cudaDeviceCC": self.one((capability, capability, f"{capability}.0", "9.0")),
            "cudaVersion": self.one(CUDA_VERSIONS),
            "trtVersion": here("trt_version", TRT_VERSIONS),
        }
        if dynamic or self.chance(0.2):
            sizes = self.one(((1, 4, 8), (1, 8, 16), (2, 2, 2), (8, 4, 1)))
            fields |= dict(zip(("minBatchSize", "optBatchSize", "maxBatchSize"), sizes, strict=True))
        for flag, probability in (
            ("sameCCCompatible", 0.4),
            ("trtForwardCompatible", 0.3),
            ("trtLeanRuntimeExcluded", 0.2),
        ):
            if self.chance(0.7):
                fields[flag] = self.chance(probability)
        if self.chance(0.7 if environment["l4t_version"] else 0.1):
            fields["machineType"] = "jetson"
            fields["machineSpecs"] = {
                "type": "jetson-machine-specs-v1",
                "l4tVersion": here("l4t_version", L4T_VERSIONS),
                "deviceName": here("jetson_type", JETSONS),
                "driverVersion": here("driver_version", DRIVERS),
            }
        else:
            fields["machineType"] = "gpu-server"
            fields["machineSpecs"] = {
                "type": "gpu-server-specs-v1",
                "driverVersion": here("driver_version", DRIVERS),
                "osVersion": here("os_version", OS_VERSIONS),
            }
        return fields

    def damage(self, entry: dict[str, Any]) -> None:
        """Change one thing of an entry, in a way that clients may or may not forgive."""
        manifest = entry["packageManifest"]
        where, key, value = self.one(
            (
                (entry, "trustedSource", "true"),
                (entry, "trustedSource", 1),
                (entry, "trustedSource", None),
                (entry, "packageId", 7),
                (entry, "packageFiles", []),
                (entry, "packageFiles", None),
                (entry, "packageFiles", [{"fileHandle": "a", "downloadUrl": None}]),
                (entry, "packageFiles", [{"fileHandle": "a", "downloadUrl": "u", "md5Hash": 5}]),
                (entry, "packageFiles", [{"fileHandle": "a", "downloadUrl": "u", "size": 5}]),
                (entry, "modelFeatures", ["nms_fused"]),
                (entry, "recommendedParameters", {"confidence": 1}),
                (entry, "recommendedParameters", {"confidence": "0.3"}),
                (entry, "recommendedParameters", {"perClassConfidence": {"a": 0.5}}),
                (entry, "recommendedParameters", {"per_class_confidence": {"a": "0.5"}}),
                (entry, "memoryProfile", {"peakVramMb": {"1": 500}}),
                (entry, "memoryProfile", "much"),
                (entry, "type", "external-model-package-v2"),
                (entry, "surprise", {"unknown": True}),
                (manifest, "type", "oak-model-package-v1"),
                (manifest, "type", "mediapipe-model-package-v1"),
                (manifest, "type", "vllm-model-package-v1"),
                (manifest, "type", None),
                (manifest, "backendType", "hugging-face"),
                (manifest, "quantization", "FP16"),
                (manifest, "quantization", "int4"),
                (manifest, "quantization", None),
                (manifest, "staticBatchSize", 0),
                (manifest, "staticBatchSize", "4"),
                (manifest, "dynamicBatchSize", "true"),
                (manifest, "dynamicBatchSize", None),
                (manifest, "opset", "17"),
                (manifest, "opset", 17.0),
                (manifest, "opset", 17.5),
                (manifest, "opset", True),
                (manifest, "incompatibleProviders", CPU_PROVIDER),
                (manifest, "sameCCCompatible", None),
                (manifest, "trtForwardCompatible", "yes"),
                (manifest, "trtVersion", "ten"),
                (manifest, "trtVersion", 10),
                (manifest, "cudaVersion", ""),
                (manifest, "optBatchSize", None),
                (manifest, "machineType", "gpu-server"),
                (manifest, "machineSpecs", {"type": "laptop-specs-v1"}),
                (manifest, "torchVersion", "new"),
                (manifest, "torchVisionVersion", ""),
                (manifest, "supportedDeviceTypes", "cpu"),
                (manifest, "surprise", 1),
            )
        )
        where[key] = value

    def request(self, environment: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments of the client. Most are left out most of the time."""
        request: dict[str, Any] = {
            "device": self.device(environment),
            "default_onnx_trt_options": True,
            "allow_untrusted_packages": self.chance(0.5),
            "trt_engine_host_code_allowed": self.chance(0.85),
        }
        if self.chance(0.12):
            request["backend"] = self.one(("onnx", "TRT", ["trt", "onnx"], ["torch", "torch-script", "onnx"]))
        elif self.chance(0.03):
            request["backend"] = self.one(([], "hf", "onnx ", "", ["nothing"]))
        if self.chance(0.2):
            request["batch_size"] = self.one((1, 4, [1, 8], [4, 8], [1, 16]))
        elif self.chance(0.03):
            request["batch_size"] = self.one((0, [8, 4], [0, 4], [1, 2, 3], "4", 2.0, [1, "2"]))
        if self.chance(0.4):
            request["quantization"] = self.one((["fp16", "fp32"], list(QUANTIZATIONS), [], "", "fp32", ["int8"]))
        elif self.chance(0.03):
            request["quantization"] = self.one(("FP16", ["fp32", "half"], ["fp32", ""]))
        if self.chance(0.25):
            request["onnx_execution_providers"] = self.one(
                (
                    [],
                    [CPU_PROVIDER],
                    [CUDA_PROVIDER, CPU_PROVIDER],
                    [["TensorrtExecutionProvider", {"trt_fp16_enable": True}], CPU_PROVIDER],
                    [[CUDA_PROVIDER, {}]],
                    ["TensorrtExecutionProvider"],
                )
            )
        if self.chance(0.5):
            request["nms_fusion_preferences"] = self.nms_preferences()
        if self.chance(0.08):
            request["required_capabilities"] = self.one(
                (["image_embeddings"], ["image_embeddings"], [], ["mind_reading"])
            )
        if self.chance(0.1):
            request["disabled_backends"] = self.one((["onnx"], ["trt", "onnx", "unheard-of"], []))
        if self.chance(0.15):
            request["max_package_loading_attempts"] = self.one((0, 1, 2, 3, -1))
        if self.chance(0.08):
            known = [entry["packageId"] for entry in document["modelPackages"] or () if isinstance(entry, dict)]
            request["model_package_id"] = str(self.one([*known, "", "0123"]))
        return request

    def device(self, environment: Mapping[str, Any]) -> str | None:
        if self.chance(0.05):
            return self.one(("cuda:1", "cuda:7", "cuda:01", "gpu", "", "meta", "cpu:0"))
        if environment["gpu_devices"]:
            return self.one(("cuda", "cuda:0", "cuda:0", "cpu", None))
        return self.one(("cpu", "cpu", "mps", None, "cuda"))

    def nms_preferences(self) -> Any:
        if self.chance(0.4):
            return self.one((True, True, False))
        preferences: dict[str, Any] = {}
        if self.chance(0.5):
            preferences["max_detections"] = self.one((300, [100, 300], [300, 50], [300, 300]))
        if self.chance(0.5):
            preferences["confidence_threshold"] = self.one((0.25, [0.2, 0.5], [0.25, 0.25], 0.250001))
        if self.chance(0.5):
            preferences["iou_threshold"] = self.one((0.7, [0.4, 0.8]))
        if self.chance(0.3):
            preferences["class_agnostic"] = self.one((False, True))
        if self.chance(0.04):
            preferences[self.one(("max_detections", "iou_threshold"))] = self.one(([1, 2, 3], None, "many", [0.5]))
        return preferences
