#!/bin/sh
# Makes .venvs/peer, the reference server that benches compare with, or does nothing where it is up to date.
# It sees torch and whatever else it has in common with the AutoModel client through .venvs/client, which is made first
# where it is missing. PYTHON names the interpreter to build with.
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
client=.venvs/client
peer=.venvs/peer

wanted="$("$python" -c 'import platform; print(platform.python_version())'; cat requirements/client.txt requirements/peer.txt | cksum)"
if [ "$(cat $peer/made-from 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
[ -x $client/bin/python ] || scripts/client-environments.sh
echo "Installing the reference server into $peer: about 1 GB beside the client's environment"
rm -rf $peer
"$python" -m venv $peer
packages='import sysconfig; print(sysconfig.get_path("purelib"))'
$client/bin/python -c "$packages" > "$($peer/bin/python -c "$packages")/client.pth"
grep -vxFf requirements/client.txt requirements/peer.txt > $peer/differences.txt
# The lock is complete, so nothing is resolved here.
$peer/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps -r $peer/differences.txt
echo "$wanted" > $peer/made-from
