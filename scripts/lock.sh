#!/usr/bin/env bash
# Lock the requirements for Python 3.11 to 3.13 on every platform.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/pip install --quiet --disable-pip-version-check uv
for name in base dev torch onnx-gpu trt mediapipe; do
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
        --no-header --upgrade -o "requirements/$name.txt" "requirements/$name.in"
done
scripts/lock-clients.sh
