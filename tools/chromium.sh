#!/bin/sh
# Makes sure the browser tests have a browser: root installs Debian's, anyone else is told (by the tests) what was
# not run. Under CI a missing browser is a failure.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -n "$BANKOPS_CHROMIUM" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests (once) …"
    log=$(mktemp)
    if (apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium \
        fonts-dejavu-core) \
        >"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
fi
[ -z "$CI" ] && exit 0
echo "CHROMIUM IS MISSING, AND UNDER CI THE BROWSER TESTS MUST RUN." >&2
exit 1
