"""On the machine under the tests, the real client and detection describe the same environment."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from negotiation.environment import Environment
from negotiation.versions import parse_version

ROOT = Path(__file__).parents[3]
CLIENT_PYTHON = Path(os.environ.get("CLIENT_PYTHON", ROOT / ".venvs" / "client" / "bin" / "python"))
ASK_THE_CLIENT = """
import dataclasses, json
from inference_models.runtime_introspection.core import x_ray_runtime_environment
print(json.dumps(dataclasses.asdict(x_ray_runtime_environment()), default=str))
"""
VERSIONS = {name for name in Environment.__dataclass_fields__ if name.endswith("_version")} - {"os_version"}

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(not CLIENT_PYTHON.exists(), reason="the real client is not installed (CLIENT_PYTHON)"),
]


def answer(*arguments, **variables):
    completed = subprocess.run(
        [str(CLIENT_PYTHON), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=110,
        check=True,
    )
    return json.loads(completed.stdout[completed.stdout.index("{") :])


def comparable(environment):
    return {
        name: parse_version(value) if name in VERSIONS and value is not None else value
        for name, value in environment.items()
    }


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"JETSON_MODULE": "NVIDIA Jetson Orin NX Developer Kit", "L4T_VERSION": "36.4.3"},
        {"RUNNING_ON_JETSON": "yes", "L4T_VERSION": "35.4.1"},
        {"RUNNING_ON_JETSON": "off", "JETSON_MODULE": "NVIDIA Jetson AGX Xavier"},
    ],
    ids=["as-it-is", "declared-module", "declared-jetson", "declared-no-jetson"],
)
def test_the_client_sees_the_same_machine(variables):
    ours = comparable(answer("-m", "negotiation.detection", "--environment", **variables))
    theirs = comparable(answer("-c", ASK_THE_CLIENT, **variables))
    assert {name: ours[name] for name in theirs} == theirs
