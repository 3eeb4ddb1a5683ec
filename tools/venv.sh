#!/bin/sh
# Makes .venv, unless a working one is there. Debian's Python comes without ensurepip; then the pip outside puts one
# inside.
set -e
if .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    exit 0
fi
python=$(sh "$(dirname "$0")/python.sh")
rm -rf .venv
if "$python" -c 'import ensurepip' >/dev/null 2>&1; then
    "$python" -m venv .venv
elif "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --without-pip .venv
    "$python" -m pip --python .venv/bin/python install --quiet --disable-pip-version-check pip
else
    echo "$python has neither ensurepip nor pip. Install them (Debian: apt-get install python3-venv)." >&2
    exit 1
fi
