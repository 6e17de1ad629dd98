"""``python -m negotiation.detection``: print this machine's environment, or record the machine."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path

from negotiation.detection import LIMIT_SECONDS, ThisMachine, detect, record


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m negotiation.detection", description=__doc__)
    parser.add_argument("--limit", type=float, default=LIMIT_SECONDS, help="seconds that a probe may take")
    parser.add_argument("--environment", action="store_true", help="print the bare environment")
    parser.add_argument("--recording", type=Path, help="record what the probes are given into this file")
    parser.add_argument("--title", default="A recorded machine", help="the recording's title")
    arguments = parser.parse_args()
    if arguments.recording is not None:
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        recording = record(ThisMachine(arguments.limit), arguments.title, today)
        arguments.recording.write_text(json.dumps(recording, indent=2, allow_nan=False) + "\n")
        return 0
    detected = detect(limit_seconds=arguments.limit)
    document = detected.environment.to_json() if arguments.environment else detected.to_json()
    json.dump(document, sys.stdout, indent=2)
    print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
