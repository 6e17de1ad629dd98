"""What releases of ONNX Runtime read: the newest opset and the newest version of the file's format (IR version).

Found by trial on 2026-12-01: the last patch of each release, Linux x86-64 on the CPU, with a network of one operator.
The client has a table of opsets of its own, which differs for 1.15 and 1.22, and knows nothing of IR versions.
"""

from __future__ import annotations

from collections.abc import Mapping

NEWEST_OPSETS: Mapping[str, int] = {
    "1.15": 18, "1.16": 19, "1.17": 20, "1.18": 21, "1.19": 21, "1.20": 21, "1.21": 22, "1.22": 22, "1.23": 23,
    "1.24": 25, "1.25": 26, "1.26": 26, "1.27": 26, "1.28": 26, "1.29": 26, "1.30": 26, "1.31": 26, "1.32": 28,
}  # fmt: skip
NEWEST_IR_VERSIONS: Mapping[str, int] = {
    "1.15": 9, "1.16": 9, "1.17": 9, "1.18": 10, "1.19": 10, "1.20": 10, "1.21": 10, "1.22": 10, "1.23": 11,
    "1.24": 13, "1.25": 13, "1.26": 13, "1.27": 13, "1.28": 13, "1.29": 13, "1.30": 13, "1.31": 13, "1.32": 14,
}  # fmt: skip
