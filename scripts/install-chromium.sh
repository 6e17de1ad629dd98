#!/usr/bin/env bash
# Debian's Chromium, where this is Debian, the user may install packages, and there is none yet.
# Without it the browser tests are skipped, and say so.
set -u
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "No Chromium here and none can be installed: the browser tests will be skipped."
