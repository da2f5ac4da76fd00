"""Aliases: what is planned and refused about them, and how they are created, moved and deleted.

CreateAlias is not idempotent, and an alias may be somebody else's. Which key holds one is read in `observation`.
"""

from __future__ import annotations

from collections.abc import Iterator

from keywright._internal.aws import AlreadyExists, AwsRefused, KeyMetadata, KeyService, NotFound, OutcomeUnknown
from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.lifecycle.steps import Step
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright.errors import KeywrightError

_LOOK_IN_SECONDS = 5.0


def alias_steps(target: Target, state: KeyState, key_id: str) -> Iterator[Step]:
    """What has to be done about the aliases of a key that is there, or is about to be made (without an ID)."""
    region = target.location.region
    for alias in target.key.aliases:
        holder = state.aliases.get(alias)
        if holder is None:
            yield Step("alias", f"create alias {alias}", "no key has this alias", region, alias)
        elif holder.key_id != key_id:
            reason = f"it belongs to {holder.key_id}, which this key replaces"
            if holder.sibling != target.name:
                reason = f"it belongs to the key `{holder.sibling}`, and the configuration gives it to this one"
            yield Step("move-alias", f"move alias {alias} to this key", reason, region, alias, holder.key_id)
    for alias in state.held(key_id) if key_id else ():
        if alias not in target.key.aliases and alias not in state.claimed:
            yield Step("unalias", f"delete alias {alias}", "the configuration doesn't have it", region, before=alias)


def alias_refusals(target: Target, state: KeyState) -> Iterator[tuple[str, str]]:
    """The declared aliases that a key outside of the file has, each with what to do."""
    own = state.live[0].metadata.key_id if state.live else None
    for alias in target.key.aliases:
        holder = state.aliases.get(alias)
        if holder is None or holder.key_id == own or holder.sibling is not None:
            continue
        what = f"the key {holder.key_id} ({holder.state or 'state unknown'})"
        if holder.identity:
            rename = f"keywright rename {holder.identity} {target.stack}/{target.name}"
            yield (
                f"`{alias}` belongs to {what}, which is {holder.identity} (stack/key)",
                f"if that is this key under its old name, run `{rename}`; else choose another alias",
            )
        else:
            yield (
                f"`{alias}` belongs to {what}, which is not this one",
                "choose another alias, or release it there first: a key that Keywright did not make is never touched",
            )


def create_alias(service: KeyService, name: str, key_id: str, waits: Waits) -> None:
    """Give a key an alias that no key has.

    Raises:
        KeywrightError: if another key has it by now.
    """
    ends = waits.clock() + waits.seconds
    while True:
        try:
            waits.visible(lambda: service.create_alias(name, key_id))
        except (AlreadyExists, OutcomeUnknown) as error:
            taken = isinstance(error, AlreadyExists)
            holder = waits.until(
                lambda: _holder(service, name), waits.seconds if taken else _LOOK_IN_SECONDS, what=f"KMS to show {name}"
            )
            if holder is not None and holder.key_id != key_id:
                raise KeywrightError(
                    f"`{name}` belongs to the key {holder.key_id} ({holder.state}), which is not this one",
                    "choose another alias, or release it there first",
                ) from error
            if holder is not None:
                return
            if taken:
                raise NotVisibleYet(
                    f"the alias `{name}` is taken, and KMS doesn't show by which key", "run the same command again"
                ) from error
            if waits.clock() > ends:
                raise
        else:
            return


def move_alias(service: KeyService, name: str, key_id: str, expected: str, waits: Waits) -> None:
    """Move an alias here from another key of the file, if that one still has it.

    KMS moves a name only between keys of one kind and usage; between others it is taken away and given anew.

    Raises:
        KeywrightError: if another key has it by now.
    """
    holder = _holder(service, name)
    if holder is None:
        create_alias(service, name, key_id, waits)
    elif holder.key_id == expected:
        try:
            waits.visible(lambda: service.update_alias(name, key_id))
        except AwsRefused as error:
            if error.code != "ValidationException":
                raise
            delete_alias(service, name, holder.key_id)
            create_alias(service, name, key_id, waits)
    elif holder.key_id != key_id:
        raise KeywrightError(
            f"somebody has moved `{name}` to the key {holder.key_id} since it was read",
            "run `keywright plan` again and look at what it shows",
        )


def delete_alias(service: KeyService, name: str, key_id: str) -> bool:
    """Take an alias away from a key, if that is the one that has it; whether it was."""
    holder = _holder(service, name)
    if holder is None or holder.key_id != key_id:
        return False
    try:
        service.delete_alias(name)
    except NotFound:
        return False  # somebody else has just done so
    return True


def _holder(service: KeyService, name: str) -> KeyMetadata | None:
    try:
        return service.describe(name)
    except NotFound:
        return None
