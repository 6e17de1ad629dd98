#!/bin/sh
# Makes the environments of the real clients, or does nothing where they are up to date:
#
#   .venvs/client   inference-models and torch: about 7 GB
#   .venvs/exp      inference-exp, which sees everything else through .venvs/client
#   .venvs/sdk      inference-sdk and Triton's client
#
# PYTHON names the interpreter to build them with. An interrupted run goes on where it stopped.
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"

# stamp LOCK...: what an environment was made from.
stamp() {
    "$python" -c 'import platform; print(platform.python_version())'
    cat "$@" | cksum
}

# install ENVIRONMENT LOCK: the locks are complete, so nothing is resolved here.
install() {
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps -r "$2"
}

client=.venvs/client
wanted="$(stamp requirements/client.txt)"
if [ "$(cat $client/made-from 2>/dev/null)" != "$wanted" ]; then
    echo "Installing the AutoModel client into $client: about 7 GB, several minutes"
    if [ "$($client/bin/python --version 2>/dev/null)" != "$("$python" --version)" ]; then
        rm -rf $client
        "$python" -m venv $client
    fi
    install $client requirements/client.txt
    echo "$wanted" > $client/made-from
fi

exp=.venvs/exp
wanted="$(stamp requirements/client.txt requirements/client-exp.txt)"
if ! "$python" -c 'import sys; sys.exit(sys.version_info >= (3, 13))'; then
    echo "Passing over inference-exp: it needs a Python below 3.13"
elif [ "$(cat $exp/made-from 2>/dev/null)" != "$wanted" ]; then
    echo "Installing the older client into $exp"
    rm -rf $exp
    "$python" -m venv $exp
    packages='import sysconfig; print(sysconfig.get_path("purelib"))'
    $client/bin/python -c "$packages" > "$($exp/bin/python -c "$packages")/client.pth"
    grep -vxFf requirements/client.txt requirements/client-exp.txt > $exp/differences.txt
    install $exp $exp/differences.txt
    echo "$wanted" > $exp/made-from
fi

sdk=.venvs/sdk
wanted="$(stamp requirements/sdk.txt)"
if [ "$(cat $sdk/made-from 2>/dev/null)" != "$wanted" ]; then
    echo "Installing the inference SDK and Triton's client into $sdk"
    rm -rf $sdk
    "$python" -m venv $sdk
    install $sdk requirements/sdk.txt
    echo "$wanted" > $sdk/made-from
fi
