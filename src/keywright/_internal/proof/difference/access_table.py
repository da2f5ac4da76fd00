"""Who can do what with a key by its policy: a line for whoever is named, and one for all of whom the same is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright._internal.facts.actions import fold
from keywright._internal.proof.claims.claim_text import Party
from keywright._internal.proof.difference.access_levels import AccessLevel, CallerAccess, agreed, caller_access
from keywright._internal.proof.difference.names import (
    accounts_in_conditions,
    caller_in_words,
    part_in_words,
    pattern_in_words,
)
from keywright._internal.proof.evaluation.matching import matches_text
from keywright._internal.proof.evaluation.variables import expand
from keywright._internal.proof.search.access import Access
from keywright._internal.proof.search.attributes import TooManyValues
from keywright._internal.proof.search.callers import ARN_KEY
from keywright._internal.proof.search.cells import TooManyCellsError
from keywright._internal.proof.search.key_candidates import key_candidates
from keywright._internal.proof.search.request_space import RequestSpace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keywright._internal.policy.document import PolicyDocument, Principal
    from keywright._internal.proof.evaluation.request import Caller
    from keywright._internal.proof.search.attributes import Values
    from keywright._internal.proof.search.callers import PrincipalClass


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
    combined = {caller: agreed([item[caller] for item in answers if caller in item]) for caller in answers[0]}
    return tuple(found[0].lines(combined))


@dataclass(frozen=True)
class _Callers:
    """The callers of one policy, and what each of them can do."""

    access: Access

    def answers(self) -> dict[Caller, CallerAccess]:
        """What each caller can do: a role or user that is named in any of its sessions, too."""
        each = {item: caller_access(self.access, item) for item in self.access.space.callers}
        found: dict[Caller, CallerAccess] = {}
        for item in self.access.space.each_caller:
            found[item.caller] = each[item]
            parts = [(_is_part(item, other), other) for other in each if item.named and not item.is_service]
            for surely, other in sorted(parts, key=lambda part: part[0] is not True):
                if surely is not False:
                    found[item.caller] = found[item.caller].with_part(
                        each[other], surely=surely is True, words=part_in_words(other)
                    )
        return found

    def lines(self, answers: Mapping[Caller, CallerAccess]) -> Iterator[AccessLine]:
        """A line for each caller that is named, and for all of whom the same is true one."""
        named = [item for item in self.access.space.each_caller if item.named]
        own = self.access.space.location.account
        accounts = {own, *(item.caller.account for item in named), *accounts_in_conditions(self.access.document)}
        shown = False
        for item in named:
            mentioned = item.is_service or item.caller.account == own or not answers[item.caller].is_nothing
            if item.caller.kind != "root" and item.caller.issuer is None and mentioned:
                shown = True
                yield _line(caller_in_words(item.caller), answers[item.caller])
        rest: dict[str | None, list[PrincipalClass]] = {}
        for item in self.access.space.each_caller:
            if (not item.named or item.caller.kind == "root") and item.caller.issuer is None:
                account = item.caller.account
                rest.setdefault(account if account in accounts or item.is_service else "", []).append(item)
        any_ = "any other" if shown else "any"
        for account, members in rest.items():
            yield from self._of_account(account, members, answers, any_)

    def _of_account(
        self, account: str | None, members: Sequence[PrincipalClass], answers: Mapping[Caller, CallerAccess], any_: str
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
        others: dict[str, CallerAccess] = {}
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
                        return pattern_in_words(value)
        kind = {"federated": "federated user"}.get(item.caller.kind, item.caller.kind)
        return f"{any_} {kind} {place}"


def _is_part(whole: PrincipalClass, part: PrincipalClass) -> bool | None:
    """Whether a caller is a session of another one; None where that isn't certain."""
    belongs = Party("", whole.caller).includes(part) if part is not whole else False
    return belongs if belongs is False or part.certain else None


def _as_root(root: CallerAccess, others: CallerAccess) -> bool:
    """Whether an account's root user can do what the account's other identities can: he needs no IAM policy."""
    return all(
        one == other
        or (one, other) in {("yes", "if allowed by IAM"), ("conditional", "conditional, if allowed by IAM")}
        for one, other in zip(root.levels, others.levels, strict=True)
    )


def _line(label: str, answer: CallerAccess) -> AccessLine:
    administer, use, grant, delete = answer.levels
    return AccessLine(label, administer, use, grant, delete, answer.conditions)
