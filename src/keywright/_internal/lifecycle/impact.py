"""What a change costs, for whoever reviews a plan: who gains and loses access, and when the key was last used.

Read and computed only for what is shown; carrying a plan out needs none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.policy.parsing import parse_policy
from keywright.errors import InputError, KeywrightError

if TYPE_CHECKING:
    from keywright._internal.aws import Cloud, LastUsage
    from keywright._internal.lifecycle.policy_change import PolicyChange
    from keywright._internal.lifecycle.steps import KeyPlan, Plan, Step
    from keywright._internal.lifecycle.target import Target
    from keywright._internal.proof.difference.access_table import AccessLine

MOST_WITH_LAST_USE = 50
"""Of more keys the last use isn't read: AWS allows five such reads a second."""

_CAN_HURT = frozenset({"disable", "unalias", "move-alias", "stop-rotation", "revoke-grant"})
"""Changes that somebody who uses the key may notice; a policy by which somebody loses access is one more."""

_TAKES_USE = frozenset({"disable", "unalias", "move-alias"})
"""Those that take the use of the key from everybody, or from whoever names it by that alias."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What one step means.

    Args:
        access: how access changes; None for a step that changes no policy.
        last_used: when the key was last used, in words; empty where that says nothing.
        used_at: the same as a date; None where no use was seen or none is known.
        users: who uses the key by its policy on AWS, and so loses that, or whoever names it by an alias that goes.
    """

    access: PolicyChange | None = None
    last_used: str = ""
    used_at: datetime | None = None
    users: tuple[AccessLine, ...] = ()

    def lines(self, *, unfolded: bool = False) -> tuple[str, ...]:
        """For a reviewer, a line each; `unfolded` names every action."""
        return (
            *(self.access.lines(unfolded=unfolded) if self.access else ()),
            *((f"the key's policy lets use it: {'; '.join(map(_user, self.users))}",) if self.users else ()),
            *((self.last_used,) if self.last_used else ()),
        )

    def as_document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "access": self.access.as_document() if self.access else None,
            "last_used": self.used_at.isoformat() if self.used_at else None,
            "users": [{"principal": item.principal, "use": item.use} for item in self.users],
        }


@dataclass(frozen=True, slots=True)
class Impacts:
    """The impacts of a plan's steps, by key and step; steps without one are left out."""

    found: Mapping[tuple[str, tuple[str, ...]], Impact] = field(default_factory=dict)

    def of(self, name: str, step: Step) -> Impact | None:
        """The impact of a step of a key."""
        return self.found.get((name, step.change))

    def document(self, name: str, steps: Iterable[Step]) -> list[dict[str, Any]]:
        """The steps of a key for `--json`, each with its impact."""
        described = [(step, self.of(name, step)) for step in steps]
        return [
            {**step.as_document(), "impact": impact.as_document() if impact else None} for step, impact in described
        ]


def impacts(cloud: Cloud, plan: Plan) -> Impacts:
    """What the steps of a plan mean."""
    accesses = {
        (item.name, step.change): _access(item.target, step)
        for item in plan.keys
        for step in item.steps
        if step.action == "policy"
    }
    hurting = [
        (item, step)
        for item in plan.keys
        for step in item.steps
        if item.state.key_id and (step.action in _CAN_HURT or _takes_away(accesses.get((item.name, step.change))))
    ]
    places = {(item.name, step.region): item for item, step in hurting}
    used = dict(
        on_each(
            list(places.items()) if len(places) <= MOST_WITH_LAST_USE else [],
            lambda place: (place[0], last_use(cloud, place[1], place[0][1])),
        )
    )
    found = {place: Impact(access) for place, access in accesses.items()}
    for item, step in hurting:
        usage = used.get((item.name, step.region))
        place = (item.name, step.change)
        when = usage.used_at if usage else None
        users = users_of(item, step.region) if step.action in _TAKES_USE else ()
        found[place] = replace(found.get(place, Impact()), last_used=words_for(usage), used_at=when, users=users)
    return Impacts(found)


def users_of(item: KeyPlan, region: str) -> tuple[AccessLine, ...]:
    """Who may use a key, or its replica, by the policy that it has on AWS; nobody where that can't be read."""
    from keywright._internal.proof.difference.explanation import explain  # noqa: PLC0415 - heavy, and seldom needed

    state, location = item.state, item.target.location_in(region)
    live = next((key for key in (*state.live, *state.replicas.values()) if key.metadata.region == region), None)
    if live is None:
        return ()
    try:
        table = explain(parse_policy(live.policy).document, account=location.account, region=region).table
    except InputError:
        return ()
    return tuple(line for line in table if line.use != "no")


def _user(line: AccessLine) -> str:
    return line.principal if line.use == "yes" else f"{line.principal} ({line.use})"


def _access(target: Target, step: Step) -> PolicyChange:
    from keywright._internal.lifecycle.policy_change import policy_change  # noqa: PLC0415 - heavy, and seldom needed

    return policy_change(str(step.before), str(step.after), target.location_in(step.region))


def _takes_away(access: PolicyChange | None) -> bool:
    return access is not None and bool(access.lost or access.undecided)


def last_use(cloud: Cloud, item: KeyPlan, region: str) -> LastUsage | None:
    """When a key was last used; None where that can't be read: it is wanted, not needed."""
    try:
        return item.target.service(cloud, region).last_usage(item.state.key_id or "")
    except KeywrightError:
        return None


def words_for(usage: LastUsage | None) -> str:
    """When a key was last used, for people."""
    if usage is None:
        return "last use unknown"
    if usage.used_at is not None:
        return f"last used {usage.used_at:%Y-%m-%d %H:%M} for {usage.operation}"
    since = f" since {usage.tracked_since:%Y-%m-%d}, when tracking began" if usage.tracked_since else ""
    return f"no use seen{since}, which doesn't prove that nothing needs it"
