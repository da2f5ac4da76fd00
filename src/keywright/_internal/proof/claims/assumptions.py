"""What the sentence of a proved claim assumes, in one wording for every place.

A key policy isn't all that decides: the account's IAM policies allow what it leaves to them, grants allow too, and
other policies deny. A sentence is true as it stands only together with this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import CRYPTOGRAPHIC
from keywright._internal.facts.condition_keys import spelled
from keywright._internal.proof.evaluation.matching import Level
from keywright._internal.proof.search.boxes import overlap
from keywright._internal.proof.search.callers import DERIVED
from keywright._internal.proof.search.request_space import masked, values_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.claims.built_in.case import Case
    from keywright._internal.proof.evaluation.request import Request
    from keywright._internal.proof.search.boxes import Box

NO_GRANT: Final = "no grant on the key allows it"
NO_OTHER_GRANT: Final = "no grant on the key but the declared ones allows it"
NOTHING_DENIES: Final = "no other policy denies it"
IN_AN_ORGANISATION: Final = "the key's account belongs to an organization"
ONLY_LATER: Final = "only after the dates that the policy names"
MADE_AGAIN: Final = "a role or user that is named by the text of its ARN can be made again"

_GRANTABLE: Final = frozenset({*CRYPTOGRAPHIC, "kms:CreateGrant", "kms:DescribeKey", "kms:GetPublicKey"})
_ALWAYS_THERE: Final = frozenset({"aws:currenttime", "aws:epochtime", "aws:viaawsservice", "aws:securetransport"})
_PHRASES: Final = {
    "aws:sourcevpce": "only through the VPC endpoint {}",
    "aws:sourcevpc": "only from the VPC {}",
    "aws:sourceip": "only from an address such as {}",
    "aws:vpcsourceip": "only from an address such as {}",
    "kms:viaservice": "only through {}",
}


def joined(*parts: str) -> str:
    """Several assumptions as one text."""
    return "; ".join(filter(None, parts))


def of_grants(case: Case, box: Box) -> str:
    """That no grant allows what policies don't, where a grant can."""
    if not box[0] & masked(_GRANTABLE) & case.access.space.full[0]:
        return ""
    return NO_OTHER_GRANT if case.access.grants else NO_GRANT


def of_this_policy_alone(case: Case, box: Box) -> str:
    """That only this policy counts, where statements give some of a box to the account or to everybody in it.

    A claim about identities that a policy names doesn't count what it gives them as members of the account.
    """
    by_iam: dict[str, None] = {}
    to_all: dict[str, None] = {}
    for caller in case.callers:
        if caller.named or not case.is_own(caller) or caller.caller.kind == "root":
            continue
        for item in case.access.profile(caller).allows:
            if overlap(box, item.clause.may):
                name = f"`{item.clause.statement.sid or f'statement {item.clause.index + 1}'}`"
                (by_iam if item.level is Level.ACCOUNT else to_all)[name] = None
    if not by_iam and not to_all:
        return ""
    return joined(
        "by this policy alone",
        f"the account's IAM policies may still allow it: {', '.join(by_iam)}" if by_iam else "",
        f"everybody in the account may under the conditions of {', '.join(to_all)}" if to_all else "",
    )


def of_request(request: Request) -> str:
    """Under which conditions alone somebody can what a request shows, such as only with MFA."""
    return " and ".join(_conditions(request))


def _conditions(request: Request) -> Iterator[str]:
    for key, values in sorted(request.context.items()):
        if key in DERIVED or key in _ALWAYS_THERE or not values:
            continue
        shown = values_in_words(values)
        if key == "aws:multifactorauthpresent" and values == ("true",):
            yield "only with MFA"
        elif key in _PHRASES:
            yield _PHRASES[key].format(shown)
        else:
            yield f"only where {spelled(key)} is {shown}"
