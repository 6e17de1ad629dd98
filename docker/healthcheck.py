"""Exit status 0 while the server answers."""

from __future__ import annotations

import os
import sys
import urllib.request

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz", timeout=2) as answer:
        sys.exit(answer.status != 200)
except OSError:
    sys.exit(1)
