"""What `manage.py serve` says at its start: lines that work when they are pasted, in any shell of this machine."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from config.command_line import command_prefix

# What requirements/client.in names: the client that the conformance tests run.
CLIENT = "inference-models[onnx-cpu]==0.39.6"
# An environment of its own: many systems have no `python`, and let pip install nothing outside an environment.
CLIENT_ENVIRONMENT = "$HOME/weighbridge-client"


def token_from_file(credentials: Path) -> str:
    """Sets TOKEN from the file of the first credentials."""
    return f"TOKEN=\"$(sed -n 's/^token //p' {shlex.quote(str(credentials))})\""


def new_token(workspace: str) -> str:
    """Sets TOKEN to a new one."""
    create = f"{command_prefix()} token create --workspace {shlex.quote(workspace)} --scopes read,infer"
    return f'TOKEN="$({create})"'


def lines_to_paste(address: str, model_id: str, image: Path, set_token: str) -> Iterator[str]:
    """A token for the shell, a request, and the real client with what it takes to install it."""
    url = shlex.quote(f"{address}/api/v1/models/{model_id}/infer")
    load = f"AutoModel.from_pretrained({model_id!r})(cv2.imread({str(image)!r}))"
    code = f"import cv2; from inference_models import AutoModel; print({load})"
    yield set_token
    yield (
        'curl -s -H "Authorization: Bearer $TOKEN" -H "Content-Type: image/jpeg" '
        f"--data-binary @{shlex.quote(str(image))} {url}"
    )
    yield (
        f'{shlex.quote(sys.executable)} -m venv "{CLIENT_ENVIRONMENT}" && '
        f'"{CLIENT_ENVIRONMENT}/bin/pip" install {shlex.quote(CLIENT)}'
    )
    yield (
        f'ROBOFLOW_API_HOST={address} ROBOFLOW_API_KEY="$TOKEN" INFERENCE_HOME="{CLIENT_ENVIRONMENT}/models" '
        f'"{CLIENT_ENVIRONMENT}/bin/python" -c {shlex.quote(code)}'
    )
