#!/usr/bin/env bash
# Every figure of bench/, one after the other; BENCH=provider runs one. Results go to bench/results/.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bench/results
for script in bench/${BENCH:-*}.py; do
    name=$(basename "$script" .py)
    case $name in __init__|soak|slow_model|_*) continue ;; esac
    echo "== $name"
    .venv/bin/python -m "bench.$name" | tee "bench/results/$name.txt"
done
