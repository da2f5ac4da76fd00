"""Claims that a person writes: the text of one, read and decided.

    nobody outside [111122223333, o-a1b2c3d4e5] can [kms:Decrypt, kms:ReEncrypt*]
    only [role App, logs.eu-west-1.amazonaws.com] can kms:Decrypt directly
    nobody can kms:ImportKeyMaterial
    role App can [kms:Encrypt, kms:Decrypt]
    user Eve cannot kms:*

`docs/claims.md` holds the grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from keywright._internal.facts.actions import fold
from keywright._internal.policy.document import Condition, Principal
from keywright._internal.proof.claims import assumptions
from keywright._internal.proof.claims.built_in.case import nobody
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.evaluation.request import Caller
from keywright._internal.proof.search.access import AccessMode
from keywright._internal.proof.search.request_space import action_mask, actions, named_in
from keywright._internal.proof.search.witnesses import WitnessSearch, listed, name_of, refused
from keywright.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keywright._internal.proof.claims.built_in.case import Case
    from keywright._internal.proof.search.boxes import Box
    from keywright._internal.proof.search.callers import PrincipalClass

Form = Literal["only", "outside", "nobody", "can", "cannot"]

_EXAMPLE: Final = "write for example `nobody outside [111122223333] can [kms:Decrypt]` or `role App can kms:Encrypt`"
_TOKEN: Final = re.compile(r"\[([^\[\]]*)\]|([^\s\[\]]+)")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ORGANISATION: Final = re.compile(r"o-[a-z0-9]{10,32}")
_KINDS: Final = ("role", "user", "account", "organisation", "organization", "service")
_WITH_IAM: Final = " (with iam)"
_WORDS: Final = ("nobody", "outside", "but", "only", "can", "cannot", "directly", *_KINDS)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whom a claim names: an identity, a whole account, an organization or a service."""

    text: str
    caller: Caller | None = None
    account: str | None = None
    organisation: str | None = None
    by_name: bool = False
    """Whether a role or user is named without a path, and so meant with any."""

    def includes(self, item: PrincipalClass) -> bool | None:
        """Whether a caller is this party, or one of its sessions, or belongs to it; None where nothing tells.

        No two roles, and no two users, of an account have one name, whatever their path and case.
        """
        if self.account is not None:
            return item.caller.account == self.account
        mine, theirs = self.caller, item.caller
        if mine is None:
            return False
        if mine.kind == "role" and mine.session is None:
            same = theirs.kind == "role" and (theirs.account, fold(theirs.name)) == (mine.account, fold(mine.name))
            if not same or self.by_name:
                return same
            return None if item.path is None else item.path == mine.path
        if mine.kind == "user":
            return self._is_user(mine, theirs)
        return mine.arn == theirs.arn

    def _is_user(self, mine: Caller, theirs: Caller) -> bool | None:
        if theirs.account != mine.account:
            return False
        if theirs.kind == "federated":
            if theirs.issuer is None:
                return None
            theirs = Caller.parse(theirs.issuer)
        if theirs.kind != "user" or (not self.by_name and theirs.path != mine.path):
            return False
        return True if theirs.name == mine.name else None if fold(theirs.name) == fold(mine.name) else False


@dataclass(frozen=True, slots=True)
class UserClaim:
    """A claim as it was understood."""

    text: str
    form: Form
    parties: tuple[Party, ...]
    patterns: tuple[str, ...]
    directly: bool = False
    with_iam: bool = False
    """Whether it is about effective access, which a snapshot decides and no key policy alone."""

    @property
    def mask(self) -> int:
        """The actions it is about."""
        found = 0
        for pattern in self.patterns:
            found |= action_mask(pattern)
        return found

    def principals(self) -> list[Principal]:
        """Whom it names, so that requests of theirs are looked at."""
        found = []
        for party in self.parties:
            if party.caller is not None:
                kind = "Service" if party.caller.kind == "service" else "AWS"
                found.append(Principal(kind, party.caller.arn))
                if party.caller.session is not None:
                    found.append(Principal("AWS", party.caller.principal_arn or ""))
            elif party.account is not None:
                found.append(Principal("AWS", party.account))
        return found

    def names(self) -> list[Caller]:
        """The roles and users that it means whatever their path."""
        return [party.caller for party in self.parties if party.by_name and party.caller is not None]

    def conditions(self) -> list[Condition]:
        """What it asks of requests."""
        organisations = tuple(party.organisation for party in self.parties if party.organisation)
        return [Condition("StringEquals", "aws:PrincipalOrgID", organisations)] if organisations else []


