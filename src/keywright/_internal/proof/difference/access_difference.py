"""What access one policy gives that another doesn't: who gains and loses what, each with a request that shows it.

Both policies are put into one space of requests. For each caller, what one allows less what the other allows is
searched for twice: by the key policy itself, and together with IAM policies that allow everything.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.facts.condition_keys import spelled
from keywright._internal.proof.claims.trust import key_account, key_partition
from keywright._internal.proof.difference.names import actions_in_words, callers_in_words
from keywright._internal.proof.search.access import Access, AccessMode
from keywright._internal.proof.search.attributes import TooManyValues
from keywright._internal.proof.search.boxes import Box, UndecidedError, atoms_of, find_outside, meet
from keywright._internal.proof.search.cells import TooManyCellsError
from keywright._internal.proof.search.key_candidates import key_candidates
from keywright._internal.proof.search.request_space import RequestSpace, named_in
from keywright._internal.proof.search.witnesses import name_of, replayed, resolved
from keywright.errors import LocationMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.claims.result import Witness
    from keywright._internal.proof.search.callers import PrincipalClass
    from keywright._internal.proof.search.key_candidates import KeyCandidate

_TOO_MANY: Final = "the policies' patterns interlock in more ways than are followed"


@dataclass(frozen=True, slots=True)
class AccessChange:
    """Access that one of two policies gives and the other doesn't."""

    sentence: str
    """Who, what and under which circumstances, in English, without a stop."""
    witness: Witness
    """A request that the policy which gives it allows, and the other doesn't."""
    actions: tuple[str, ...] = ()
    """Every action that it is about; the sentence names a few."""

    @property
    def is_folded(self) -> bool:
        """Whether the sentence only counts some of the actions."""
        return "other actions" in self.sentence

    def as_document(self) -> dict[str, Any]:
        """The change as `--json` shows it."""
        return {"sentence": self.sentence, "actions": list(self.actions), "witness": self.witness.as_document()}


@dataclass(frozen=True, slots=True)
class AccessDifference:
    """How the access that two policies give differs."""

    equivalent: bool | None
    """None where it isn't decided; then `reason` says why."""
    gained: tuple[AccessChange, ...] = ()
    lost: tuple[AccessChange, ...] = ()
    reason: str = ""

    def as_document(self) -> dict[str, Any]:
        """The difference as `--json` shows it."""
        return {
            "equivalent": self.equivalent,
            "reason": self.reason,
            "gained": [change.as_document() for change in self.gained],
            "lost": [change.as_document() for change in self.lost],
        }


def access_difference(
    old: PolicyDocument,
    new: PolicyDocument,
    *,
    account: str,
    partition: str = "aws",
    region: str | None = None,
) -> AccessDifference:
    """What the new policy gives that the old didn't, and takes away.

    Args:
        old: the policy as it is.
        new: the policy as it would be.
        account: the key's.
        partition: the key's.
        region: the key's, where known.
    """
    try:
        keys = key_candidates((old, new), account, partition, region)
    except TooManyCellsError:
        return AccessDifference(None, reason=_TOO_MANY)
    results = [_at(old, new, key) for key in keys]
    decided = next((item for item in results if item.equivalent is False), None)
    return decided or next((item for item in results if item.equivalent is None), results[0])


def policy_difference(
    old: PolicyDocument, new: PolicyDocument, *, account: str | None = None, region: str | None = None
) -> AccessDifference:
    """The difference of two bare policies, of a key in the account and the partition that they say.

    Args:
        old: the policy as it is.
        new: the policy as it would be.
        account: the key's, in place of what the policies say.
        region: the key's, where known.

    Raises:
        LocationMissing: nothing says the key's account.
    """
    home = account or key_account(old) or key_account(new)
    if home is None:
        raise LocationMissing("neither policy says which account the key lives in", "give `--account`")
    partition = key_partition(old, home) or key_partition(new, home) or "aws"
    return access_difference(old, new, account=home, partition=partition, region=region)


def _at(old: PolicyDocument, new: PolicyDocument, key: KeyCandidate) -> AccessDifference:
    """The difference for one key."""
    try:
        space = RequestSpace([old, new], key)
    except (TooManyCellsError, TooManyValues) as error:
        return AccessDifference(None, reason=str(error) or _TOO_MANY)
    before, after = Access(space, old), Access(space, new)
    gained, lost = _Surplus(after, before, "gains"), _Surplus(before, after, "loses")
    for caller in space.callers:
        gained.look_at(caller)
        lost.look_at(caller)
    changes, losses = tuple(gained.changes()), tuple(lost.changes())
    undecided = gained.undecided or lost.undecided
    if changes or losses:
        return AccessDifference(False, changes, losses, undecided)
    return AccessDifference(None if undecided else True, reason=undecided)


