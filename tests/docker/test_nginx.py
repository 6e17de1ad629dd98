"""The shipped configuration of nginx, run by a real one in front of a real server and a real object store."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from tests.conformance.house import REPOSITORY, House, free_port
from tests.receiver.conftest import Wire

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed."),
]

FRAME = """
{user}
daemon off;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {server}
}}
"""


@dataclass(frozen=True)
class Deployment:
    """A server behind nginx, with its files in an object store."""

    house: House
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment")
    objects = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port())
    objects.start()
    host, port = objects.get_host_and_port()
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=f"http://{host}:{port}", **keys).create_bucket(Bucket="weighbridge")
    environment = {
        "BLOB_STORE": "s3", "S3_BUCKET": "weighbridge", "S3_ENDPOINT_URL": f"http://{host}:{port}",
        "S3_ACCESS_KEY": "testing", "S3_SECRET_KEY": "testing", "S3_REGION": "us-east-1",
        "BLOB_DELIVERY": "accel", "BLOB_ACCEL_PREFIX": "/internal-objects/",
    }  # fmt: skip
    house = House(folder, environment=environment)
    try:
        house.start()
        nginx_port = free_port()
        with _nginx(folder, nginx_port, house.port, f"{host}:{port}"):
            yield Deployment(house, nginx_port)
    finally:
        house.stop()
        objects.stop()


class _nginx:
    def __init__(self, folder: Path, port: int, server: int, objects: str) -> None:
        text = (REPOSITORY / "docker" / "nginx.conf").read_text()
        for shipped, here in (
            ("listen 80;", f"listen 127.0.0.1:{port};"),
            ("weighbridge:8000", f"127.0.0.1:{server}"),
            ("objects:9000", objects),
            ("/var/log/nginx", str(folder)),
        ):
            assert shipped in text
            text = text.replace(shipped, here)
        # A worker of root's would be nobody, who may not write below the folder of a test.
        user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
        self._file = folder / "nginx.conf"
        self._file.write_text(FRAME.format(folder=folder, server=text, user=user))
        self._port = port

    def __enter__(self) -> None:
        self._process = subprocess.Popen([NGINX, "-p", str(self._file.parent), "-c", str(self._file)])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            assert self._process.poll() is None
            time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)


@pytest.fixture
def file(deployment: Deployment) -> tuple[str, int, bytes]:
    """A file of the demo model: its address as nginx has it, its size, and its bytes."""
    answer = httpx.get(f"{deployment.address}/models/v1/external/weights", params={"modelId": "demo/shapes"})
    text = answer.text
    address = re.search(r'"downloadUrl": ?"([^"]+class_names\.txt[^"]*)"', text)
    assert address is not None, text
    content = (REPOSITORY / "demo" / "packages" / "onnx-dynamic" / "class_names.txt").read_bytes()
    return address[1].replace("\\u0026", "&"), len(content), content


def test_nginx_fetches_files_from_the_object_store(deployment: Deployment, file: tuple[str, int, bytes]) -> None:
    address, size, content = file
    assert address.startswith(deployment.address)

    answer = httpx.get(address)

    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers.get_list("Content-Disposition") == ['attachment; filename="class_names.txt"']
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert httpx.head(address).headers["Content-Length"] == str(size)


def test_nginx_answers_ranges(file: tuple[str, int, bytes]) -> None:
    address, size, content = file

    answer = httpx.get(address, headers={"Range": "bytes=2-5"})

    assert (answer.status_code, answer.content) == (206, content[2:6])
    assert answer.headers["Content-Range"] == f"bytes 2-5/{size}"


def test_the_object_store_is_reached_by_nobody_else(deployment: Deployment, file: tuple[str, int, bytes]) -> None:
    assert httpx.get(f"{deployment.address}/internal-objects/weighbridge/").status_code == 503
    assert httpx.get(file[0].replace("signature=", "signature=x")).status_code == 403


def test_images_are_answered_through_nginx(deployment: Deployment) -> None:
    image = (REPOSITORY / "demo" / "images" / "meadow.jpg").read_bytes()

    answer = httpx.post(
        f"{deployment.address}/api/v1/models/demo/shapes/infer",
        content=image,
        headers={"Content-Type": "image/jpeg"},
        timeout=120,
    )

    assert answer.status_code == 200, answer.text


def test_slow_bodies_wait_in_nginx_and_uploads_reach_the_server(deployment: Deployment) -> None:
    def status_of_an_unfinished(path: str) -> int | None:
        """What the server says without access, if the request reaches it before its body is whole."""
        with closing(Wire(deployment.port)) as wire:
            wire.socket.settimeout(2)
            try:
                return wire.send(f"POST {path}\nContent-Length: 100000", b"a").status()
            except TimeoutError:
                return None

    assert status_of_an_unfinished("/api/v1/models/none/infer") is None
    assert status_of_an_unfinished("/admin/packages_app/package/add/") in {302, 403}
