"""`who-can` is held to an AWS that says no: each row's requests are sent for real, with the principal's credentials."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import organisations
from real_organizations import REGION, CannotBeSentError, RealOrganization

from chance import fresh_seed
from command_line import CommandLine, Keywright
from keywright._internal.access.loading import load
from keywright._internal.access.question import AccessVerdict
from keywright._internal.access.snapshot import AccessSnapshot
from keywright._internal.access.who_can import PrincipalAccess, WhoCan
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.estate.iam_file import ABOUT_IAM, ABOUT_KMS
from keywright._internal.proof.evaluation.request import Context
from keywright._internal.sandbox import Sandbox

FRESH = int(os.environ.get("KEYWRIGHT_ORGANISATIONS", "1"))
"""How many fresh organizations are made; 100 of them: `make torture-access`."""

GRANT = {"kms:grantoperations": ("Decrypt",), "kms:granteeprincipal": ("arn:aws:iam::111122223333:role/gone",)}
CONTEXTS = (
    GRANT,
    {**GRANT, "kms:viaservice": ("s3.eu-west-1.amazonaws.com",)},
    {**GRANT, "aws:sourcevpce": ("vpce-1",)},
)
"""In which a principal that has no row is looked at."""


def test_each_row_s_requests_are_answered_as_the_row_says_and_whoever_has_no_row_is_refused(
    enforcing: Sandbox, command_line: CommandLine, account: str, tmp_path: Path
) -> None:
    first = fresh_seed() * 1000
    for number, seed in enumerate((7, *range(first, first + FRESH))):
        management = f"{int(account) + number * 10**7:012d}"
        made = RealOrganization(enforcing, management, organisations.Chance(seed).organisation())
        made.make()
        who = WhoCan(scanned(made, command_line, tmp_path / f"{number}.db"))
        sent = sum(hold_to_it(made, who, action, seed) for action in organisations.ACTIONS)
        assert sent > 20


def scanned(made: RealOrganization, command_line: CommandLine, file: Path) -> AccessSnapshot:
    """The organization as `keywright scan --iam` finds it."""
    made.sandbox.enforce(on=False)
    environment = {"AWS_ENDPOINT_URL": made.sandbox.endpoint_url, "AWS_ACCESS_KEY_ID": made.management}
    scan = ("scan", "--iam", "--org", "--account-role", "reader", "--region", REGION, "--out", str(file))
    ended = Keywright(command_line, environment, file.parent).run(*scan)
    assert ended.code in {0, 1}, ended.err
    made.sandbox.enforce(on=True)
    with EstateFile.read(file) as estate:
        return load(estate, made.key, about=ABOUT_KMS | ABOUT_IAM)


def hold_to_it(made: RealOrganization, who: WhoCan, action: str, seed: int) -> int:
    """Send an action's requests; how many could be sent."""
    (key,) = who.snapshot.keys.values()
    rows = {row.principal: row for row in who.findings(key, action)}
    sent = 0
    for row in rows.values():
        if row.access is AccessVerdict.UNKNOWN:
            assert "AWS doesn't document" in row.decision.reason, (seed, row)
        else:
            sent += row_is_true(made, row, seed)
    for principal in who.snapshot.members.keys() - rows.keys():
        for context in CONTEXTS:
            assert not made.send(principal, action, context), (seed, action, principal, context)
            sent += 1
    return sent


def row_is_true(made: RealOrganization, row: PrincipalAccess, seed: int) -> int:
    """Send a request that is to be let through, and for a conditional row one that is to be refused."""
    if row.question is None:
        return 0
    caller = row.question.circumstances.caller.arn
    allowed = answers(made, row, [caller], row.decision.allowed)
    # Where it depends on the session's name, sessions of any other name are refused.
    denied = answers(made, row, [row.principal, caller], row.decision.denied)
    assert all(allowed), (seed, row.action, caller, row.decision.allowed)
    assert not denied or not all(denied), (seed, row.action, caller, row.decision.denied)
    return len(allowed) + len(denied)


def answers(made: RealOrganization, row: PrincipalAccess, callers: list[str], context: Context | None) -> list[bool]:
    """Whether the requests of some callers in a context are let through; none for one that can't be sent."""
    found: list[bool] = []
    for caller in dict.fromkeys(callers) if context is not None else ():
        with contextlib.suppress(CannotBeSentError):
            found.append(made.send(caller, row.action, context or {}))
    return found
