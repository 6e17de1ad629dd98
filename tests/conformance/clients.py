"""The real clients, unmodified, each load in a process of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance.house import REPOSITORY
from tests.conformance.line_process import LineProcess

WORKER = Path(__file__).with_name("client_worker.py")
# Anything of the machine that could lead the client elsewhere than to the server of the test.
_LEFT_OUT = (
    "ROBOFLOW",
    "INFERENCE",
    "PYTHON",
    "VIRTUAL_ENV",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "OFFLINE",
    "API_KEY",
)


@dataclass(frozen=True)
class Prediction:
    """Found objects of one image. ``boxes`` (n, 4): corners in pixels; ``classes`` (n,); ``confidences`` (n,)."""

    boxes: np.ndarray
    classes: np.ndarray
    confidences: np.ndarray

    @classmethod
    def read(cls, answer: dict[str, Any]) -> Prediction:
        return cls(
            np.array(answer["boxes"], dtype=np.float64).reshape(-1, 4),
            np.array(answer["classes"], dtype=np.int64),
            np.array(answer["confidences"], dtype=np.float64),
        )


@dataclass(frozen=True)
class Load:
    """What one process of a client made of a model: an error, or a model and its predictions."""

    model_class: str = ""
    model_id: str = ""
    package_id: str = ""
    class_names: tuple[str, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    error: str = ""
    error_bases: tuple[str, ...] = ()
    message: str = ""
    # The errors of the packages that the client tried, one after the other.
    tried: tuple[str, ...] = ()


@dataclass
class ClientWorker:
    """A client's environment, warm. Each `load` forks a process that imports the client anew."""

    package: str
    process: LineProcess
    # The working directory of the client, which takes a model id for a path if such a path exists there.
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def load(
        self,
        model: str,
        *,
        address: str,
        home: Path,
        key: str | None = None,
        images: tuple[Path, ...] = (),
        batch: bool = False,
        run: bool = False,
        environment: dict[str, str] | None = None,
        **arguments: Any,
    ) -> Load:
        """Load ``model`` from ``address`` with ``home`` as INFERENCE_HOME, and run it on ``images``.

        ``run``: also run it, of whatever task, on one gray image; an error there is the load's.
        """
        settings = {**self.environment, **(environment or {})}
        settings |= {
            "ROBOFLOW_API_HOST": address,
            "INFERENCE_HOME": str(home),
            **({"ROBOFLOW_API_KEY": key} if key else {}),
        }
        answer = self.process.ask(
            {
                "environment": settings,
                "folder": str(self.folder),
                "model": model,
                "arguments": arguments,
                "images": [str(image) for image in images],
                "batch": batch,
                "run": run,
            }
        )
        if error := answer.get("error"):
            return Load(
                error=error["type"],
                error_bases=tuple(error.get("bases", ())),
                message=error["message"],
                tried=tuple(error.get("tried", ())),
            )
        return Load(
            model_class=answer["type"],
            model_id=answer["resolved"].get("model_id", ""),
            package_id=answer["resolved"].get("model_package_id", ""),
            class_names=tuple(answer["class_names"]),
            predictions=tuple(Prediction.read(each) for each in answer["predictions"]),
        )


def client_python(environment: str) -> Path:
    """The interpreter of `.venvs/client` or `.venvs/exp`; scripts/client-environments.sh makes them."""
    return REPOSITORY / ".venvs" / environment / "bin" / "python"


def start_client(environment: str, package: str, folder: Path) -> ClientWorker:
    """``folder`` is the client's home directory and holds its log; the process starts at the first load."""
    working_folder = folder / "empty"
    working_folder.mkdir()
    variables = {name: value for name, value in os.environ.items() if not name.upper().startswith(_LEFT_OUT)}
    variables |= {
        "HOME": str(folder),
        "NO_PROXY": "127.0.0.1",
        "DISABLE_INTERACTIVE_PROGRESS_BARS": "True",
        "HF_HUB_OFFLINE": "1",
        # The client gives up after 5 silent seconds. A machine that is busy with other tests may take longer.
        "API_CALLS_TIMEOUT": "30",
        "PYTHONUNBUFFERED": "1",
    }
    process = LineProcess(
        [str(client_python(environment)), str(WORKER), package],
        environment=variables,
        folder=working_folder,
        log=folder / f"{package}.log",
    )
    return ClientWorker(package, process, working_folder)
