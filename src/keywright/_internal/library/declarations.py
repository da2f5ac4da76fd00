"""Keys and stacks as a Python program declares them: whatever a keys file would be refused for is refused here, too.

The fields and their rules are `model`'s. What stands above it, the catalogue of patterns and the languages of policies
and claims, is asked when a key or a stack is made, so that nothing wrong goes further.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, ValidationError

from keywright._internal.keysfile.policy_problems import declaration_problems, own_claim_problems
from keywright._internal.keysfile.problems import unplaced_problems
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.model import key as declared
from keywright._internal.model import stack as declared_stack
from keywright._internal.policy.rendering import rendered_policies
from keywright.errors import InvalidDeclaration, Problem

if TYPE_CHECKING:
    from keywright._internal.model.grant import Grant
    from keywright._internal.model.key_fields import KeyUsage, ReplicaRegion, ServicePin
    from keywright._internal.model.pattern_use import PatternUse
    from keywright._internal.model.policy_statement import PolicyStatement


class Key(declared.Key):
    """One customer-managed key, with the fields of a keys file.

    Raises:
        InvalidDeclaration: with everything that is wrong with it.
    """

    if TYPE_CHECKING:
        # What may be written where a field is given; pydantic makes of it what the field holds.
        def __init__(
            self,
            *,
            description: str = ...,
            aliases: Sequence[str] = ...,
            key_usage: KeyUsage = ...,
            customer_master_key_spec: str = ...,
            enable_key_rotation: bool = ...,
            rotation_period_in_days: int | None = ...,
            deletion_window_in_days: int = ...,
            is_enabled: bool = ...,
            multi_region: bool = ...,
            policy: str | None = ...,
            key_administrator_arns: Sequence[str | Mapping[str, str]] = ...,
            key_user_arns: Sequence[str | Mapping[str, str]] = ...,
            key_service_users: Sequence[str] = ...,
            key_service_pins: Sequence[ServicePin] = ...,
            patterns: Sequence[str | PatternUse | Mapping[str, Any]] = ...,
            statements: Sequence[PolicyStatement | Mapping[str, Any]] = ...,
            grants: Sequence[Grant | Mapping[str, Any]] = ...,
            enable_default_root_policy: bool = ...,
            bypass_policy_lockout_safety_check: bool = ...,
            replica_regions: Mapping[str, ReplicaRegion | Mapping[str, Any]] = ...,
            replica_primary_key_arn: str | None = ...,
            tags: Mapping[str, str] = ...,
            region: str | None = ...,
            account: str | None = ...,
            assume_role_arn: str | None = ...,
            claims: Sequence[str] = ...,
            waive: Mapping[str, str] = ...,
        ) -> None: ...
    else:

        def __init__(self, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except ValidationError as error:
                wrong = declared.wrong_fields(error)
                half = declared.right_fields(fields, wrong)
                _refuse("key", [*unplaced_problems(declared.Key, error), *declaration_problems(half, without=wrong)])
            _refuse("key", declaration_problems(self))


class Stack(declared_stack.Stack):
    """Named keys. The stack's name and each key's name are their identity on AWS.

    Raises:
        InvalidDeclaration: with everything that is wrong with it.
    """

    keys: Annotated[Mapping[declared_stack.KeyName, Key], AfterValidator(declared_stack.not_empty)]

    if TYPE_CHECKING:

        def __init__(self, *, name: str, keys: Mapping[str, Key], claims: Sequence[str] = ...) -> None: ...
    else:

        def __init__(self, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except ValidationError as error:
                _refuse("stack", unplaced_problems(declared_stack.Stack, error))
            _refuse("stack", own_claim_problems(self.claims, None, None))


def load(path: str | Path, *, account: str | None = None) -> Stack:
    """The stack that a keys file declares.

    Args:
        path: the file.
        account: of a file with targets, the account; plays no part for others.

    Raises:
        InvalidKeysFile: with every problem of the file, each on its line.
        UsageError: the file has targets, and nothing says the account, or it is of none of them.
    """
    stack = load_stack(Path(path), account)
    keys = {name: Key.model_construct(key.model_fields_set, **dict(key)) for name, key in stack.keys.items()}
    return Stack.model_construct(name=stack.name, keys=keys, claims=stack.claims)


def render(stack: declared_stack.Stack, *, account: str | None = None, replica: str | None = None) -> dict[str, str]:
    """The key policies that Keywright writes for a stack, as indented JSON by the keys' names.

    Args:
        stack: the declared keys.
        account: of the keys that state none.
        replica: a Region, for the policies of the replicas there in place of the keys' own.

    Raises:
        InputError: nothing says where a key lives, or its policy is too large.
    """
    return rendered_policies(stack, None, account, replica=replica)


def _refuse(what: str, found: Iterable[Problem]) -> None:
    problems = tuple(found)
    if not problems:
        return
    first = problems[0]
    more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
    field = f"`{first.field}` " if first.path else ""
    raise InvalidDeclaration(f"the {what} is not right: {field}{first.message}{more}", first.remedy, problems)
