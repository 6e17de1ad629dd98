"""Fetching images from addresses, and every way to misuse that."""

from __future__ import annotations

import http.server
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inference_app.requests import remote_images
from inference_app.requests.remote_images import RemoteImageRefused, RemoteImagesOff, fetch_image, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "no address",
    ],
)
def test_addresses_of_our_own_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_public_network_are(address: str) -> None:
    assert is_public(address)


def test_it_is_off_by_default(settings: Any) -> None:
    assert settings.ALLOW_IMAGE_URLS is False
    with pytest.raises(RemoteImagesOff):
        fetch_image("https://example.com/a.jpg")


@pytest.fixture
def allowed(settings: Any) -> None:
    settings.ALLOW_IMAGE_URLS = True


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/a.jpg",
        "file:///etc/passwd",
        "ftp://example.com/a",
        "https://",
        "https:///a",
        "//example.com/a",
        "https://user:password@example.com/a",
        "https://example.com:0/a",
        "https://example.com:99999/a",
        "https://exam ple.com/",
        "https://example.com/\r\nHost: other",
        "https://[::1",
        "https://" + "a" * 3000,
        "gopher://127.0.0.1",
    ],
)
def test_it_refuses_addresses_that_are_not_plain_https(address: str) -> None:
    with pytest.raises(RemoteImageRefused):
        fetch_image(address)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"]
)
def test_it_refuses_names_that_lead_to_our_own_network(host: str) -> None:
    with pytest.raises(RemoteImageRefused):
        fetch_image(f"https://{host}/a.jpg")


@pytest.mark.usefixtures("allowed")
def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_images, "resolve", lambda host, port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(RemoteImageRefused):
        fetch_image("https://example.com/a.jpg")


class Web:
    """A real TLS server on the loopback interface, which the tests declare to be the public network."""

    def __init__(self) -> None:
        self.routes: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = {}
        self.requests: list[str] = []
        self.port = 0

    def address(self, path: str) -> str:
        return f"https://images.test:{self.port}{path}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    directory = tmp_path_factory.mktemp("certificate")
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=images.test"]
    command += ["-addext", "subjectAltName=DNS:images.test", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return key, certificate


@pytest.fixture
def web(certificate: tuple[Path, Path], allowed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    key, chain = certificate
    site = Web()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append(self.path)
            site.routes[self.path](self)

        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(remote_images, "_tls_context", lambda: ssl.create_default_context(cafile=str(chain)))
    monkeypatch.setattr(remote_images, "resolve", lambda host, port: ["127.0.0.1"])
    public = remote_images.is_public
    monkeypatch.setattr(remote_images, "is_public", lambda address: address == "127.0.0.1" or public(address))
    yield site
    server.shutdown()
    server.server_close()


def answer(body: bytes, status: int = 200, **headers: str) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def send(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return send


def test_it_fetches_a_image(web: Web) -> None:
    web.routes["/a.jpg?size=1"] = answer(b"image")
    assert fetch_image(web.address("/a.jpg?size=1")) == b"image"


def test_it_follows_a_redirect(web: Web) -> None:
    web.routes["/old"] = answer(b"", 302, Location="/new")
    web.routes["/new"] = answer(b"image")
    assert fetch_image(web.address("/old")) == b"image"


def test_it_stops_after_three_redirects(web: Web) -> None:
    web.routes["/loop"] = answer(b"", 302, Location="/loop")
    with pytest.raises(RemoteImageRefused):
        fetch_image(web.address("/loop"))
    assert len(web.requests) == 4


@pytest.mark.parametrize("target", ["http://images.test/a", "https://10.0.0.1/a", "file:///etc/passwd"])
def test_it_checks_each_redirect_like_the_first_address(web: Web, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    web.routes["/old"] = answer(b"", 302, Location=target)
    monkeypatch.setattr(remote_images, "resolve", lambda host, port: ["127.0.0.1"] if host == "images.test" else [host])
    with pytest.raises(RemoteImageRefused):
        fetch_image(web.address("/old"))
    assert web.requests == ["/old"]


def test_it_connects_to_the_address_that_it_checked(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to another address at the second question changes nothing: it is asked once."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    monkeypatch.setattr(remote_images, "resolve", lambda host, port: next(answers))
    connected: list[Any] = []
    create = socket.create_connection

    def note(address: Any, *args: Any, **kwargs: Any) -> Any:
        connected.append(address[0])
        return create(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", note)
    web.routes["/a"] = answer(b"image")
    fetch_image(web.address("/a"))
    assert connected == ["127.0.0.1"]


def test_it_refuses_a_certificate_of_another_name(web: Web) -> None:
    with pytest.raises(RemoteImageRefused):
        fetch_image(f"https://other.test:{web.port}/a")


def test_it_refuses_an_announced_size_beyond_the_limit(web: Web, settings: Any) -> None:
    settings.MAX_IMAGE_BYTES = 10
    web.routes["/large"] = answer(b"x" * 11)
    with pytest.raises(RemoteImageRefused):
        fetch_image(web.address("/large"))


def test_it_stops_reading_at_the_limit_where_no_size_is_announced(web: Web, settings: Any) -> None:
    settings.MAX_IMAGE_BYTES = 1000

    def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(10_000):
                handler.wfile.write(b"x" * 1000)
        except OSError:
            pass

    web.routes["/endless"] = endless
    with pytest.raises(RemoteImageRefused):
        fetch_image(web.address("/endless"))


@pytest.mark.parametrize("status", [204, 401, 404, 500])
def test_it_refuses_anything_but_success(web: Web, status: int) -> None:
    web.routes["/a"] = answer(b"", status)
    with pytest.raises(RemoteImageRefused):
        fetch_image(web.address("/a"))


def test_it_ignores_proxies_of_the_environment(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    web.routes["/a"] = answer(b"image")
    assert fetch_image(web.address("/a")) == b"image"


@pytest.mark.parametrize("within", ["the head", "the body"])
def test_a_byte_now_and_then_does_not_keep_it_waiting(web: Web, monkeypatch: pytest.MonkeyPatch, within: str) -> None:
    monkeypatch.setattr(remote_images, "TOTAL_SECONDS", 0.4)
    over = threading.Event()

    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"X-Drip: " if within == "the head" else b"\r\n"))
        try:
            while not over.wait(0.05):
                handler.wfile.write(b"x")
        except OSError:
            pass

    web.routes["/drip"] = drip
    started = time.monotonic()
    with pytest.raises(RemoteImageRefused):
        fetch_image(web.address("/drip"))
    over.set()
    assert time.monotonic() - started < 3
