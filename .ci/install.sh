#!/bin/sh
# install.sh VENV LOCK: install exactly what the lock names, then this folder as `storekeeper`.
set -eu
venv=$1 lock=$2
echo "Installing what $lock names into $venv: a minute or two, once."
pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
pip install --require-hashes --only-binary :all: --no-deps -r "$lock"
pip install --no-deps --no-build-isolation --editable .
