"""RF-DETR's own network, exported to ONNX where the client is installed, answers here as it does in the client."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import pytest

from backends import InferenceParameters, RecommendedParameters, SessionOptions, load_package
from tests.backends import golden
from tests.conformance.clients import ClientWorker, client_python
from tests.conformance.house import House
from tests.conformance.test_loading import assert_same, rest_prediction

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

WEIGHTS = golden.GOLDEN / "rfdetr-nano-shapes-torch"
NAMES = {"model_architecture": "rfdetr", "task_type": "object-detection", "backend_type": "onnx"}
PLAIN, WRONG_SIZE = "package", "size-224"
RECOMMENDED = {"confidence": 0.6, "per_class_confidence": {"circle": 0.1, "star": 0.95}}
IMAGES = ("shapes_square_320x320.png", "shapes_wide_640x426.png", "astronaut_512x512.png", "tiny_8x8.png")
# For the plain package; variants are asked with the defaults.
PARAMETERS: tuple[dict[str, Any], ...] = (
    {},
    {"confidence": 0.8},
    {"confidence": 0.1},
    {"max_detections": 2},
    {"confidence": "best"},
)
VARIANTS = sorted(path.stem for path in (WEIGHTS / "variants").glob("*.json"))


@dataclass(frozen=True)
class Case:
    """One image asked of a package. ``package`` is a folder."""

    package: Path
    image: str
    params: dict[str, Any]

    @property
    def file(self) -> Path:
        return golden.GOLDEN / "images" / self.image

    @property
    def recommended(self) -> dict[str, Any] | None:
        return RECOMMENDED if self.params.get("confidence") == "best" else None

    @property
    def key(self) -> str:
        return f"{self.package.name} {self.image} {self.params}"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By variant: configurations beside one network, which was exported for another size than one of them says."""
    golden.require_golden()
    folder = tmp_path_factory.mktemp("rfdetr")
    network = folder / PLAIN / "weights.onnx"
    shutil.copytree(WEIGHTS / "package", network.parent, copy_function=shutil.copyfile)
    record([Case(network.parent, IMAGES[0], {})])
    found = {PLAIN: network.parent}
    for variant in VARIANTS:
        found[variant] = folder / variant
        found[variant].mkdir()
        shutil.copyfile(WEIGHTS / "variants" / f"{variant}.json", found[variant] / "inference_config.json")
        shutil.copyfile(network.parent / "class_names.txt", found[variant] / "class_names.txt")
        (found[variant] / "weights.onnx").symlink_to(network)
    for directory in found.values():
        (directory / "model_config.json").write_text(json.dumps(NAMES))
    for name in ("weights.pth", "model_type.json"):
        (found[PLAIN] / name).unlink()
    return found


@pytest.fixture(scope="module")
def recorded(packages: dict[str, Path]) -> dict[str, Any]:
    """What the client answers to all cases, by their keys."""
    cases = [Case(packages[PLAIN], image, params) for params in PARAMETERS for image in IMAGES]
    cases += [Case(packages[variant], image, {}) for variant in VARIANTS for image in IMAGES]
    return dict(zip((case.key for case in cases), record(cases), strict=True))


def record(cases: list[Case]) -> list[dict[str, Any]]:
    """What the client answers."""
    python = client_python("client")
    if not python.exists():
        pytest.fail("There is no environment with PyTorch. Run `make conformance` to install it.")
    asked = [
        {"package": str(case.package), "recommended": case.recommended, "image": str(case.file), "params": case.params}
        for case in cases
    ]
    script = Path(__file__).with_name("rfdetr_recorder.py")
    run = subprocess.run([python, script], input=json.dumps(asked), capture_output=True, text=True, timeout=250)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout.splitlines()[-1])


def check(cases: list[Case], recorded: dict[str, Any]) -> None:
    """Our answers to cases of one package, held to the client's."""
    recommended = cases[0].recommended
    with load_package(
        cases[0].package,
        architecture="rfdetr",
        task="object-detection",
        backend="onnx",
        options=SessionOptions(threads=2),
        recommended=None if recommended is None else RecommendedParameters(**recommended),
    ) as model:
        for case in cases:
            image = cv2.imread(str(case.file), cv2.IMREAD_COLOR)
            assert image is not None
            answers = model.infer([image], InferenceParameters.from_mapping(case.params))
            golden.check(answers, {"results": [recorded[case.key]]})


@pytest.mark.parametrize("params", PARAMETERS, ids=str)
def test_detection_agrees_with_the_client(
    params: dict[str, Any], packages: dict[str, Path], recorded: dict[str, Any]
) -> None:
    check([Case(packages[PLAIN], image, params) for image in IMAGES], recorded)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_configuration_means_what_it_means_to_the_client(
    variant: str, packages: dict[str, Path], recorded: dict[str, Any]
) -> None:
    check([Case(packages[variant], image, {}) for image in IMAGES], recorded)


@pytest.mark.parametrize("variant", [PLAIN, "letterbox-version-dims-512x384", "remove-class-square", WRONG_SIZE])
def test_what_is_published_answers_the_same(
    variant: str,
    packages: dict[str, Path],
    house: House,
    client: ClientWorker,
    home: Path,
    model_id: str,
    tmp_path: Path,
) -> None:
    directory = Path(shutil.copytree(packages[variant], tmp_path / "package"))
    pushed = house.push(directory, model_id)
    files = tuple(golden.GOLDEN / "images" / image for image in IMAGES[:2])

    load = client.load(model_id, address=house.address, home=home, images=files)

    assert load.model_class == "RFDetrForObjectDetectionONNX", f"{load.message} {load.tried}"
    assert load.package_id == pushed.package_id
    for file, theirs in zip(files, load.predictions, strict=True):
        assert len(theirs.boxes) > 0
        assert_same(rest_prediction(house, file, model_id), theirs, pixels=0, confidence=1e-3)