# --- Reading ------------------------------------------------------------------------------------------------


def read_claim(text: str, *, account: str, partition: str = "aws") -> UserClaim:
    """Understand a claim.

    Args:
        text: what a person wrote.
        account: the key's, to which `role NAME` and `user NAME` belong.
        partition: the key's.

    Raises:
        InputError: it isn't understood, or names what isn't there.
    """
    bare = text.removesuffix(_WITH_IAM) if isinstance(text, str) else text
    with_iam = bare != text
    tokens = _tokens(bare)
    words = [token if isinstance(token, str) else "" for token in tokens]
    if words[:1] == ["nobody"] and words[1:2] == ["outside"]:
        form: Form = "outside"
        rest = tokens[2:]
    elif words[:2] == ["nobody", "but"]:
        form = "only"
        rest = tokens[2:]
    elif words[:1] in (["nobody"], ["only"]):
        form = "nobody" if words[0] == "nobody" else "only"
        rest = tokens[1:]
    else:
        form, rest = "can", tokens
    verbs = [at for at, token in enumerate(rest) if token in {"can", "cannot", "can't"}]
    if len(verbs) != 1:
        raise _unclear(text, "a claim says once who `can` or `cannot` do something", _did_you_mean(words, _WORDS))
    (at,) = verbs
    if rest[at] != "can" or rest[at + 1 : at + 2] == ["not"]:
        if form != "can":
            raise _unclear(text, f"`{words[0]}` goes with `can`", "say who `can`, or who `cannot`")
        form = "cannot"
    subject, subject_is_list = _items(text, rest[:at])
    wanted = rest[at + (2 if rest[at + 1 : at + 2] == ["not"] else 1) :]
    directly = wanted[-1:] == ["directly"]
    patterns, _ = _items(text, wanted[:-1] if directly else wanted)
    parties = tuple(_party(text, item, account, partition) for item in subject)
    _check_parties(text, form, parties, is_list=subject_is_list)
    if not patterns:
        raise _unclear(text, "it says of no action whether it can be called", "name actions, such as `kms:Decrypt`")
    for pattern in patterns:
        _check_action(text, pattern)
    if directly and with_iam:
        raise _unclear(text, "`directly` leaves IAM aside, and `(with iam)` doesn't", "leave out one of them")
    return UserClaim(text, form, parties, tuple(patterns), directly, with_iam)


def _tokens(text: str) -> list[str | tuple[str, ...]]:
    """Words, and lists in brackets as tuples."""
    if not isinstance(text, str) or not text.strip():
        raise InputError("a claim is a line of text", _EXAMPLE)
    if _TOKEN.sub("", text).strip():
        raise _unclear(text, "its brackets don't match", "write lists as `[one, two]`")
    found: list[str | tuple[str, ...]] = []
    for match in _TOKEN.finditer(text):
        if match[2] is not None:
            found.append(match[2])
        else:
            found.append(tuple(" ".join(item.split()) for item in match[1].split(",") if item.strip()))
    return found


def _items(text: str, tokens: Sequence[str | tuple[str, ...]]) -> tuple[list[str], bool]:
    """The items of a list in brackets, or the one item that words make."""
    if len(tokens) == 1 and isinstance(tokens[0], tuple):
        return list(tokens[0]), True
    words = [token for token in tokens if isinstance(token, str)]
    if len(words) != len(tokens):
        near = _did_you_mean([word for word in words if ":" not in word], _WORDS, "write lists as `[one, two]`")
        raise _unclear(text, "a list in brackets stands alone", near)
    return ([" ".join(words)] if words else []), False


def _party(text: str, written: str, account: str, partition: str) -> Party:
    kind, name = _kind_and_name(written)
    if kind and kind not in _KINDS:
        raise _unclear(text, f"`{written}` names nobody", _did_you_mean([kind], _KINDS))
    if kind == "account" or (not kind and _ACCOUNT.fullmatch(name)):
        if not _ACCOUNT.fullmatch(name):
            raise _unclear(text, f"`{name}` is no account", "give its twelve digits")
        return Party(written, account=name)
    if kind.startswith("organi") or (not kind and _ORGANISATION.fullmatch(name)):
        if not _ORGANISATION.fullmatch(name):
            raise _unclear(text, f"`{name}` is no organization", "give its id, such as `o-a1b2c3d4e5`")
        return Party(written, organisation=name)
    by_name = kind in {"role", "user"} and "/" not in name
    if kind in {"role", "user"} and not name.startswith("arn:"):
        name = f"arn:{partition}:iam::{account}:{kind}/{name}"
    found = _identity(text, written, kind, name, partition)
    return replace(found, by_name=True) if by_name else found


