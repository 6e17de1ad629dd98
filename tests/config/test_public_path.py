"""A server below a path of somebody else's host: PUBLIC_URL with a path, which the proxy takes off."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.house import REPOSITORY

PATH = "/weights"
QUESTIONS = """
import json, os, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
from django.test import Client
client = Client()
answers = {}
for path in sys.argv[1:]:
    response = client.get(path)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    answers[path] = [response.status_code, response.headers.get("Location", ""), body.decode("utf-8", "replace")]
print(json.dumps(answers))
"""
ADDRESSES = ("/", "/admin/", "/help/errors/", "/api/docs", "/api/schema?format=json", "/none", "/static/site/pages.css")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str, str]]:
    """Status, Location and body of each address, as the proxy asks for it. Settings are read once in a process."""
    data: Path = tmp_path_factory.mktemp("below")
    environment = {
        **os.environ,
        "DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PUBLIC_URL": f"https://example.com{PATH}/",
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-c", QUESTIONS, *ADDRESSES]
    output = subprocess.run(command, cwd=REPOSITORY, env=environment, check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


@pytest.mark.parametrize("address", ["/", "/help/errors/", "/api/docs"])
def test_every_link_of_a_page_stays_below_the_path(address: str, answers: dict[str, tuple[int, str, str]]) -> None:
    status, _, body = answers[address]
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', body)

    assert status == 200
    assert links
    assert [link for link in links if not link.startswith(f"{PATH}/")] == []


def test_the_admin_sends_to_its_login_below_the_path(answers: dict[str, tuple[int, str, str]]) -> None:
    status, location, _ = answers["/admin/"]

    assert (status, location) == (302, f"{PATH}/admin/login/?next={PATH}/admin/")


def test_errors_name_their_help_page_there_and_keep_their_shape(answers: dict[str, tuple[int, str, str]]) -> None:
    status, _, body = answers["/none"]

    assert status == 404
    assert json.loads(body)["error"]["help_url"] == f"https://example.com{PATH}/help/errors/not-found"


def test_static_files_are_served_under_the_address_that_the_proxy_asks_for(
    answers: dict[str, tuple[int, str, str]],
) -> None:
    assert answers["/static/site/pages.css"][0] == 200


def test_the_description_of_the_api_has_the_path(answers: dict[str, tuple[int, str, str]]) -> None:
    assert json.loads(answers["/api/schema?format=json"][2])["servers"] == [{"url": PATH}]
