"""The commands that read and change keys on AWS, one module each."""

from __future__ import annotations

from keywright._internal.cli.keys.apply import apply
from keywright._internal.cli.keys.destroy import destroy
from keywright._internal.cli.keys.output import output
from keywright._internal.cli.keys.plan import plan
from keywright._internal.cli.keys.replace import replace
from keywright._internal.cli.keys.restore import restore
from keywright._internal.cli.keys.verify import verify

__all__ = ["apply", "destroy", "output", "plan", "replace", "restore", "verify"]
