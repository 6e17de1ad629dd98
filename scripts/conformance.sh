#!/usr/bin/env bash
# The real clients against a live server, then what needs PyTorch, in the clients' environment.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m pytest ${T:-tests} -q -m conformance --timeout 600
# tests/conftest.py is the Django part's; PyTorch and Django live in different environments here.
.venvs/client/bin/python -m pytest tests/backends tests/demo tests/packages_app/inspection/test_against_torch.py -q -m torch -p no:cacheprovider --confcutdir tests/backends
