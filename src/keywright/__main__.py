"""`python -m keywright`."""

from __future__ import annotations

from keywright._internal.cli.app import main

if __name__ == "__main__":
    main()
