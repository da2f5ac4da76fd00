"""Callers and actions in words, where a sentence or a table speaks of several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import ADMINISTRATIVE, CRYPTOGRAPHIC, fold
from keywright._internal.model.arn import Arn
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.search.callers import DERIVED
from keywright._internal.proof.search.request_space import actions as all_actions
from keywright._internal.proof.search.request_space import masked, named_in
from keywright._internal.proof.search.witnesses import listed, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.evaluation.request import Caller
    from keywright._internal.proof.search.access import Access
    from keywright._internal.proof.search.callers import PrincipalClass


_SET_ROLE: Final = "role/aws-reserved/sso.amazonaws.com/"
_SET_PREFIX: Final = "AWSReservedSSO_"
_SET_SUFFIX: Final = 17
"""How many characters IAM Identity Center puts behind a permission set's name: `_` and sixteen of its own."""
_MAX_NAMED: Final = 6
"""How many actions a sentence names before it only counts the rest."""


def callers_in_words(callers: list[PrincipalClass], access: Access, other: Access) -> str:
    """Callers in words; an account's root user and everybody of it whom nothing names are the account."""
    rest: dict[str, list[PrincipalClass]] = {}
    names: list[str] = []
    for caller in callers:
        if caller.is_service or (caller.named and caller.caller.kind != "root"):
            if caller.caller.issuer is None:
                names.append(name_of(caller, access))
        else:
            rest.setdefault(caller.caller.account or "", []).append(caller)
    own = access.space.location.account
    named = {caller.caller.account for caller in access.space.callers if caller.named and caller.caller.account}
    named |= {*accounts_in_conditions(access.document), *accounts_in_conditions(other.document)}
    for account, members in rest.items():
        kinds = {member.caller.kind for member in members}
        place = "the key's account" if account == own else f"account {account}"
        if account != own and account not in named:
            place = "every other account"
        if kinds == {"root"}:
            names.append(f"the root user of {place}")
        else:
            who = "everybody" if kinds >= {"role", "user"} else f"every {' and '.join(sorted(kinds - {'root'}))}"
            names.append(f"{who} else of {place}" if names and place == "the key's account" else f"{who} of {place}")
    return listed(names) or "a federated session"


def accounts_in_conditions(document: PolicyDocument) -> Iterator[str]:
    """The accounts that a policy's conditions say, of which each is told apart from all others."""
    for condition in (item for statement in document.statements for item in statement.conditions):
        if fold(condition.key) in DERIVED:
            yield from (account for account in map(account_of, condition.values) if account is not None)


def actions_in_words(mask: int) -> str:
    """Actions in words: a whole group by its name, and the others one by one while they are few."""
    names = set(named_in(mask))
    words = []
    if mask == masked(frozenset(all_actions())):
        return "every action"
    for group, title in (
        (CRYPTOGRAPHIC, "every cryptographic action"),
        (ADMINISTRATIVE, "every administrative action"),
    ):
        if group <= names:
            words.append(title)
            names -= group
    listed_names = sorted(names)
    words += listed_names[:_MAX_NAMED]
    if len(listed_names) > _MAX_NAMED:
        words.append(f"{len(listed_names) - _MAX_NAMED} other actions")
    return listed(words)


def caller_in_words(caller: Caller) -> str:
    """A caller for people; a role that IAM Identity Center made, by its permission set."""
    resource = caller.arn.partition("::")[2].partition(":")[2]
    if resource.startswith(_SET_ROLE) and caller.name.startswith(_SET_PREFIX):
        return f"permission set {caller.name.removeprefix(_SET_PREFIX)[:-_SET_SUFFIX]} of account {caller.account}"
    return caller.arn


def part_in_words(part: PrincipalClass) -> str:
    """The condition that a role or user calls as one of its sessions."""
    caller = part.caller
    if caller.session is not None:
        return f"if it is the session `{caller.session}`"
    return "if it is a federated session of the user" if caller.kind == "federated" else f"if it is `{caller.arn}`"


def pattern_in_words(pattern: str) -> str:
    """Whoever fits a pattern of ARNs; the roles of a permission set by its name."""
    arn = Arn.find(pattern)
    name = pattern.rpartition("/")[2]
    if arn is not None and arn.resource.startswith(_SET_ROLE) and name.startswith(_SET_PREFIX):
        return f"permission set {name.removeprefix(_SET_PREFIX)[:-_SET_SUFFIX]} of account {arn.account}"
    return f"identities like {pattern}"
