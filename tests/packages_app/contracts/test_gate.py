"""Packages held to their contract."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from negotiation import known_models
from packages_app.contracts.table import CONTRACTS
from packages_app.facts import Facts
from packages_app.inspection.package_directory import inspect_files
from tests import cases
from tests.backends import golden
from tests.backends.networks import config, constant_network, raw_detections, write_package

# What client 0.39.6 has no loader for, though an older one or a later table of ours has.
UNKNOWN_TO_THE_CLIENT = {
    ("mediapipe-face-detector", "keypoint-detection", "mediapipe"),
    ("yolact", "instance-segmentation", "trt"),
}


def inspected(directory: Path, **changes: Any) -> Facts:
    """The facts of a package directory as a client keeps it, with ``changes`` of what model_config.json says."""
    said = {"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"}
    if (directory / "model_config.json").exists():
        said = json.loads((directory / "model_config.json").read_text())
    files = {
        path.relative_to(directory).as_posix(): path
        for path in directory.rglob("*")
        if path.is_file() and path.name != "model_config.json"
    }
    said |= changes
    return inspect_files(
        {"hf": "hugging-face", "torchscript": "torch-script"}.get(said["backend_type"], said["backend_type"]),
        files,
        architecture=said["model_architecture"],
        task=said["task_type"],
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A detector of two classes in images of 64x64, complete."""
    return write_package(tmp_path / "package", constant_network([raw_detections((16, 16, 8, 8, 0, 0.9))]))


def rewrite(package: Path, **changes: Any) -> None:
    """Changes keys of the top of inference_config.json."""
    path = package / "inference_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_complete_package_has_no_gaps(package: Path) -> None:
    assert inspected(package).gaps == ()


def test_a_file_of_another_name_is_named_with_the_name_that_clients_look_for(package: Path) -> None:
    (package / "weights.onnx").rename(package / "best.onnx")
    assert inspected(package).gaps == ("The client needs weights.onnx; yours is best.onnx. Rename it.",)


@pytest.mark.parametrize("handle", ["class_names.txt", "inference_config.json"])
def test_a_missing_text_is_named(package: Path, handle: str) -> None:
    (package / handle).unlink()
    assert inspected(package).gaps == (f"The client needs {handle}. Add it.",)


def test_a_configuration_without_suppression_is_refused_where_the_client_reads_it(package: Path) -> None:
    rewrite(package, post_processing=None)
    assert "post_processing" in inspected(package).gaps[0]


def test_another_size_in_the_configuration_is_refused_with_both_sizes(package: Path) -> None:
    document = config(training_input_size={"height": 128, "width": 128})
    rewrite(package, network_input=document["network_input"])
    (gap,) = inspected(package).gaps
    assert "64x64" in gap
    assert "128x128" in gap


def test_another_batch_in_the_configuration_is_refused(tmp_path: Path) -> None:
    network = constant_network([raw_detections((16, 16, 8, 8, 0, 0.9))], batch=1)
    package = write_package(tmp_path / "package", network)
    rewrite(package, forward_pass={"static_batch_size": 4})
    assert "forward_pass.static_batch_size" in inspected(package).gaps[0]


def test_names_that_end_too_early_are_refused(package: Path) -> None:
    (package / "class_names.txt").write_text("cat\n")
    assert "class_names.txt names 1" in inspected(package).gaps[0]


def test_line_separators_of_other_scripts_are_part_of_a_name(package: Path) -> None:
    (package / "class_names.txt").write_text("ca\u2028t\ndo\x0bg\n", encoding="utf-8")
    facts = inspected(package)
    assert facts.class_names == ("ca\u2028t", "do\x0bg")
    assert facts.gaps == ()


def test_an_input_of_integers_is_refused(package: Path) -> None:
    network = onnx.load(package / "weights.onnx")
    network.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8
    onnx.save(network, package / "weights.onnx")
    (gap,) = inspected(package).gaps
    assert "uint8" in gap
    assert "float32" in gap


def test_suppression_in_the_features_and_not_in_the_configuration_is_refused(package: Path) -> None:
    files = {path.name: path for path in package.iterdir()}
    facts = inspect_files("onnx", files, architecture="yolov8", task="object-detection", features=["nms_fused"])
    assert "nms_fused" in facts.gaps[0]


@pytest.mark.parametrize("key", sorted(set(CONTRACTS) - UNKNOWN_TO_THE_CLIENT))
def test_what_is_written_down_is_known_to_the_client(key: tuple[str, str, str]) -> None:
    architecture, task, backend = key
    assert backend in known_models.backends(architecture, task)


@pytest.mark.parametrize("name", sorted(path.parent.name for path in golden.GOLDEN.glob("*/package")))
def test_golden_packages_pass_but_for_the_one_that_clients_cannot_load(name: str) -> None:
    package = golden.GOLDEN / name / "package"
    if not (package / "model_config.json").exists():
        pytest.skip("a pipeline")
    gaps = inspected(package).gaps
    if name == "perception-encoder-tiny-test":
        assert "vision_encoder_config" in gaps[0]
    else:
        assert gaps == ()


