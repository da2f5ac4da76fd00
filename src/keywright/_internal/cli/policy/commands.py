"""The commands of `keywright policy`."""

from __future__ import annotations

import typer

from keywright._internal.cli.help_page import Sections
from keywright._internal.cli.policy.check import check
from keywright._internal.cli.policy.diff import diff
from keywright._internal.cli.policy.explain import explain
from keywright._internal.cli.policy.findings import findings
from keywright._internal.cli.policy.patterns import patterns
from keywright._internal.cli.policy.render import render
from keywright._internal.cli.policy.simulate import simulate

policy_app = typer.Typer(
    cls=Sections,
    rich_markup_mode=None,
    help="Render, check, simulate, compare and explain key policies, without AWS.",
    no_args_is_help=True,
)
for command in (render, check, simulate, diff, explain, findings, patterns):
    policy_app.command()(command)
