"""Runs a command with the tests' stand-in for `hashicorp/aws`: `tools/stand_in_provider.py COMMAND…`.

For machines that can't reach a registry, CI's among them. The command finds a mirror with the stand-in in
`KEYWRIGHT_AWS_PROVIDER`; the mirror says what it is, and the verification card repeats it. The stand-in is loaded once
for the whole command, not for each of the hundreds of times that an engine starts its provider.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "terraform" / "provider"))

from mirror import running_mirror  # noqa: E402 - it lies beside the provider, among the tests

ABOUT = "stand-in provider of Keywright's own tests (the real one's schema and rules, over boto3)"
VARIABLE = "KEYWRIGHT_AWS_PROVIDER"


def main(command: list[str]) -> int:
    """Run the command to its end; its exit code."""
    os.environ.pop(VARIABLE, None)  # which would give that mirror in place of a new one
    with tempfile.TemporaryDirectory(prefix="keywright-provider-") as home, running_mirror(Path(home)) as made:
        (made.folder / "PROVIDER").write_text(f"{ABOUT}\n")
        done = subprocess.run(command, env={**os.environ, VARIABLE: str(made.folder)}, check=False)  # noqa: S603
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