@dataclass
class _Surplus:
    """What one policy gives and another doesn't, gathered caller by caller."""

    has: Access
    lacks: Access
    verb: str
    undecided: str = ""
    found: dict[tuple[int, bool], list[tuple[PrincipalClass, Witness]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By the actions, and whether by the key policy itself, the callers with a request each."""

    def look_at(self, caller: PrincipalClass) -> None:
        """Take up what one caller has."""
        own = caller.caller.account == self.has.space.location.account
        by_itself = caller.is_service or own
        direct = self._actions(caller, AccessMode.DIRECT, self.has.space.full[0]) if by_itself else {}
        rest = self.has.space.full[0]
        if not caller.is_service and caller.caller.kind != "root":
            delegated = self._actions(caller, AccessMode.ANY, rest)
        else:
            delegated = {} if by_itself else self._actions(caller, AccessMode.ANY, rest)
        already = {at for mask in direct for at in atoms_of(mask)}
        for actions, witness in direct.items():
            self.found[(actions, True)].append((caller, witness))
        for actions, witness in delegated.items():
            left = sum(1 << at for at in atoms_of(actions) if at not in already)
            if left:
                self.found[(left, False)].append((caller, witness))

    def _actions(self, caller: PrincipalClass, counting: AccessMode, actions: int) -> dict[int, Witness]:
        """The actions that the caller has more, each group with a request."""
        found: dict[int, Witness] = {}
        try:
            while actions:
                box = next(self._more(caller, counting, actions, surely=True), None)
                if box is None:
                    break
                request = self.has.space.request(caller, box)
                witness = replayed(self.has, caller, request, counting)
                if witness is None or replayed(self.lacks, caller, request, counting) is not None:
                    self._leave_open(caller, "the evaluator doesn't confirm what was found")
                    return found
                found[box[0]] = witness
                actions &= ~box[0]
            self._try(caller, counting, actions, found)
        except UndecidedError as error:
            self._leave_open(caller, str(error))
        return _joined(found)

    def _try(self, caller: PrincipalClass, counting: AccessMode, actions: int, found: dict[int, Witness]) -> None:
        """What may be more: by policy variables, which the evaluator decides, or by AWS's silence."""
        for box in self._more(caller, counting, actions, surely=False):
            for request in resolved(self.has, caller, box):
                witness = replayed(self.has, caller, request, counting)
                if witness is not None and replayed(self.lacks, caller, request, counting) is None:
                    if not (self._is_open(caller) or found.keys() & {box[0]}):
                        found[box[0]] = witness
                    break
            if box[0] not in found:
                self._leave_open(caller, "a policy variable or AWS's documentation leaves it open")
                return

    def _is_open(self, caller: PrincipalClass) -> bool:
        return any(access.leaves_open(caller) for access in (self.has, self.lacks))

    def _more(self, caller: PrincipalClass, counting: AccessMode, actions: int, *, surely: bool) -> Iterator[Box]:
        """Boxes of requests that one policy allows, surely or by how what is open turns out, and the other doesn't."""
        space = self.has.space
        within = (
            meet(space.of_actions(actions), (space.certain if surely else space.described)(caller)) if actions else None
        )
        if within is None or not caller.certain:
            return
        given = [box for item in self.has.counted(caller, counting) for box in _surely(item.sure, item.boxes, surely)]
        denied = self.has.denied(caller, widely=surely)
        other_allows = self.lacks.allowing(caller, counting, widely=surely)
        other_denies = [
            box for item in self.lacks.profile(caller).denies for box in _surely(item.sure, item.boxes, surely)
        ]
        for box in given:
            part = meet(within, box)
            if part is None:
                continue
            holes = [*space.unlikely, *denied]
            if (outside := find_outside(part, [*holes, *other_allows])) is not None:
                yield outside
            for deny in other_denies:
                common = meet(part, deny)
                if common is not None and (inside := find_outside(common, holes)) is not None:
                    yield inside

    def _leave_open(self, caller: PrincipalClass, why: str) -> None:
        self.undecided = self.undecided or f"of {name_of(caller, self.has)} it isn't decided: {why}"

    def changes(self) -> Iterator[AccessChange]:
        """One sentence for all callers of whom the same is true."""
        for (actions, directly), callers in self.found.items():
            first = next((item for item in callers if item[0].named), callers[0])[1]
            how = "by the key policy itself" if directly else "if IAM policies allow it"
            who = callers_in_words([caller for caller, _ in callers], self.has, self.lacks)
            such = _circumstances(first)
            names = tuple(sorted(named_in(actions)))
            yield AccessChange(f"{who} {self.verb} {actions_in_words(actions)} {how}{such}", first, names)


def _surely(sure: Box | None, boxes: Iterable[Box], surely: bool) -> Iterable[Box]:
    if not surely:
        return boxes
    return () if sure is None else (sure,)


def _joined(found: dict[int, Witness]) -> dict[int, Witness]:
    """Actions that are had in the same circumstances together."""
    by_circumstances: dict[str, tuple[int, Witness]] = {}
    for actions, witness in found.items():
        key = _circumstances(witness)
        mask, first = by_circumstances.get(key, (0, witness))
        by_circumstances[key] = (mask | actions, first)
    return dict(by_circumstances.values())


def _circumstances(witness: Witness) -> str:
    context = [f"{spelled(key)} = {', '.join(values)}" for key, values in sorted(witness.request.context.items())]
    return f", for instance with {' and '.join(context)}" if context else ""
