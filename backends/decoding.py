"""Decoding in a process of its own, which can be ended: for images that keep a decoder busy for long.

``python -m backends.decoding`` takes an encoded image on standard input and gives its pixels on standard output.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from backends.errors import BadImage, ImageTruncated, OutOfMemory
from backends.image_headers import DAMAGED

ROOT = Path(__file__).resolve().parents[1]
# What a child needs of our environment. Not more: it reads what others sent, and ours may hold secrets.
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
NICENESS = 15
# Seconds of computing, for a child whose parent was killed meanwhile.
CPU_SECONDS = 120
_NOT_DECODED, _OTHER_SIZE, _NO_MEMORY = 3, 4, 5


def pixels_of(data: bytes | memoryview, height: int, width: int) -> npt.NDArray[np.uint8]:
    """The image as uint8 (height, width, 3) in BGR order, not turned. Raises ImageTruncated and BadImage."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise ImageTruncated(DAMAGED)
    if pixels.shape != (height, width, 3):
        raise BadImage("The image's header and its data disagree on the size.")
    return np.asarray(pixels, dtype=np.uint8)


def pixels_within(data: bytes | memoryview, height: int, width: int, seconds: float) -> npt.NDArray[np.uint8]:
    """`pixels_of` in a child process, which is killed after ``seconds``.

    Raises what `pixels_of` raises, TimeoutError, and OutOfMemory.
    """
    give_up = time.monotonic() + seconds
    if seconds <= 0:
        raise TimeoutError
    with _file_in_memory() as file:
        command = [sys.executable, "-P", "-m", "backends.decoding", str(height), str(width)]
        environment = {name: value for name, value in os.environ.items() if name in PASSED_ON}
        try:
            child = subprocess.Popen(  # our own module, arguments fixed
                command,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.DEVNULL,
                env={**environment, "PYTHONPATH": str(ROOT)},
            )
        except OSError as error:
            raise OutOfMemory("There is no room for another process to decode the image.") from error
        with child:
            with contextlib.suppress(OSError, AttributeError):
                # Requests for ordinary images go first.
                os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
            timer = threading.Timer(max(0.0, give_up - time.monotonic()), child.kill)
            timer.start()
            try:
                child.communicate(bytes(data))
            finally:
                timer.cancel()
                child.kill()
        if time.monotonic() >= give_up:
            raise TimeoutError
        if child.returncode == 0 and os.fstat(file.fileno()).st_size == height * width * 3:
            # The mapping lives as long as the array.
            return np.frombuffer(mmap.mmap(file.fileno(), 0), dtype=np.uint8).reshape(height, width, 3)
    if child.returncode == _OTHER_SIZE:
        raise BadImage("The image's header and its data disagree on the size.")
    if child.returncode == _NOT_DECODED:
        raise ImageTruncated(DAMAGED)
    raise OutOfMemory("There was not enough memory to decode the image.")


def _file_in_memory() -> Any:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("pixels"), "w+b")
    return tempfile.TemporaryFile()


def _decode_for_parent(height: int, width: int) -> int:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cv2.setNumThreads(0)
    try:
        pixels = pixels_of(sys.stdin.buffer.read(), height, width)
        sys.stdout.buffer.write(pixels.data)
        sys.stdout.buffer.flush()
    except ImageTruncated:
        return _NOT_DECODED
    except BadImage:
        return _OTHER_SIZE
    except (MemoryError, OSError):
        return _NO_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(_decode_for_parent(int(sys.argv[1]), int(sys.argv[2])))
