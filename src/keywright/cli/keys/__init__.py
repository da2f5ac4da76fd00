"""The commands that read and change keys on AWS, one module each."""

from __future__ import annotations

from keywright.cli.keys.applying import apply
from keywright.cli.keys.destroying import destroy
from keywright.cli.keys.outputs import output
from keywright.cli.keys.planning import plan
from keywright.cli.keys.replacing import replace
from keywright.cli.keys.restoring import restore
from keywright.cli.keys.verifying import verify

__all__ = ["apply", "destroy", "output", "plan", "replace", "restore", "verify"]
