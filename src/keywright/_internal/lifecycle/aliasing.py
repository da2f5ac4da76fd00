"""Giving, moving and taking away names. CreateAlias is not idempotent, and a name may be somebody else's."""

from __future__ import annotations

from keywright._internal.aws import AlreadyExists, AwsRefused, KeyMetadata, KeyService, NotFound, OutcomeUnknown
from keywright._internal.lifecycle.key_state import AliasHolder
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright.errors import KeywrightError

_LOOK_IN_SECONDS = 5.0


def give_name(service: KeyService, name: str, key_id: str, waits: Waits) -> None:
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
            holder = waits.until(lambda: _holder(service, name), waits.seconds if taken else _LOOK_IN_SECONDS)
            if holder is not None and holder.key_id != key_id:
                raise KeywrightError(
                    f"`{name}` belongs to the key {holder.key_id} ({holder.state}), which is not this one",
                    "choose another alias, or release it there first",
                ) from error
            if holder is not None:
                return
            if taken:
                raise NotVisibleYet(
                    f"the name `{name}` is taken, and KMS doesn't show by which key", "run the same command again"
                ) from error
            if waits.clock() > ends:
                raise
        else:
            return


def move_name(service: KeyService, name: str, key_id: str, expected: AliasHolder, waits: Waits) -> None:
    """Move an alias here from another key of the file, if that one still has it.

    KMS moves a name only between keys of one kind and usage; between others it is taken away and given anew.

    Raises:
        KeywrightError: if another key has it by now.
    """
    holder = _holder(service, name)
    if holder is None:
        give_name(service, name, key_id, waits)
    elif holder.key_id == expected.key_id:
        try:
            waits.visible(lambda: service.update_alias(name, key_id))
        except AwsRefused as error:
            if error.code != "ValidationException":
                raise
            take_name(service, name, holder.key_id)
            give_name(service, name, key_id, waits)
    elif holder.key_id != key_id:
        raise KeywrightError(
            f"somebody has moved `{name}` to the key {holder.key_id} since it was read",
            "run `keywright plan` again and look at what it shows",
        )


def take_name(service: KeyService, name: str, key_id: str) -> bool:
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
