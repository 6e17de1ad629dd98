#!/usr/bin/env bash
# Every figure of bench/, one after the other; BENCH names some of them ("memory loads"), and AGAINST an older revision to
# measure beside the present one. Results go to bench/results/.
# bench/soak.py takes ten minutes by itself and is run by hand: python -m bench.soak
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bench/results
for name in ${BENCH:-$(cd bench && echo *.py)}; do
    name=${name%.py}
    python=.venv/bin/python
    options=()
    case $name in
        __init__ | soak | slow_model | _*) continue ;;
        # Measured beside the reference library, in its environment.
        families) [ -x .venvs/client/bin/python ] && python=.venvs/client/bin/python ;;
        first_answer | inference | loads | memory) options=(${AGAINST:+--against "$AGAINST"}) ;;
    esac
    echo "== $name"
    $python -m "bench.$name" "${options[@]}" | tee "bench/results/$name.txt"
done
