#!/usr/bin/env bash
# Under Granian's WSGI interface a request body that was cut off reads like one that arrived whole.
#
# granian 2.8.9. The client announces 1000 bytes, sends 10 and leaves. One would guess that wsgi.input raises, as other
# servers' do, or that the application is not called. It is called, and read() gives b"" without an error: not even what
# arrived. An application that stores uploads must count against CONTENT_LENGTH by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q granian==2.8.9
cat > "$folder/app.py" <<'PYTHON'
import pathlib


def application(environ, start_response):
    try:
        seen = f"read {len(environ['wsgi.input'].read())} of {environ.get('CONTENT_LENGTH')} bytes, no error"
    except Exception as error:
        seen = f"raised {type(error).__name__}"
    pathlib.Path("seen").write_text(seen)
    start_response("200 OK", [])
    return [b""]
PYTHON
cd "$folder"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
venv/bin/granian --interface wsgi --port "$port" --no-ws --log-level error app:application &
server=$!
python3 - "$port" <<'PYTHON'
import pathlib
import socket
import sys
import time

for _ in range(100):
    try:
        connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        time.sleep(0.1)
connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n0123456789")
time.sleep(0.5)
connection.close()
for _ in range(100):
    if pathlib.Path("seen").exists():
        break
    time.sleep(0.1)
seen = pathlib.Path("seen").read_text()
print(seen)
assert seen == "read 0 of 1000 bytes, no error"
PYTHON
# Seen:
#   read 0 of 1000 bytes, no error
