"""`keywright sandbox`: the embedded AWS in the foreground."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.documents import print_document

if TYPE_CHECKING:
    from keywright._internal.sandbox import Sandbox

Port = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 chooses a free one.")]
Account = Annotated[str, typer.Option(help="The account of the printed credentials: any 12 digits.")]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict-principals", help="Refuse policies that name roles or users that don't exist in its IAM, as AWS does."
    ),
]
Quotas = Annotated[bool, typer.Option("--quotas", help="Throttle calls beyond AWS's default request quotas.")]
TaggingLag = Annotated[
    float, typer.Option(min=0, max=3600, help="Seconds for which the tagging API doesn't show a change of tags.")
]
Enforce = Annotated[
    bool,
    typer.Option("--enforce", help="Authorize calls to KMS, and AssumeRole, by the policies and grants in it."),
]
GrantLag = Annotated[
    float, typer.Option(min=0, max=3600, help="With --enforce: seconds for which a new grant needs its token.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def sandbox(
    port: Port = 0,
    account: Account = "111122223333",
    strict_principals: Strict = False,
    quotas: Quotas = False,
    tagging_lag: TaggingLag = 0,
    enforce: Enforce = False,
    grant_lag: GrantLag = 0,
    as_json: AsJson = False,
) -> None:
    """Run the embedded AWS on the loopback interface until Ctrl-C. Nothing in it is kept."""
    from keywright._internal.sandbox import Sandbox
    from keywright.errors import InputError

    if grant_lag and not enforce:
        raise InputError("--grant-lag counts only where calls are authorized", "give --enforce, too")
    running = Sandbox(
        port=port,
        strict_principals=strict_principals,
        quotas=quotas,
        tagging_lag=tagging_lag,
        enforce=enforce,
        grant_lag=grant_lag,
    )
    running.run(lambda it: _introduce(it, account, as_json))


def _introduce(running: Sandbox, account: str, as_json: bool) -> None:
    settings = running.environment(account)
    if as_json:
        print_document({"endpoint_url": running.endpoint_url, "environment": settings})
        return
    typer.echo(f"# In another terminal, for the embedded AWS on {running.endpoint_url}")
    for name, value in settings.items():
        typer.echo(f"export {name}={shlex.quote(value)}")
    typer.echo("Ctrl-C stops it. Nothing in it is kept.", err=True)
