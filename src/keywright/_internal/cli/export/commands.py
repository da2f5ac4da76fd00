"""The group `keywright export`."""

from __future__ import annotations

from typing import ClassVar

from keywright._internal.cli.command_group import CommandGroup, Table, command_group


class _Export(CommandGroup):
    table: ClassVar[Table] = {
        "Commands": {
            "terraform": "export.terraform:terraform",
            "cloudformation": "export.cloudformation:cloudformation",
            "stackset": "export.stackset:stackset",
        }
    }


export_app = command_group(_Export, "Export a keys file to another tool.")