def _kind_and_name(written: str) -> tuple[str, str]:
    """`role App` and `role/App` as kind and name; what stands alone has no kind."""
    kind, space, name = written.partition(" ")
    if not space and written.startswith(("role/", "user/")):
        kind, _, name = written.partition("/")
    return (kind, name.strip()) if name else ("", written)


def _identity(text: str, written: str, kind: str, name: str, partition: str) -> Party:
    try:
        caller = Caller.parse(name)
    except InputError as error:
        remedy = "give `role NAME`, `user NAME`, an ARN, an account's twelve digits, an organization's id or a service"
        raise _unclear(text, f"`{written}` names nobody", remedy) from error
    if kind in {"role", "user", "service"} and caller.kind != kind:
        raise _unclear(text, f"`{name}` is no {kind}", f"leave out `{kind}`")
    if caller.partition not in {None, partition}:
        raise _unclear(text, f"`{written}` is of the partition {caller.partition}", f"the key is in {partition}")
    return Party(written, account=caller.account) if caller.kind == "root" else Party(written, caller)


def _check_parties(text: str, form: Form, parties: tuple[Party, ...], *, is_list: bool) -> None:
    if form == "nobody":
        if parties:
            message = f"`nobody` stands before `can`, not before `{parties[0].text}`"
            raise _unclear(text, message, "write `nobody outside [..] can` for an exception")
        return
    if not parties:
        raise _unclear(text, "it names nobody", _EXAMPLE)
    if form in {"can", "cannot"}:
        if is_list and len(parties) != 1:
            raise _unclear(text, "it is about several principals", "write a claim for each")
        if parties[0].organisation:
            raise _unclear(text, "whether an organization can isn't decided", "claim it of an account or a role in it")
        if form == "can" and parties[0].caller is not None and parties[0].caller.kind == "federated":
            raise _unclear(text, "a federated user can what its user can", "claim it of the user")


def _check_action(text: str, pattern: str) -> None:
    if action_mask(pattern):
        return
    if pattern.startswith("kms:") or ":" not in pattern:
        known = {fold(name.partition(":")[2]): name for name in actions()}
        exact = known.get(fold(pattern))
        near = (
            f"did you mean `{exact}`?"
            if exact
            else _did_you_mean([f"kms:{pattern.partition(':')[2] or pattern}"], actions())
        )
        raise _unclear(text, f"`{pattern}` covers no action that a key policy decides", near)
    raise _unclear(text, f"`{pattern}` is no KMS action", "actions begin with `kms:`")


def _did_you_mean(words: Iterable[str], known: Sequence[str], otherwise: str = _EXAMPLE) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - wanted only where something is wrong

    by_fold = {fold(item): item for item in known}
    for word in words:
        near = get_close_matches(fold(word), by_fold, n=1, cutoff=0.7)
        if near and word not in known:
            return f"did you mean `{by_fold[near[0]]}`?"
    return otherwise


def _unclear(text: str, message: str, remedy: str) -> InputError:
    said = f"the claim `{text}` isn't understood: {message}"
    return InputError(said, remedy, (Problem(("claims",), said, remedy, text),))


NEEDS_SNAPSHOT: Final = "effective access is decided over a snapshot: give one with `policy check --from estate.db`"


# --- Deciding -----------------------------------------------------------------------------------------------


def decide_claim(case: Case, claim: UserClaim, name: str) -> ClaimResult:
    """Whether a claim holds.

    Args:
        case: the policy; its space knows the claim's principals and conditions.
        claim: the claim.
        name: the result's id.
    """
    if claim.with_iam:
        return ClaimResult(name, claim.text, Verdict.UNKNOWN, NEEDS_SNAPSHOT)
    if claim.form == "can":
        return _can(case, claim, name)
    box = case.access.space.of_actions(claim.mask)
    mode = AccessMode.DIRECT if claim.directly else AccessMode.ANY
    if claim.form == "cannot":
        party = claim.parties[0]
        answer = case.ask((item for item in case.callers if party.includes(item)), box, mode)
        if answer.surely_none:
            answer = _perhaps(party, case.ask(_untold(case, party), box, mode))
        return nobody(name, claim.text, answer, "no statement allows it", _assuming(case, claim, box))
    for condition in claim.conditions():
        box = case.access.space.where_not(box, condition)
    others = [item for item in case.callers if not any(party.includes(item) for party in claim.parties)]
    if claim.form == "outside":
        others = [item for item in others if not item.is_service]
    untold = [item for item in others if _may_be_one_of(claim.parties, item)]
    answer = case.ask((item for item in others if item not in untold), box, mode)
    for party in claim.parties if answer.surely_none else ():
        answer = _perhaps(party, case.ask((item for item in untold if party.includes(item) is None), box, mode))
        if not answer.surely_none:
            break
    reason = "no statement allows it to anybody else"
    return nobody(name, claim.text, answer, reason, _assuming(case, claim, box))


