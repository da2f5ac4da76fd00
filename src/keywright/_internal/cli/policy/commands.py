"""The commands of `keywright policy`."""

from __future__ import annotations

from typing import ClassVar

from keywright._internal.cli.command_group import CommandGroup, Table, command_group


class _Policy(CommandGroup):
    table: ClassVar[Table] = {
        "Commands": {
            "render": "policy.render:render",
            "check": "policy.check:check",
            "simulate": "policy.simulate:simulate",
            "diff": "policy.diff:diff",
            "explain": "policy.explain:explain",
            "findings": "policy.findings:findings",
            "patterns": "policy.patterns:patterns",
        }
    }


policy_app = command_group(_Policy, "Render, check, simulate, compare and explain key policies, without AWS.")
