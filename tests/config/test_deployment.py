"""The settings and files of a server as it is deployed: TLS in front, and nothing more open than it must be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands import ROOT, environment, manage

DOCKER = ROOT / "docker"
COMPOSITIONS = sorted(DOCKER.glob("compose*.yaml"))
LOOK = """
import django; django.setup()
from django.conf import settings
from django.test import Client
answer = Client().get("/admin/login/", headers={"X-Forwarded-Proto": "https"})
cookie = answer.cookies["csrftoken"]
print(bool(cookie["secure"]), settings.SESSION_COOKIE_SECURE, answer.headers.get("Strict-Transport-Security"))
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("deployed") / "data"
    assert manage(directory, "migrate", "-v0").returncode == 0
    return directory


@pytest.mark.parametrize(
    ("variables", "seen"),
    [
        ({}, "False False None"),
        ({"BEHIND_TLS_PROXY": "true"}, "True True max-age=31536000"),
        ({"BEHIND_TLS_PROXY": "true", "HSTS_SECONDS": "0"}, "True True None"),
    ],
)
def test_behind_tls_cookies_are_secure_and_browsers_stay_with_it(
    data_dir: Path, variables: dict[str, str], seen: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK],
        env=environment(data_dir, **variables),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout.strip() == seen, done.stderr


def test_static_files_are_for_this_origin(tmp_path: Path, settings: Any) -> None:
    from whitenoise.middleware import WhiteNoiseMiddleware

    (tmp_path / "style.css").write_text("body {}")
    settings.STATIC_ROOT = tmp_path
    served = WhiteNoiseMiddleware(lambda request: None).files["/static/style.css"]
    headers = dict(served.get_response("GET", {}).headers)
    assert headers["Content-Type"].startswith("text/css")
    assert "Access-Control-Allow-Origin" not in headers


class _Loader(yaml.SafeLoader):
    """Knows the tag with which a composition takes something back."""


_Loader.add_constructor("!reset", lambda loader, node: [])


def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506 - it is a SafeLoader
    return loaded


def images() -> list[str]:
    composed = [
        service["image"] for path in COMPOSITIONS for service in _load(path)["services"].values() if "image" in service
    ]
    return composed + re.findall(r"^FROM (\S+:\S+)", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("image", images())
def test_images_have_an_exact_version(image: str) -> None:
    _, _, tag = image.partition(":")
    # PostgreSQL's versions have two numbers.
    exact = (
        r"RELEASE\.\d{4}-\d\d-\d\dT.*|\d\d\.\d+" if "minio" in image or "postgres" in image else r"\d+\.\d+\.\d+(-.*)?"
    )
    assert re.fullmatch(exact, tag), image


def test_no_service_but_the_proxy_can_be_reached_and_none_is_open() -> None:
    services = _load(DOCKER / "compose.yaml")["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert "requirepass" in " ".join(services["cache"]["command"])
    assert "REDIS_URL_FILE" in services["weighbridge"]["environment"]
    assert (
        services["weighbridge"]["environment"]["S3_ACCESS_KEY"] != services["objects"]["environment"]["MINIO_ROOT_USER"]
    )
    assert "s3_root_password" not in services["weighbridge"]["secrets"]


def test_every_secret_that_a_service_wants_is_made_by_the_lines_above_it() -> None:
    text = (DOCKER / "compose.yaml").read_text()
    declared = yaml.safe_load(text)["secrets"]
    lines = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    assert [name for name in declared if not re.search(rf"\b{name}\b", lines)] == []


def test_the_server_s_user_of_the_object_store_reaches_its_bucket_alone() -> None:
    policy = json.loads((DOCKER / "bucket-policy.json").read_text())
    resources = {resource for statement in policy["Statement"] for resource in statement["Resource"]}
    assert resources == {"arn:aws:s3:::weighbridge", "arn:aws:s3:::weighbridge/*"}
    assert "*" not in json.dumps([statement["Action"] for statement in policy["Statement"]])


@pytest.mark.parametrize("name", ["nginx.conf", "nginx-tls.conf"])
def test_the_scheme_of_an_outer_proxy_is_passed_on(name: str) -> None:
    configuration = (DOCKER / name).read_text()
    assert (
        "map $http_x_forwarded_proto $forwarded_scheme" in configuration or "X-Forwarded-Proto https" in configuration
    )
    assert "X-Forwarded-Proto $scheme" not in configuration
