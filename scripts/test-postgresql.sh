#!/usr/bin/env bash
# The tests of the Django apps once more, on PostgreSQL: constraints and triggers are written for both.
# TEST_POSTGRESQL_URL names a server; by default one on this machine, if it answers.
set -euo pipefail
cd "$(dirname "$0")/.."
address=${TEST_POSTGRESQL_URL:-postgresql://postgres@127.0.0.1:5432/postgres}
if ! .venv/bin/python - "$address" <<'PROBE'
import sys
import psycopg
try:
    psycopg.connect(sys.argv[1], connect_timeout=3).close()
except psycopg.Error as error:
    sys.exit(1)
PROBE
then
    echo "No PostgreSQL answers (set TEST_POSTGRESQL_URL to name one): its tests are skipped."
    exit 0
fi
# T=... is the part that somebody asked for; of it, what the database has a say in.
chosen=()
for part in tests/registry tests/jobs tests/packages_app tests/inference_app/admin tests/inference_app/models; do
    for asked in ${T:-tests}; do
        if [[ $part/ == "${asked%/}"/* ]]; then
            chosen+=("$part")
        elif [[ $asked == "$part"/* ]]; then
            chosen+=("$asked")
        fi
    done
done
if [ ${#chosen[@]} = 0 ]; then
    echo "None of ${T:-tests} differs on PostgreSQL."
    exit 0
fi
DATABASE_URL=$address .venv/bin/python -m pytest "${chosen[@]}" -q \
    -n "${WORKERS:-2}" --dist loadfile --create-db -m "not conformance and not torch and not browser"
