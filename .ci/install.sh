#!/bin/sh
# install.sh VENV LOCK: install exactly what the lock names, then this folder as `storekeeper`.
set -eu
venv=$1 lock=$2
echo "Installing what $lock names into $venv: a minute or two, once."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
pip() {
    "$venv/bin/python" -m pip --disable-pip-version-check install --quiet "$@" >"$log" 2>&1 && return
    cat "$log" >&2
    echo "pip could not install. Is there a way to the package index from here?" >&2
    exit 1
}
pip --require-hashes --only-binary :all: --no-deps -r "$lock"
pip --no-deps --no-build-isolation --editable .
