"""Print the versions that the CUDA runtime library knows: its own, and the newest the driver can run.

Output: ``{"runtime": 12060, "driver": 12080}``, in the library's own numbers (1000 x major + 10 x minor);
null for what could not be asked, and 0 for a driver that is not there.
Source: CUDA Runtime API reference, "Version Management".
"""

from __future__ import annotations

import ctypes
import json


def version(function: ctypes._NamedFuncPointer) -> int | None:
    value = ctypes.c_int()
    return value.value if function(ctypes.byref(value)) == 0 else None


def main() -> None:
    try:
        # The unversioned name, like the client: it is there with a CUDA toolkit, not with torch's own copy.
        library = ctypes.CDLL("libcudart.so")
    except OSError:
        print(json.dumps({"runtime": None, "driver": None}))
        return
    answer = {
        "runtime": version(library.cudaRuntimeGetVersion),
        "driver": version(library.cudaDriverGetVersion),
    }
    print(json.dumps(answer, allow_nan=False))


if __name__ == "__main__":
    main()
