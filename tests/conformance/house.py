"""A live server of our own on the loopback interface, with an empty DATA_DIR, and a hand inside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.conformance.line_process import LineProcess

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 120
STOP_SECONDS = 20


@dataclass(frozen=True)
class PushedPackage:
    """A package as `manage.py push` left it. ``package_id`` is empty until publication."""

    pk: int
    package_id: str
    model: str


@dataclass(frozen=True)
class Attempt:
    """What became of a push. ``package_id`` is empty where it was refused; ``said`` is what the command printed."""

    package_id: str
    said: str


class House:
    """`manage.py serve` in a process of its own, and what curators and operators do beside it.

    ``environment`` adds settings to those of the tests' own environment.
    """

    def __init__(self, folder: Path, *, environment: Mapping[str, str] | None = None, threads: int = 8) -> None:
        self.data_dir = folder / "data"
        self.log = folder / "server.log"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "DATA_DIR": str(self.data_dir),
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        self._threads = threads
        self._process: subprocess.Popen[bytes] | None = None
        self._worker = LineProcess(
            [sys.executable, "-m", "tests.conformance.house_worker"],
            environment=self._environment,
            folder=REPOSITORY,
            log=folder / "house_worker.log",
        )

    def start(self) -> None:
        """Returns when the server answers. Raises RuntimeError with its last words if it does not."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port), "--threads", str(self._threads)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=REPOSITORY,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                httpx.get(f"{self.address}/help/errors/", timeout=5)
                return
            except httpx.TransportError:
                time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"The server did not start:\n{self.end_of_log()}")

    def stop(self) -> None:
        self._worker.close()
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # The group is the server's own: it was started as the leader of a session.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def token(self, workspace: str = "conformance", scopes: str = "read,infer") -> str:
        return self._do("token", workspace=workspace, scopes=scopes)["token"]

    def revoke(self, token: str) -> None:
        self._do("revoke", token=token)

    def push(
        self,
        directory: Path,
        model: str,
        *,
        public: bool = True,
        trust: bool = True,
        publish: bool = True,
        manifest: dict[str, Any] | None = None,
        workspace: str = "conformance",
        scratch: Path | None = None,
    ) -> PushedPackage:
        """`manage.py push`. ``manifest`` is written into ``scratch`` first, as the command wants a file."""
        switches: Sequence[tuple[bool, str]] = ((public, "--public"), (trust, "--trust"), (publish, "--publish"))
        manifest_path = None
        if manifest is not None:
            assert scratch is not None
            manifest_path = scratch / "manifest.json"
            manifest_path.write_text(json.dumps(manifest))
        answer = self._do(
            "push",
            directory=str(directory),
            model=model,
            workspace=workspace,
            options=[switch for wanted, switch in switches if wanted],
            manifest=str(manifest_path) if manifest_path else None,
        )
        assert not publish or answer["state"] == "published", answer["printed"]
        return PushedPackage(answer["pk"], answer["package_id"], model)

    def try_push(
        self, directory: Path, model: str, *, manifest: dict[str, Any], scratch: Path, workspace: str = "conformance"
    ) -> Attempt:
        """`manage.py push --trust --publish` of what may be refused."""
        manifest_path = scratch / "manifest.json"
        manifest_path.write_text(json.dumps(manifest))
        answer = self._do(
            "try_push", directory=str(directory), model=model, workspace=workspace, manifest=str(manifest_path)
        )
        return Attempt(answer["package_id"], answer["said"])

    def alias(self, model: str, alias: str) -> None:
        self._do("alias", model=model, alias=alias)

    def depend(self, model: str, name: str, depends_on: str) -> None:
        self._do("depend", model=model, name=name, depends_on=depends_on)

    def change_model(self, model: str, **fields: Any) -> None:
        self._do("change_model", model=model, fields=fields)

    def publish(self, package: PushedPackage) -> PushedPackage:
        return PushedPackage(package.pk, self._do("publish", pk=package.pk)["package_id"], package.model)

    def withdraw(self, package: PushedPackage) -> None:
        self._do("withdraw", pk=package.pk)

    def expired_metadata(self, model: str, host: str) -> bytes:
        """What the provider answered to ``host`` so long ago that all its addresses have expired."""
        answer = self._do("metadata", model=model, host=host, lifetime_seconds=-60)
        assert answer["status"] == 200, answer["body"]
        return answer["body"].encode()

    def metadata(self, model: str, token: str | None = None) -> dict[str, Any]:
        """The provider's answer, asked for directly. Raises httpx.HTTPStatusError."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = httpx.get(
            f"{self.address}/models/v1/external/weights", params={"modelId": model}, headers=headers, timeout=30
        )
        response.raise_for_status()
        return response.json()["modelMetadata"]

    def status_of(self, address: str) -> int:
        """The status with which a GET of ``address`` is answered."""
        return httpx.get(address, timeout=30).status_code

    def infer(self, model: str, image: Path, token: str | None = None) -> dict[str, Any]:
        """The answer of our own REST call."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content_type = {".jpg": "image/jpeg", ".png": "image/png"}[image.suffix]
        response = httpx.post(
            f"{self.address}/api/v1/models/{model}/infer",
            content=image.read_bytes(),
            headers={**headers, "Content-Type": content_type},
            timeout=120,
        )
        assert response.is_success, f"{response.text}\n{self.end_of_log()}"
        return response.json()

    def end_of_log(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]

    def _do(self, action: str, **details: Any) -> dict[str, Any]:
        answer = self._worker.ask({"do": action, **details})
        assert "error" not in answer, answer["error"]
        return answer


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
