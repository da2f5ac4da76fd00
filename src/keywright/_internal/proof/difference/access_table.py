"""Who can do what with a key by its policy, asked of the search that also decides the claims.

For each caller and each group of actions two questions are asked: what the key policy gives by itself, and what it
gives together with IAM policies that allow everything. Each is answered with all requests, with some of them (so it
depends on conditions), with none, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, Literal

from keywright._internal.facts.actions import ADMINISTRATIVE, CRYPTOGRAPHIC, DESTROYING, fold
from keywright._internal.model.arn import Arn
from keywright._internal.proof.difference.access_difference import accounts_in_conditions
from keywright._internal.proof.difference.wording import circumstances
from keywright._internal.proof.evaluation.matching import matches_text
from keywright._internal.proof.evaluation.variables import expand
from keywright._internal.proof.search.access import Access, AccessMode, Query
from keywright._internal.proof.search.attributes import TooManyValues
from keywright._internal.proof.search.boxes import UndecidedError, atoms_of, find_outside, meet
from keywright._internal.proof.search.callers import ARN_KEY
from keywright._internal.proof.search.cells import TooManyCellsError
from keywright._internal.proof.search.key_candidates import key_candidates
from keywright._internal.proof.search.request_space import RequestSpace, masked
from keywright._internal.proof.search.witnesses import ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keywright._internal.policy.document import PolicyDocument, Principal
    from keywright._internal.proof.evaluation.request import Caller
    from keywright._internal.proof.search.attributes import Values
    from keywright._internal.proof.search.boxes import Box
    from keywright._internal.proof.search.callers import PrincipalClass

Duty = Literal["administer", "use", "grant", "delete"]
AccessLevel = Literal[
    "yes",
    "conditional",
    "conditional, or if allowed by IAM",
    "if allowed by IAM",
    "conditional, if allowed by IAM",
    "unknown",
    "no",
]
"""What a caller is given of a group of actions: by the key policy itself, under conditions, or where the IAM policies
of his account allow it, too."""

ACTIONS: Final[Mapping[Duty, frozenset[str]]] = {
    "administer": ADMINISTRATIVE - DESTROYING,
    "use": CRYPTOGRAPHIC,
    "grant": frozenset({"kms:CreateGrant"}),
    "delete": DESTROYING,
}
"""The actions of each duty; one of them is enough for the duty."""

PERHAPS_MORE: Final = "perhaps in other requests, too: AWS's documentation leaves open what a statement matches"
_DUTIES: Final[tuple[Duty, ...]] = ("administer", "use", "grant", "delete")
_SET_ROLE: Final = "role/aws-reserved/sso.amazonaws.com/"
_SET_PREFIX: Final = "AWSReservedSSO_"
_SET_SUFFIX: Final = 17
"""How many characters IAM Identity Center puts behind a permission set's name: `_` and sixteen of its own."""


@dataclass(frozen=True, slots=True)
class AccessLine:
    """What one principal can do."""

    principal: str
    administer: AccessLevel
    use: AccessLevel
    grant: AccessLevel
    delete: AccessLevel
    conditions: tuple[str, ...] = ()
    """On what the conditional ones depend, in English; each begins with `if`, `except where` or `perhaps`."""

    @property
    def levels(self) -> tuple[AccessLevel, ...]:
        """The four answers."""
        return self.administer, self.use, self.grant, self.delete

    def as_document(self) -> dict[str, Any]:
        """The line as `--json` shows it."""
        return {
            "principal": self.principal,
            "administer": self.administer,
            "use": self.use,
            "grant": self.grant,
            "delete": self.delete,
            "conditions": list(self.conditions),
        }


