"""Whom a key's owner trusts: the key's own account, and the accounts and organizations its policy names.

A policy names an account by letting it in: as a principal of an Allow, in a positive condition of an Allow, or
as the exception of a Deny. Naming somebody to shut him out, or everybody with a wildcard, names nobody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from keywright._internal.facts.key_groups import (
    CALLERS_ACCOUNT,
    CALLERS_ORGANIZATION,
    SOURCE_ACCOUNT,
    SOURCE_ORGANIZATION,
)
from keywright._internal.model.arn import Arn
from keywright._internal.policy.document import PolicyDocument, Statement

_ACCOUNT = re.compile(r"^\d{12}$")
_ARN = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:(?P<account>\d{12}):")
_ORGANISATION = re.compile(r"^(o-[a-z0-9]+)(?:/|$)")
ENCRYPTION_CONTEXT = "kms:encryptioncontext:"
OWN_ORGANISATION = "o-ownorganisation"
"""Stands for the organization of the key's own account, which a policy means by `${aws:ResourceOrgID}`."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Accounts and organizations whose principals, and whose resources behind a service, may reach the key."""

    accounts: frozenset[str]
    organisations: frozenset[str] = frozenset()

    def of_key_in(self, organisation: str | None) -> Trust:
        """The same where the key's own organization is this one, or its account is in none."""
        if OWN_ORGANISATION not in self.organisations:
            return self
        own = {organisation} if organisation is not None else set()
        return Trust(self.accounts, self.organisations - {OWN_ORGANISATION} | own)

    def in_words(self) -> str:
        """For a sentence: `account 1…, account 2… and organization o-…`."""
        names = [f"account {account}" for account in sorted(self.accounts)]
        names += [
            "the key's own organization" if name == OWN_ORGANISATION else f"organization {name}"
            for name in sorted(self.organisations)
        ]
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "nobody"


def named_by(document: PolicyDocument, account: str) -> Trust:
    """The key's own account and everybody whom the policy lets in by name."""
    accounts = {account}
    organisations: set[str] = set()
    for statement in document.statements:
        for found in _named(statement):
            (accounts if _ACCOUNT.match(found) else organisations).add(found)
    if names_own_organisation(document):
        organisations.add(OWN_ORGANISATION)
    return Trust(frozenset(accounts), frozenset(organisations))


def names_own_organisation(document: PolicyDocument) -> bool:
    """Whether the policy speaks of the key's own organization, by condition key or policy variable."""
    return any(
        "aws:resourceorgid" in text.lower()
        for statement in document.statements
        for condition in statement.conditions
        for text in (condition.key, *condition.values)
    )


def narrowed(trust: Trust, account: str, accounts: Iterable[str], organisations: Iterable[str]) -> Trust:
    """The trust a person states in place of what the policy names; the same trust where he states none."""
    stated = frozenset(accounts), frozenset(organisations)
    if not any(stated):
        return trust
    return Trust(stated[0] | {account}, stated[1])


def key_account(document: PolicyDocument) -> str | None:
    """The account that a bare policy belongs to, as far as the policy says so.

    It is the account that is given every action, or else the one that is named most often; the first such where
    there are several, as AWS's own policies begin with it. None where the policy names no account.
    """
    whole: list[str] = []
    votes: Counter[str] = Counter()
    for statement in document.statements:
        if statement.effect != "Allow" or not statement.principals:
            continue
        named = [found for item in statement.principals if (found := account_of(item.value)) is not None]
        votes.update(set(named))
        everything = bool({action.lower() for action in statement.actions or ()} & {"kms:*", "*"})
        if everything and not statement.conditions:
            whole += [
                found
                for item in statement.principals
                if item.value.endswith((":root", account_of(item.value) or ":root"))
                and (found := account_of(item.value)) is not None
            ]
        votes.update(found for found in _named(statement) if _ACCOUNT.match(found) and found not in named)
    if whole:
        return whole[0]
    return votes.most_common(1)[0][0] if votes else None


def key_partition(document: PolicyDocument, account: str | None) -> str | None:
    """The partition that a bare policy's key is in: that of the principals of the key's account; None without any."""
    for statement in document.statements:
        for principal in statement.principals or ():
            arn = Arn.find(principal.value)
            if arn is not None and arn.account == account:
                return arn.partition
    return None


def account_of(value: str) -> str | None:
    """The account that an ARN or a bare account number names, or None."""
    if _ACCOUNT.match(value):
        return value
    match = _ARN.match(value)
    return match["account"] if match else None


def organisation_of(value: str) -> str | None:
    """The organization that an organization id or path begins with, or None."""
    match = _ORGANISATION.match(value)
    return match[1] if match else None


def is_negated(operator: str) -> bool:
    """Whether a condition operator is true for values that are not listed."""
    return "not" in operator.lower().rpartition(":")[2]


def _named(statement: Statement) -> Iterator[str]:
    allows = statement.effect == "Allow"
    if allows:
        for principal in statement.principals or ():
            found = account_of(principal.value)
            if found is not None and principal.type == "AWS":
                yield found
    for condition in statement.conditions:
        if is_negated(condition.operator) is not allows and condition.operator.lower() != "null":
            key = condition.key.lower()
            yield from filter(None, (_whom(key, value) for value in condition.values))


def _whom(key: str, value: str) -> str | None:
    """The account or organization that a value of a condition key names."""
    if key in {*CALLERS_ACCOUNT, *SOURCE_ACCOUNT, "aws:principalarn"}:
        return account_of(value)
    if key in {*CALLERS_ORGANIZATION, *SOURCE_ORGANIZATION}:
        return organisation_of(value)
    if key.startswith(ENCRYPTION_CONTEXT) and (value.startswith("arn:") or _says_account(key)):
        return account_of(value)
    return None


def _says_account(key: str) -> bool:
    return key.endswith("source-account")
