#!/usr/bin/env bash
# Lock the environments of the real clients. lock.sh installs uv and calls this.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
        --no-header --no-annotate -o "requirements/$1.txt" "requirements/$1.in"
}
rm -f requirements/client.txt
compile client
# Begun from the other lock, so that uv keeps its releases wherever the older client can live with them.
cp requirements/client.txt requirements/client-exp.txt
compile client-exp
compile sdk
cp requirements/client.txt requirements/peer.txt
compile peer
