"""A child process that is waited for, and ended as soon as nobody wants what it does."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_LOOK_SECONDS = 0.2


def run_child(
    command: Sequence[str],
    document: bytes,
    *,
    seconds: float,
    check: Callable[[], None],
    cwd: Path,
    env: Mapping[str, str],
) -> subprocess.CompletedProcess[bytes]:
    """Run ``command`` with ``document`` on its standard input, and return what it wrote.

    ``check`` is called several times a second; what it raises ends the child. Raises subprocess.TimeoutExpired.
    """
    waited = 0.0
    unsent: bytes | None = document
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, env=env
    ) as child:
        try:
            while True:
                try:
                    stdout, stderr = child.communicate(unsent, timeout=_LOOK_SECONDS)
                    return subprocess.CompletedProcess(command, child.returncode, stdout, stderr)
                except subprocess.TimeoutExpired:
                    waited += _LOOK_SECONDS
                    if waited >= seconds:
                        raise
                    unsent = None
                    check()
        finally:
            child.kill()
