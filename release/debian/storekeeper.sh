#!/bin/sh
# The version in force, which `storekeeper setup` and `storekeeper update` alone choose; before the first setup, the newest.
place=/opt/storekeeper/current
# An update that was interrupted is ended by the version that was last found healthy, not by the one on trial.
if [ "$1" = update ] && [ -x /opt/storekeeper/good/bin/storekeeper ]; then
    place=/opt/storekeeper/good
fi
if [ ! -x "$place/bin/storekeeper" ]; then
    place=$(ls -d /opt/storekeeper/[0-9]* 2>/dev/null | sort -V | tail -n 1)
fi
if [ ! -x "$place/bin/storekeeper" ]; then
    echo "storekeeper: no version is installed in /opt/storekeeper; mend it with: apt install --reinstall storekeeper" >&2
    exit 3
fi
exec "$place/bin/storekeeper" "$@"
