"""`python -m packages_app.inspection`: a request as JSON on standard input, facts as JSON on standard output.

The request is `{"backend", "architecture", "task", "features": [...], "files": {handle: path}, "memory_bytes",
"cpu_seconds"}`.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from packages_app.inspection.package_directory import inspect_files


def main() -> None:
    request = json.load(sys.stdin)
    memory, seconds = request["memory_bytes"], request["cpu_seconds"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    files = {handle: Path(path) for handle, path in request["files"].items()}
    facts = inspect_files(
        request["backend"],
        files,
        architecture=request["architecture"],
        task=request["task"],
        features=request["features"],
    )
    json.dump(facts.to_json(), sys.stdout)


if __name__ == "__main__":
    main()
