"""The commands of `keywright policy`."""

from __future__ import annotations

import typer

from keywright.cli.policy.check import check
from keywright.cli.policy.diff import diff
from keywright.cli.policy.explain import explain
from keywright.cli.policy.findings import findings
from keywright.cli.policy.patterns import patterns
from keywright.cli.policy.render import render
from keywright.cli.policy.simulate import simulate

policy_app = typer.Typer(help="Key policies.", no_args_is_help=True)
for command in (render, check, simulate, diff, explain, findings, patterns):
    policy_app.command()(command)
