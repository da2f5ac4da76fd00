"""The commands on keys that are there already: scan, report and what they need."""

from __future__ import annotations

from keywright._internal.cli.estate.adopt import adopt
from keywright._internal.cli.estate.permissions import permissions
from keywright._internal.cli.estate.report import report
from keywright._internal.cli.estate.scan import scan

__all__ = ["adopt", "permissions", "report", "scan"]
