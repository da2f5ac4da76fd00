"""Lays out a mirror that holds the tests' stand-in for `hashicorp/aws`: `tools/stand_in_provider.py FOLDER`.

For machines that can't reach a registry, CI's among them: `KEYWRIGHT_AWS_PROVIDER=FOLDER keywright conform`. The
mirror says what it is, and the verification card repeats it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "terraform" / "provider"))

from mirror import mirror  # noqa: E402 - it lies beside the provider, among the tests

ABOUT = "stand-in provider of Keywright's own tests (the real one's schema and rules, over boto3)"


def main(folder: Path) -> None:
    """Make the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ.pop("KEYWRIGHT_AWS_PROVIDER", None)  # which would give that mirror in place of a new one
    made = mirror(folder.parent)
    if made.folder != folder:
        made.folder.rename(folder)
    (folder / "PROVIDER").write_text(f"{ABOUT}\n")
    print(folder)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