CASES = {
    "uint8-in-scaled": "uint8",
    "e2e-as-yolov8-raw": "suppressed head",
    "too-few-names": "class_names.txt names 3",
    "size-mismatch": "128x128",
}


@pytest.mark.parametrize("name", CASES)
def test_cases_that_real_use_brought_are_refused(name: str) -> None:
    (gap,) = inspected(cases.case(name)).gaps
    assert CASES[name] in gap


@pytest.mark.parametrize("name", ["ext-sub", "ir-14", "names-u2028", "zz-onnx"])
def test_cases_that_are_right_are_taken(name: str) -> None:
    assert inspected(cases.case(name)).gaps == ()


@pytest.mark.parametrize("handle", ["class_names.txt", "inference_config.json"])
def test_a_byte_order_mark_is_refused_as_clients_take_it_for_content(package: Path, handle: str) -> None:
    path = package / handle
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    (gap,) = inspected(package).gaps
    assert f"{handle} begins with a byte order mark" in gap


def test_a_forward_pass_of_null_is_refused_as_clients_refuse_it(package: Path) -> None:
    rewrite(package, forward_pass=None)
    assert "forward_pass: clients refuse null" in inspected(package).gaps[0]


def test_any_size_is_refused_for_a_network_of_one_size(package: Path) -> None:
    document = config(
        training_input_size=None,
        dynamic_spatial_size_supported=True,
        dynamic_spatial_size_mode={"type": "any-size"},
    )
    rewrite(package, network_input=document["network_input"])
    (gap,) = inspected(package).gaps
    assert "64x64 (height, width) alone" in gap


def test_a_second_input_is_refused_as_clients_feed_one(package: Path) -> None:
    network = onnx.load(package / "weights.onnx")
    network.graph.input.append(onnx.helper.make_tensor_value_info("scale", onnx.TensorProto.FLOAT, [1]))
    onnx.save(network, package / "weights.onnx")
    assert "takes 2 inputs" in inspected(package).gaps[0]


def test_outputs_of_integers_are_refused(package: Path) -> None:
    network = onnx.load(package / "weights.onnx")
    network.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.INT32
    onnx.save(network, package / "weights.onnx")
    assert "is of type int32" in inspected(package).gaps[0]


def test_several_networks_without_the_right_name_are_all_named(package: Path) -> None:
    (package / "weights.onnx").rename(package / "best.onnx")
    (package / "last.onnx").write_bytes((package / "best.onnx").read_bytes())
    assert "best.onnx and last.onnx. Give the right one that name." in inspected(package).gaps[0]


def test_an_engine_under_another_ending_is_found(tmp_path: Path) -> None:
    engine = tmp_path / "model.engine"
    engine.write_bytes(b"ftrt" + bytes(100))
    facts = inspect_files("trt", {"model.engine": engine}, architecture="yolov8", task="object-detection")
    assert "The client needs engine.plan; yours is model.engine. Rename it." in facts.gaps


@pytest.mark.parametrize(
    "document, found",
    [
        ({"static_batch_size": 4}, (False, 4, None, None, None)),
        (
            {"dynamic_batch_size_min": 1, "dynamic_batch_size_opt": 2, "dynamic_batch_size_max": 8},
            (True, None, 1, 2, 8),
        ),
        ({"static_batch_size": 0}, (None, None, None, None, None)),
    ],
)
def test_the_batch_of_an_engine_is_that_of_its_configuration(
    tmp_path: Path, document: dict[str, int], found: tuple[Any, ...]
) -> None:
    (tmp_path / "engine.plan").write_bytes(b"ftrt" + bytes(100))
    (tmp_path / "trt_config.json").write_text(json.dumps(document))
    facts = inspected(tmp_path, backend_type="trt")
    assert found == (
        facts.dynamic_batch_size,
        facts.static_batch_size,
        facts.min_batch_size,
        facts.opt_batch_size,
        facts.max_batch_size,
    )


def test_a_device_must_read_the_newer_of_two_networks(tmp_path: Path) -> None:
    for handle, opset in {"visual.onnx": 17, "textual.onnx": 18}.items():
        network = constant_network([np.zeros(4)], opset=17)
        network.opset_import[0].version = opset
        (tmp_path / handle).write_bytes(network.SerializeToString())
    assert inspected(tmp_path, model_architecture="clip", task_type="embedding").opset == 18


def test_a_bundle_of_core_ml_is_no_archive_to_unpack(tmp_path: Path) -> None:
    write_package(tmp_path / "package", constant_network([np.zeros(4)]))
    (tmp_path / "package" / "weights.onnx").rename(tmp_path / "package" / "weights.mlpackage.zip")
    facts = inspected(tmp_path / "package", model_architecture="rfdetr", backend_type="coreml")
    assert (facts.problems, facts.gaps) == ((), ())


