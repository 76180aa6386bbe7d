"""The `storekeeper` command."""

from __future__ import annotations

from edge.cli.app import main

if __name__ == "__main__":
    main()
