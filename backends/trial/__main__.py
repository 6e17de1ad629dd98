"""``python -m backends.trial``: the child. A request as JSON comes in, the result as one line of JSON goes out.

No native library is imported before the process is confined: they begin threads, which would keep what they have. A
forked child (`fork_server.py`) has them already, and no thread but its own.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

# Packages whose folder cannot be listed any more once the process is confined; their modules can.
import backends  # noqa: F401
import negotiation  # noqa: F401
from backends.trial import PREPARED
from backends.trial.confinement import confine, die_with, limit_memory
from backends.trial.runtimes import import_runtime


def main() -> None:
    """Try the package of the request on standard input."""
    document = json.load(sys.stdin)
    die_with(document["parent"])
    answers = os.dup(1)
    # What libraries print is no answer.
    os.dup2(2, 1)
    directory = Path(document["package"]["directory"])
    scratch = Path(tempfile.gettempdir())
    unconfined = confine(directory, scratch, seconds=document["seconds"])

    from backends.trial import attempt
    from backends.trial.request import TrialRequest

    request = TrialRequest.from_json(document["package"])
    import_runtime(request.backend)
    if request.device == "cpu":
        # Those of a device reserve many times what they use.
        limit_memory(document["memory_bytes"])
    before, started = _peak_memory(), time.monotonic()
    trial = attempt.attempt(request, scratch / PREPARED)
    seconds = time.monotonic() - started
    measured = {"seconds": round(seconds, 3), "peak_memory_bytes": max(0, _peak_memory() - before)}
    result = {**trial.to_json(), **measured, "unconfined": unconfined}
    os.write(answers, json.dumps(result, allow_nan=False).encode() + b"\n")
    # Not through the interpreter's own end: native runtimes like to crash in it.
    os._exit(0)


def _peak_memory() -> int:
    """Bytes, since this program began. What getrusage says begins with the memory of the process that started it."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    main()
