"""Do AWS services use the key only on behalf of those who are trusted?

A service that calls with its own principal acts for somebody's resource, whoever asked it to: the confused deputy.
What ties a call to its beneficiary are the source keys, and an encryption context that holds a resource's ARN.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import CRYPTOGRAPHIC, fold
from keywright._internal.facts.condition_keys import spelled
from keywright._internal.policy.document import Condition
from keywright._internal.proof.claims import assumptions
from keywright._internal.proof.claims.built_in.case import nobody
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.claims.trust import ENCRYPTION_CONTEXT
from keywright._internal.proof.search.witnesses import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.policy.document import PolicyDocument, Statement
    from keywright._internal.proof.claims.built_in.case import Case
    from keywright._internal.proof.claims.trust import Trust
    from keywright._internal.proof.search.boxes import Box

SERVICES: Final = "services-act-for-the-trusted-only"
_BUCKET: Final = re.compile(r"arn:[^:*?$]+:[^:*?$]+:[^:*?$]*::[^*?$]{3,}.*")
_SAYS_FOR_WHOM: Final = Condition("Null", "aws:SourceAccount", ("false",))
_TYING: Final = ("aws:source", "kms:calleraccount", ENCRYPTION_CONTEXT)
"""How the names of condition keys begin, folded, that may tie a call to somebody."""
_ACTIONS: Final = CRYPTOGRAPHIC | {"kms:CreateGrant"}


def conditions(document: PolicyDocument, trust: Trust) -> Iterator[Condition]:
    """What is asked of requests: whether anything in them ties them to somebody trusted."""
    if _services(document):
        yield _SAYS_FOR_WHOM
        yield from _ties(document, trust)


def for_the_trusted_only(case: Case, undeclared: Case) -> ClaimResult | None:
    """No service uses the key for anybody who isn't trusted; no claim where the policy lets no service in.

    AWS documents a few uses without any condition to tie them. Where a key declares the pattern of one, the claim is
    unknown rather than refuted.

    Args:
        case: the policy.
        undeclared: the policy without what its declared patterns allow.
    """
    document = case.access.document
    if not _services(document):
        return None
    sentence = f"AWS services use the key only on behalf of {case.trust.in_words()}"
    services = [caller for caller in case.callers if caller.is_service]
    space = case.access.space
    untied: Box = case.of(_ACTIONS)
    for tie in _ties(document, case.trust):
        untied = space.where_not(untied, tie)
    answer = case.ask(services, space.where(untied, _SAYS_FOR_WHOM))
    if answer.surely_none and not (silent := case.ask(services, untied)).surely_none:
        reason = silent.undecided
        if silent.witness is not None:
            reason = (
                f"{silent.witness.sentence}: nothing in such a call says for whom it is, so it may be for somebody else"
            )
        return ClaimResult(SERVICES, sentence, Verdict.UNKNOWN, reason)
    if answer.witness is not None and undeclared.ask(services, space.where(untied, _SAYS_FOR_WHOM)).surely_none:
        reason = f"{answer.witness.sentence}: neither its pattern nor AWS's documentation has a condition against it"
        return ClaimResult(SERVICES, sentence, Verdict.UNKNOWN, reason)
    return nobody(SERVICES, sentence, answer, _required(document), assumptions.of_grants(case, untied))


def _required(document: PolicyDocument) -> str:
    """What the statements for services require, in the condition keys that they name."""
    names = listed(f"`{name}`" for name in _services(document))
    keys: dict[str, None] = {}
    for statement in _statements_for_services(document):
        tying = [spelled(item.key) for item in statement.conditions if fold(item.key).startswith(_TYING)]
        if not tying:
            return f"no statement lets {names} in on behalf of anybody else"
        keys.update(dict.fromkeys(tying))
    return f"every statement for {names} requires {' or '.join(keys)}"


def _statements_for_services(document: PolicyDocument) -> Iterator[Statement]:
    for statement in document.statements:
        if statement.effect == "Allow" and any(item.type == "Service" for item in statement.principals or ()):
            yield statement


def _services(document: PolicyDocument) -> list[str]:
    """The services that the policy lets in by name."""
    return sorted(
        {
            principal.value
            for statement in _statements_for_services(document)
            for principal in statement.principals or ()
            if principal.type == "Service"
        }
    )


def _ties(document: PolicyDocument, trust: Trust) -> Iterator[Condition]:
    """Conditions of which each, where it is met, ties a service's call to somebody trusted."""
    accounts, organisations = sorted(trust.accounts), sorted(trust.organisations)
    arns = tuple(f"arn:*:*:*:{account}:*" for account in accounts)
    yield Condition("StringEquals", "aws:SourceAccount", tuple(accounts))
    used: dict[str, list[str]] = {}
    for condition in (item for statement in document.statements for item in statement.conditions):
        used.setdefault(fold(condition.key), []).extend(condition.values)
    for key, values in used.items():
        if key == "aws:sourcearn" or key.startswith(ENCRYPTION_CONTEXT):
            yield Condition("StringLike", key, (*arns, *accounts, *_without_account(values)))
        elif key == "aws:sourceorgid" and organisations:
            yield Condition("StringEquals", key, tuple(organisations))
        elif key == "aws:sourceorgpaths" and organisations:
            yield Condition("ForAnyValue:StringLike", key, tuple(f"{name}/*" for name in organisations))


def _without_account(values: Iterable[str]) -> list[str]:
    """ARNs that name one resource without saying whose it is, as those of buckets: the policy's author knows."""
    return [value for value in dict.fromkeys(values) if _BUCKET.fullmatch(value)]
