#!/bin/sh
# venv.sh PYTHON FOLDER: make a virtual environment, or say in one line why not.
set -eu
python=${1:-} folder=$2
if [ -z "$python" ] || ! "$python" -c '' 2>/dev/null; then
    echo "Python 3.11, 3.12 or 3.13 is needed, and ${python:-none of them} was not found. On Debian: apt install python3 python3-venv" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
    echo "$("$python" --version) is not supported: Storekeeper needs 3.11, 3.12 or 3.13. Name one: make PYTHON=python3.12 …" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "This Python cannot make virtual environments. On Debian: apt install python$version-venv" >&2
    exit 1
fi
"$python" -m venv "$folder"
