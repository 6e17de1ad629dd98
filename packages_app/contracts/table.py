"""The contracts, by architecture, task and backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from packages_app.contracts import documents, heads
from packages_app.contracts.contract import KEY_POINTS, ClassNames, Contract

TRT_CONFIG = "trt_config.json"
Key = tuple[str, str, str]

_ONNX = Contract(weights=("weights.onnx",))
# What readers of YOLOv5 and YOLOv7 segmentation do wrong, and clients rely on.
_COUNTED_FROM_OBJECTNESS = replace(
    _ONNX,
    notice=(
        "Clients count this architecture's classes from the objectness: they answer class 0 where that won, and each "
        "class of the network under the name behind its own. The last one has no name; this server leaves it out."
    ),
)
_SUPPRESSING = ("yolov8", "yolov9", "yolov11", "yolov12")


def contract_for(architecture: str, task: str, backend: str) -> Contract | None:
    """What the client needs of such a package, or None where that is not written down here."""
    return CONTRACTS.get((architecture, task, backend))


def _with_backends(key: tuple[str, str], onnx: Contract, *, script: bool = True) -> Iterator[tuple[Key, Contract]]:
    """The same family on ONNX, TorchScript and TensorRT: other files around one head."""
    yield (*key, "onnx"), onnx
    if script:
        yield (*key, "torch-script"), replace(onnx, weights=("weights.torchscript",), needs_static_batch=True)
    yield (*key, "trt"), _engine(onnx)


def _engine(onnx: Contract) -> Contract:
    return replace(
        onnx,
        weights=("engine.plan",),
        needed=(*onnx.needed, (TRT_CONFIG,)),
        documents={**onnx.documents, TRT_CONFIG: documents.trt_config},
        needs_scaling=True,
    )


def _with_key_points(contract: Contract) -> Contract:
    return replace(
        contract,
        needed=(*contract.needed, (KEY_POINTS,)),
        documents={**contract.documents, KEY_POINTS: documents.key_points_metadata},
    )


def _yolo_with_suppression() -> Iterator[tuple[Key, Contract]]:
    suppressed = replace(_ONNX, post_processing="nms")
    for name in _SUPPRESSING:
        yield from _with_backends((name, "object-detection"), replace(suppressed, head=heads.raw_columns()))
    masks = heads.raw_columns(heads.PROTOTYPES, prototypes=True)
    points = _with_key_points(replace(suppressed, head=heads.raw_columns(key_points=True)))
    for name in ("yolov8", "yolov11"):
        yield from _with_backends((name, "instance-segmentation"), replace(suppressed, head=masks))
        yield from _with_backends((name, "keypoint-detection"), points)
        yield (
            (name, "classification", "onnx"),
            replace(_ONNX, post_processing="softmax", head=heads.scores),
        )


def _yolo_without_suppression() -> Iterator[tuple[Key, Contract]]:
    rows = replace(_ONNX, head=heads.suppressed_rows())
    yield from _with_backends(("yolov10", "object-detection"), rows, script=False)
    yield from _with_backends(("yolo26", "object-detection"), rows)
    masks = heads.suppressed_rows(heads.PROTOTYPES, prototypes=True)
    yield from _with_backends(("yolo26", "instance-segmentation"), replace(_ONNX, head=masks))
    points = _with_key_points(replace(_ONNX, head=heads.suppressed_rows(key_points=True)))
    yield from _with_backends(("yolo26", "keypoint-detection"), points)
    semantic = replace(_ONNX, class_names=ClassNames.WITH_BACKGROUND, head=heads.maps)
    yield from _with_backends(("yolo26", "semantic-segmentation"), semantic)
    yield from _with_backends(
        ("yolo26", "depth-estimation"), replace(_ONNX, class_names=ClassNames.NOT_READ, head=heads.depth)
    )


def _older_yolo() -> Iterator[tuple[Key, Contract]]:
    yield ("yolov5", "object-detection", "onnx"), replace(_ONNX, head=heads.columns_last(0))
    yield (
        ("yolov5", "instance-segmentation", "onnx"),
        replace(
            _COUNTED_FROM_OBJECTNESS,
            head=heads.columns_last(heads.PROTOTYPES, prototypes_at=1, outputs_at_least=2, outputs_at_most=2),
        ),
    )
    yield (
        ("yolov7", "instance-segmentation", "onnx"),
        replace(
            _COUNTED_FROM_OBJECTNESS,
            head=heads.columns_last(heads.PROTOTYPES, prototypes_at=4, outputs_at_least=5),
        ),
    )
    nas = replace(
        _ONNX,
        post_processing="nms",
        may_be_fused=False,
        head=heads.tensors((None, heads.BOX), (None, "classes")),
    )
    yield from _with_backends(("yolonas", "object-detection"), nas, script=False)
    yield ("yololite", "object-detection", "onnx"), replace(_ONNX, head=heads.yololite)
    yield from _with_backends(
        ("yolact", "instance-segmentation"), replace(_ONNX, batch=1, head=heads.yolact), script=False
    )


def _detr() -> Iterator[tuple[Key, Contract]]:
    boxes = ((None, heads.BOX), (None, "classes+"))
    onnx = replace(_ONNX, sized_by_file=True)
    tasks = {
        "object-detection": replace(onnx, head=heads.tensors(*boxes)),
        "instance-segmentation": replace(onnx, head=heads.tensors(*boxes, (None, None, None))),
        "semantic-segmentation": replace(onnx, class_names=ClassNames.WITH_BACKGROUND, head=heads.maps),
        "keypoint-detection": _with_key_points(replace(onnx, needs_class_removal=True, head=heads.rfdetr_key_points)),
    }
    for task, contract in tasks.items():
        yield from _with_backends(("rfdetr", task), contract, script=False)
        if task in ("object-detection", "instance-segmentation"):
            yield ("rfdetr", task, "coreml"), replace(contract, weights=("weights.mlpackage.zip",))
        if task in documents.RFDETR_TYPES:
            types = documents.one_of("model_type.json", "model_type", documents.RFDETR_TYPES[task])
            yield (
                ("rfdetr", task, "torch"),
                replace(
                    contract,
                    weights=("weights.pth",),
                    needed=(("model_type.json",),),
                    documents={"model_type.json": types},
                ),
            )


def _maps_and_classes() -> Iterator[tuple[Key, Contract]]:
    semantic = replace(_ONNX, class_names=ClassNames.WITH_BACKGROUND, head=heads.maps)
    key = ("deep-lab-v3-plus", "semantic-segmentation")
    yield from _with_backends(key, semantic, script=False)
    deep_lab = {"classes": int, "in_channels": int, "encoder_name": str}
    yield (*key, "torch"), replace(semantic, weights=("weights.pt",), head=None, initialization=deep_lab)
    for task, post_processing in {"classification": "softmax", "multi-label-classification": "sigmoid"}.items():
        classifier = replace(_ONNX, post_processing=post_processing, head=heads.scores)
        for name in ("resnet", "vit"):
            yield from _with_backends((name, task), classifier, script=False)
        timm = {"num_classes": int, "model_name": str}
        yield ("resnet", task, "torch"), replace(classifier, weights=("weights.pth",), initialization=timm)
        yield (
            ("vit", task, "hugging-face"),
            replace(
                classifier,
                weights=("vit/model.safetensors",),
                needed=(("vit/config.json",), ("classifier_layer_weights.pth",)),
                documents={"vit/config.json": documents.vit_config},
                initialization={"num_classes": int},
            ),
        )


def _others() -> Iterator[tuple[Key, Contract]]:
    bare = Contract(weights=(), class_names=ClassNames.NOT_READ, has_config=False)
    yield ("clip", "embedding", "onnx"), replace(bare, weights=("visual.onnx", "textual.onnx"))
    yield ("clip", "embedding", "torch"), replace(bare, weights=("model.pt",))
    yield (
        ("perception-encoder", "embedding", "torch"),
        replace(
            bare,
            weights=("model.pt",),
            needed=(("config.json",),),
            documents={
                "config.json": documents.one_of("config.json", "vision_encoder_config", documents.PERCEPTION_ENCODERS)
            },
        ),
    )
    yield (
        ("l2cs-net", "gaze-detection", "onnx"),
        replace(bare, weights=("weights.onnx",), needs_dynamic_batch=True, side=448, head=heads.two_outputs),
    )
    yield (
        ("mediapipe-face-detector", "keypoint-detection", "mediapipe"),
        replace(
            bare,
            weights=("mediapipe_face_detector.tflite",),
            notice="Clients up to 0.27.2 load this package; newer ones pass it over.",
        ),
    )
    yield (
        ("owlv2", "open-vocabulary-object-detection", "hugging-face"),
        replace(
            bare,
            weights=("model.safetensors",),
            needed=(
                ("config.json",),
                ("processor_config.json", "preprocessor_config.json"),
                ("tokenizer.json", "vocab.json"),
                ("tokenizer_config.json",),
            ),
            documents={"config.json": documents.one_of("config.json", "model_type", ("owlv2",))},
        ),
    )
    yield (
        ("roboflow-instant", "object-detection", "hugging-face"),
        replace(bare, weights=("weights.pt",), dependency="feature_extractor"),
    )
    yield (
        ("grounding-dino", "open-vocabulary-object-detection", "torch"),
        replace(
            bare,
            weights=("weights.pth",),
            needed=(("config.py",), ("text_encoder/config.json",)),
        ),
    )


CONTRACTS: dict[Key, Contract] = {
    key: contract
    for part in (_yolo_with_suppression, _yolo_without_suppression, _older_yolo, _detr, _maps_and_classes, _others)
    for key, contract in part()
}
