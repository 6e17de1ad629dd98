#!/usr/bin/env bash
# Every figure of bench/, one after the other; BENCH=provider runs one. Results go to bench/results/.
# bench/soak.py takes ten minutes by itself and is run by hand: python -m bench.soak
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bench/results
for script in bench/${BENCH:-*}.py; do
    name=$(basename "$script" .py)
    python=.venv/bin/python
    case $name in
        __init__ | soak | slow_model | _*) continue ;;
        # Measured beside the reference library, in its environment.
        families) [ -x .venvs/client/bin/python ] && python=.venvs/client/bin/python ;;
    esac
    echo "== $name"
    $python -m "bench.$name" | tee "bench/results/$name.txt"
done
