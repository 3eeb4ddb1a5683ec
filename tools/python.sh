#!/bin/sh
# Prints the path of a Python the product runs on, or says what is missing. PYTHON=... overrules the search.
# 3.12 and 3.11 first: for them there is a Redis among the wheels.
for candidate in ${PYTHON:-python3.12 python3.11 python3 python3.14 python3.13 python}; do
    if path=$(command -v "$candidate" 2>/dev/null) &&
        "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        echo "$path"
        exit 0
    fi
done
echo "bankops needs Python 3.11 or newer, and found none${PYTHON:+ (PYTHON=$PYTHON)}." >&2
echo "Install one (Debian: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.11" >&2
exit 1