def access_table(
    document: PolicyDocument,
    account: str,
    *,
    partition: str = "aws",
    region: str | None = None,
    principals: Iterable[Principal] = (),
    fixed: Mapping[str, Values] | None = None,
) -> tuple[AccessLine, ...]:
    """Whoever a policy names, and then everybody else.

    Args:
        document: the policy.
        account: the key's.
        partition: the key's.
        region: the key's, where known.
        principals: who has a line of his own also where the policy doesn't name him.
        fixed: context keys that follow from the key itself.
    """
    named = tuple(principals)
    try:
        found = [
            _Callers(Access(RequestSpace([document], key, principals=named, fixed=fixed), document))
            for key in key_candidates([document], account, partition, region)
        ]
    except (TooManyCellsError, TooManyValues) as error:
        reason = str(error) or "the policy's patterns interlock in more ways than are followed"
        return (AccessLine("anybody", "unknown", "unknown", "unknown", "unknown", (reason,)),)
    answers = [item.answers() for item in found]
    agreed = {caller: _agreed([item[caller] for item in answers if caller in item]) for caller in answers[0]}
    return tuple(found[0].lines(agreed))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one caller can do, and under which conditions."""

    levels: tuple[AccessLevel, ...]
    conditions: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        return set(self.levels) == {"no"}


def _agreed(answers: Sequence[_Answer]) -> _Answer:
    """The answer for each key that the policy may belong to; unknown where it differs between them."""
    first, *others = answers
    levels = tuple(
        level if all(other.levels[at] == level for other in others) else "unknown"
        for at, level in enumerate(first.levels)
    )
    return _Answer(levels, first.conditions)


class _Extent(IntEnum):
    """How many of the requests that are asked after are allowed."""

    NONE = 0
    UNKNOWN = 1
    SOME = 2
    ALL = 3


@dataclass(frozen=True)
class _Callers:
    """The callers of one policy, and what each of them can do."""

    access: Access

    def answers(self) -> dict[Caller, _Answer]:
        """What each caller can do."""
        return {item.caller: self._answer(item) for item in self.access.space.each_caller}

    def lines(self, answers: Mapping[Caller, _Answer]) -> Iterator[AccessLine]:
        """A line for each caller that is named, and for all of whom the same is true one."""
        named = [item for item in self.access.space.each_caller if item.named]
        own = self.access.space.location.account
        accounts = {own, *(item.caller.account for item in named), *accounts_in_conditions(self.access.document)}
        shown = False
        for item in named:
            mentioned = item.is_service or item.caller.account == own or not answers[item.caller].is_nothing
            if item.caller.kind != "root" and item.caller.issuer is None and mentioned:
                shown = True
                yield _line(_name(item.caller), answers[item.caller])
        rest: dict[str | None, list[PrincipalClass]] = {}
        for item in self.access.space.each_caller:
            if (not item.named or item.caller.kind == "root") and item.caller.issuer is None:
                account = item.caller.account
                rest.setdefault(account if account in accounts or item.is_service else "", []).append(item)
        any_ = "any other" if shown else "any"
        for account, members in rest.items():
            yield from self._of_account(account, members, answers, any_)

    def _of_account(
        self, account: str | None, members: Sequence[PrincipalClass], answers: Mapping[Caller, _Answer], any_: str
    ) -> Iterator[AccessLine]:
        """Lines for those of one account whom nothing names; for strangers only where they can do something."""
        if account is None:
            for item in members:
                if not answers[item.caller].is_nothing:
                    yield _line(f"{any_} AWS service", answers[item.caller])
            return
        place = f"of account {account}" if account else "of another account"
        usual, roots = (next((item for item in members if item.caller.kind == kind), None) for kind in ("role", "root"))
        if usual is None:
            return
        most = answers[usual.caller]
        others: dict[str, _Answer] = {}
        for item in members:
            answer = answers[item.caller]
            if item is not roots and answer != most:
                others.setdefault(self._kind(item, place, any_), answer)
        for label, answer in others.items():
            yield _line(label, answer)
        if account or not most.is_nothing:
            yield _line(f"{any_ if account else 'any'} identity {place}", most)
        if roots is not None and not _as_root(answers[roots.caller], most):
            yield _line(f"the root user {place}", answers[roots.caller])

    def _kind(self, item: PrincipalClass, place: str, any_: str) -> str:
        """What tells callers whom nothing names from the usual ones: a pattern of ARNs, or their kind."""
        (arn,) = item.context.get(ARN_KEY, ("",))
        for statement in self.access.document.statements:
            for condition in statement.conditions:
                if fold(condition.key) != ARN_KEY:
                    continue
                for value in condition.values:
                    pattern = expand(value, {}, variables=False, wildcards=True)
                    if pattern is not None and matches_text(pattern, arn):
                        return _name_of_pattern(value)
        kind = {"federated": "federated user"}.get(item.caller.kind, item.caller.kind)
        return f"{any_} {kind} {place}"

    # --- What a caller can do -------------------------------------------------------------------------------

    def _answer(self, caller: PrincipalClass) -> _Answer:
        levels: list[AccessLevel] = []
        conditions: dict[str, None] = {}
        for duty in _DUTIES:
            box = self.access.space.of_actions(masked(ACTIONS[duty]))
            direct = self._extent(caller, box, AccessMode.DIRECT)
            most = direct if direct is _Extent.ALL or caller.is_service else self._extent(caller, box, AccessMode.ANY)
            level = _level(direct, most)
            levels.append(level)
            if level.startswith("conditional"):
                conditions |= dict.fromkeys(self._conditions(caller, box))
        return _Answer(tuple(levels), tuple(conditions))

    def _extent(self, caller: PrincipalClass, box: Box, mode: AccessMode) -> _Extent:
        """Whether some action is allowed in every request, in some, or none is at all."""
        whole = ask(self.access, caller, Query(box, mode))
        if whole.surely_none:
            return _Extent.NONE
        best = _Extent.UNKNOWN if whole.witness is None else _Extent.SOME
        for action in atoms_of(box[0]):
            if self._covers(caller, (1 << action, *box[1:]), mode):
                return _Extent.ALL
        return best

    def _covers(self, caller: PrincipalClass, box: Box, mode: AccessMode) -> bool:
        """Whether every request of a box, such as AWS documents them, is surely allowed."""
        space = self.access.space
        whole = meet(box, space.certain(caller))
        given = [item.sure for item in self.access.counted(caller, mode) if item.sure is not None]
        if whole is None or not any(meet(whole, item) for item in given):
            return False
        try:
            for denied in self.access.denied(caller, widely=True):
                common = meet(whole, denied)
                if common is not None and find_outside(common, space.unlikely) is not None:
                    return False
            return find_outside(whole, [*space.unlikely, *given]) is None
        except UndecidedError:
            return False

    def _conditions(self, caller: PrincipalClass, box: Box) -> Iterator[str]:
        """What the statements that decide about a box ask of a request, beside who calls."""
        profile = self.access.profile(caller)
        for word, items in (("if", profile.allows), ("except where", profile.denies)):
            for item in items:
                if meet(box, item.clause.may) is not None and (words := circumstances(item.clause.statement)):
                    yield f"{word} {words}"
        if self.access.leaves_open(caller):
            yield PERHAPS_MORE


def _level(direct: _Extent, most: _Extent) -> AccessLevel:
    if direct is _Extent.ALL:
        return "yes"
    if most is _Extent.NONE:
        return "no"
    if direct is _Extent.SOME:
        return "conditional, or if allowed by IAM" if most is _Extent.ALL else "conditional"
    if most is _Extent.ALL:
        return "if allowed by IAM"
    if _Extent.UNKNOWN in {direct, most}:
        return "unknown"
    return "conditional, if allowed by IAM"


def _as_root(root: _Answer, others: _Answer) -> bool:
    """Whether an account's root user can do what the account's other identities can: he needs no IAM policy."""
    return all(
        one == other
        or (one, other) in {("yes", "if allowed by IAM"), ("conditional", "conditional, if allowed by IAM")}
        for one, other in zip(root.levels, others.levels, strict=True)
    )


def _line(label: str, answer: _Answer) -> AccessLine:
    administer, use, grant, delete = answer.levels
    return AccessLine(label, administer, use, grant, delete, answer.conditions)


def _name(caller: Caller) -> str:
    """A caller for people; a role that IAM Identity Center made, by its permission set."""
    resource = caller.arn.partition("::")[2].partition(":")[2]
    if resource.startswith(_SET_ROLE) and caller.name.startswith(_SET_PREFIX):
        return f"permission set {caller.name.removeprefix(_SET_PREFIX)[:-_SET_SUFFIX]} of account {caller.account}"
    return caller.arn


def _name_of_pattern(pattern: str) -> str:
    arn = Arn.find(pattern)
    name = pattern.rpartition("/")[2]
    if arn is not None and arn.resource.startswith(_SET_ROLE) and name.startswith(_SET_PREFIX):
        return f"permission set {name.removeprefix(_SET_PREFIX)[:-_SET_SUFFIX]} of account {arn.account}"
    return f"identities like {pattern}"
