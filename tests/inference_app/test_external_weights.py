"""Weights in a file of their own, in a folder of the package: published, and run as the client runs them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from django.test import Client
from onnx.external_data_helper import convert_model_to_external_data

from packages_app.models import Package, State
from packages_app.services.push import push_directory
from tests.cases import case
from tests.helpers import bearer
from tests.inference_app.conftest import ACTOR, DEMO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The demo model with its weights in `data/weights.bin`."""
    target = tmp_path / "package"
    shutil.copytree(DEMO / "packages" / "onnx-dynamic", target)
    model = onnx.load(target / "weights.onnx")
    convert_model_to_external_data(model, location="data/weights.bin", size_threshold=0)
    (target / "data").mkdir()
    onnx.save(model, target / "weights.onnx")
    return target


@pytest.fixture
def publish(alpha: Any) -> Callable[[Path], Package]:
    def push(directory: Path) -> Package:
        return push_directory(
            directory, model_id="demo/shapes", workspace=alpha, actor=ACTOR, trusted=True, publish=True
        )

    return push


def boxes(image: bytes, token: str) -> int:
    response = Client().post(
        "/api/v1/models/demo/shapes/infer", image, content_type="image/jpeg", headers=bearer(token)
    )
    assert response.status_code == 200, response.content
    return len(response.json()["predictions"])


def test_a_package_with_weights_in_a_folder_is_published_and_answers(
    publish: Callable[[Path], Package], directory: Path, image: bytes, infer_token: str
) -> None:
    package = publish(directory)
    assert package.state == State.PUBLISHED
    assert package.inspection["facts"]["external_data"] == ["data/weights.bin"]
    assert boxes(image, infer_token) > 0


def test_the_case_that_devices_ran_and_this_server_did_not(
    publish: Callable[[Path], Package], image: bytes, infer_token: str
) -> None:
    publish(case("ext-sub"))
    assert boxes(image, infer_token) == 3
