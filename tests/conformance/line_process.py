"""A helper process that answers one JSON line for each JSON line it gets."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class HelperDied(RuntimeError):
    """The process ended, or was silent for too long; the message holds the end of what it printed."""


class LineProcess:
    """Starts at the first question, and again at the next one after it died.

    Its standard output is the channel of answers; everything else that it prints goes into ``log``.
    """

    def __init__(self, command: list[str], *, environment: Mapping[str, str], folder: Path, log: Path) -> None:
        self._command = command
        self._environment = dict(environment)
        self._folder = folder
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: Mapping[str, Any], *, within_seconds: float = 120) -> dict[str, Any]:
        """The answer to ``question``. Raises HelperDied."""
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
            return json.loads(self._read_line(process, time.monotonic() + within_seconds))
        except (OSError, HelperDied) as error:
            self.close()
            raise HelperDied(f"{error}\n{self._end_of_log()}") from error

    def close(self) -> None:
        """End the process and whatever it started."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            # The group is the process's own: it was started as the leader of a session.
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=self._environment,
                    cwd=self._folder,
                    start_new_session=True,
                    bufsize=0,
                )
        return self._process

    def _read_line(self, process: subprocess.Popen[bytes], deadline: float) -> bytes:
        assert process.stdout is not None
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise HelperDied("The process gave no answer in time.")
                read = os.read(process.stdout.fileno(), 65536)
                if not read:
                    raise HelperDied("The process ended without an answer.")
                line += read
        return line

    def _end_of_log(self) -> str:
        return self._log.read_text(errors="replace")[-4000:] if self._log.exists() else ""