@pytest.mark.parametrize(
    "name, key", [("resnet-test-cls-torch", "model_initialization.num_classes"), ("vit-tiny-cls-hf", "num_classes")]
)
def test_what_the_client_builds_the_network_from_must_be_there(tmp_path: Path, name: str, key: str) -> None:
    golden.require_golden()
    package = shutil.copytree(golden.GOLDEN / name / "package", tmp_path / "package")
    rewrite(package, model_initialization=None)
    assert key in " ".join(inspected(package).gaps)


@pytest.mark.parametrize("architecture", ["yolo26", "yolov8"])
def test_todays_default_export_of_yolo26_is_right_as_yolov8_alone(tmp_path: Path, architecture: str) -> None:
    network = onnx.load(cases.case("files/yolo26_default_export_raw_1x8x84.onnx"))
    package = write_package(tmp_path / "package", network, class_names=("a", "b", "c", "d"))
    gaps = inspected(package, model_architecture=architecture).gaps
    if architecture == "yolov8":
        assert gaps == ()
    else:
        assert "Publish it as yolov8" in gaps[0]
        assert "nms=False" in gaps[0]


@pytest.mark.parametrize(
    "outputs, architecture, said",
    [
        # One image each, without the batch side.
        ([(20, 38), (32, 16, 16)], "yolo26", "`yolo26` for instance-segmentation"),
        ([(38, 84), (32, 16, 16)], "yolo26", "`yolov8` or `yolov11` for instance-segmentation"),
        ([(30, 4), (30, 3), (30, 16, 16)], "rfdetr", "`rfdetr` for instance-segmentation"),
        ([(6, 84)], "yolov5", "`yolov8` or `yolov9`"),
        ([(84, 6)], "rfdetr", "`yolov10` or `yolo26`"),
    ],
)
def test_a_head_of_another_family_is_refused_with_those_that_read_it_right(
    tmp_path: Path, outputs: list[tuple[int, ...]], architecture: str, said: str
) -> None:
    package = write_package(tmp_path / "package", constant_network([np.zeros(shape) for shape in outputs]))
    (gap,) = inspected(package, model_architecture=architecture).gaps
    assert said in gap


def test_a_stray_network_is_pointed_out_and_proves_nothing(package: Path) -> None:
    stray = constant_network([raw_detections((16, 16, 8, 8, 0, 0.9))], batch=4, opset=20)
    (package / "zz.onnx").write_bytes(stray.SerializeToString())
    facts = inspected(package)
    assert (facts.opset, facts.dynamic_batch_size, facts.static_batch_size, facts.gaps) == (17, True, None, ())
    assert "zz.onnx is not what clients load" in " ".join(facts.notices)


def test_the_case_of_a_stray_network_is_described_by_the_one_that_is_loaded() -> None:
    facts = inspected(cases.case("zz-onnx"))
    assert (facts.opset, facts.static_batch_size) == (17, 1)
    assert "zz.onnx" in " ".join(facts.notices)


def test_the_case_of_line_separators_has_three_names() -> None:
    assert len(inspected(cases.case("names-u2028")).class_names or ()) == 3


def test_the_removal_of_a_class_that_is_not_there_is_said_and_not_refused(package: Path) -> None:
    rewrite(package, class_names_operations=[{"type": "class_name_removal", "class_name": "bird"}])
    facts = inspected(package)
    assert facts.gaps == ()
    assert "removes the class 'bird'" in " ".join(facts.notices)


@pytest.mark.parametrize("name, handle", [("owlv2-tiny-hf", "config.json"), ("vit-tiny-cls-hf", "vit/config.json")])
def test_a_directory_of_another_network_of_transformers_is_refused(tmp_path: Path, name: str, handle: str) -> None:
    golden.require_golden()
    package = shutil.copytree(golden.GOLDEN / name / "package", tmp_path / "package")
    (package / handle).write_text("{}")
    assert inspected(package).gaps == (f"{handle} needs model_type, one of {name.split('-')[0]}.",)


def test_a_vision_transformer_of_another_size_than_the_configuration_is_refused(tmp_path: Path) -> None:
    golden.require_golden()
    package = tmp_path / "vit"
    shutil.copytree(golden.GOLDEN / "vit-tiny-cls-hf" / "package", package, copy_function=shutil.copyfile)
    document = json.loads((package / "vit" / "config.json").read_text())
    (package / "vit" / "config.json").write_text(json.dumps({**document, "image_size": 224}))
    (gap,) = inspected(package).gaps
    assert "image_size 224" in gap


def test_key_points_of_more_classes_than_names_are_refused(tmp_path: Path) -> None:
    golden.require_golden()
    package = tmp_path / "points"
    shutil.copytree(golden.GOLDEN / "rfdetr-shapes-kp-onnx" / "package", package, copy_function=shutil.copyfile)
    names = (package / "class_names.txt").read_text().splitlines()
    (package / "class_names.txt").write_text("\n".join(names[:-1]))
    assert "keypoints_metadata.json describes 5 classes" in inspected(package).gaps[0]