def _assuming(case: Case, claim: UserClaim, box: Box) -> str:
    """What a claim that nobody can assumes: `directly` leaves the account's IAM policies aside."""
    alone = assumptions.of_this_policy_alone(case, box) if claim.directly else ""
    return assumptions.joined(alone, assumptions.of_grants(case, box))


def _may_be_one_of(parties: Iterable[Party], item: PrincipalClass) -> bool:
    """Whether nothing tells that a caller is none of some parties.

    A federated session may be anybody's: whoever's it is, another user's credentials make one of that name.
    """
    anybodys = item.caller.kind == "federated" and item.caller.issuer is None
    return not anybodys and any(party.includes(item) is None for party in parties)


def _untold(case: Case, party: Party) -> list[PrincipalClass]:
    """Callers of whom nothing tells whether they are a party."""
    return [item for item in case.callers if party.includes(item) is None]


def _perhaps(party: Party, answer: WitnessSearch) -> WitnessSearch:
    """What somebody can who may be a party, as an answer about it."""
    if answer.witness is None:
        return answer
    return WitnessSearch(undecided=f"{answer.witness.sentence}, and nothing tells whether that is {party.text}")


def _can(case: Case, claim: UserClaim, name: str) -> ClaimResult:
    """Whether the party can call each of the actions, in some circumstances."""
    party = claim.parties[0]
    callers = [item for item in case.callers if party.includes(item)]
    own = any(case.is_own(item) or item.is_service for item in callers)
    whole = party.account is not None and own  # the account is its root user, and whomever its IAM policies let
    speakers = [item for item in callers if item.caller.kind == "root"] if whole else callers
    by_iam, shown = [], WitnessSearch()
    for action in named_in(claim.mask):
        box = case.of({action})
        shown = case.ask(speakers, box, AccessMode.DIRECT if own else AccessMode.ANY)
        if shown.witness is not None:
            continue
        # `directly` is of the key policy alone: what IAM policies could allow is then no more than nothing.
        answer = case.ask(callers, box, AccessMode.DIRECT if claim.directly and own else AccessMode.ANY)
        if answer.surely_none:
            answer = _perhaps(party, case.ask(_untold(case, party), box, AccessMode.ANY))
        if answer.witness is not None and answer.witness.identity_policies and own:
            by_iam.append(action)
            continue
        if answer.witness is not None:
            answer = WitnessSearch(undecided=f"not the account as a whole, but {answer.witness.sentence}")
        if answer.undecided or shown.undecided:
            reason = f"{action}: {answer.undecided or shown.undecided}"
            return ClaimResult(name, claim.text, Verdict.UNKNOWN, reason)
        return _cannot(case, claim, name, callers, action)
    if by_iam:
        reason = f"the key policy leaves {listed(by_iam)} to the account's IAM policies, which aren't known here"
        return ClaimResult(name, claim.text, Verdict.UNKNOWN, reason)
    if shown.witness is None:
        return ClaimResult(name, claim.text, Verdict.UNKNOWN, "it is about no action")
    reason = shown.witness.sentence if own else f"the key policy gives its half: {shown.witness.sentence}"
    assuming = assumptions.joined(assumptions.of_request(shown.witness.request), assumptions.NOTHING_DENIES)
    return ClaimResult(name, claim.text, Verdict.PROVED, reason, shown.witness, assuming)


def _cannot(case: Case, claim: UserClaim, name: str, callers: Sequence[PrincipalClass], action: str) -> ClaimResult:
    for caller in callers:
        request = case.access.space.plainest(caller, action)
        witness = refused(case.access, caller, request, by_iam=not claim.directly)
        if witness is not None:
            return ClaimResult(name, claim.text, Verdict.REFUTED, witness.sentence, witness)
    reason = f"nothing allows {action} to {listed(name_of(item, case.access) for item in callers)}"
    return ClaimResult(name, claim.text, Verdict.UNKNOWN, reason)
