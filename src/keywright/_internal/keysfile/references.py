"""What differs by account in a file with `targets`: `${account_id}`, `${parameters.NAME}` and their like in its values.

A value that is one reference and nothing else becomes what it refers to, a list or a number too; within text it is
written out. `${aws:PrincipalTag/team}` and other policy variables, which have a colon, are IAM's and stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from keywright._internal.model.spelling import did_you_mean
from keywright.errors import Problem

_REFERENCE: Final = re.compile(r"\$\{([^{}]*)\}")
_OF_IAM: Final = frozenset("*?$")
"""`${*}`, `${?}` and `${$}` are how a policy writes these characters themselves:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""

Path_ = tuple[str | int, ...]


@dataclass(slots=True)
class References:
    """Replaces references by their values, and keeps what is wrong with them.

    Args:
        values: by the name in the braces; `account_id` is always one.
    """

    values: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def resolved(self, value: Any, path: Path_ = ()) -> Any:
        """A value with every reference in it replaced; `path` is where it stands."""
        if isinstance(value, Mapping):
            return {name: self.resolved(item, (*path, name)) for name, item in value.items()}
        if isinstance(value, list):
            return [self.resolved(item, (*path, index)) for index, item in enumerate(value)]
        if not isinstance(value, str) or "${" not in value:
            return value
        whole = _REFERENCE.fullmatch(value)
        if whole is not None and whole[1] in self.values:
            return self.values[whole[1]]
        return _REFERENCE.sub(lambda found: self._text(found, path), value)

    def _text(self, found: re.Match[str], path: Path_) -> str:
        name = found[1]
        if ":" in name or name in _OF_IAM:
            return found[0]
        value = self.values.get(name)
        if name not in self.values:
            remedy = did_you_mean(name, self.values) or f"there are {', '.join(f'`{item}`' for item in self.values)}"
            self.problems.append(Problem(path, f"refers to `{found[0]}`, which is nothing", remedy))
        elif value is None:
            message = f"has `{found[0]}`, which has no value in account {self.values['account_id']}, within text"
            self.problems.append(Problem(path, message, "write a value in the target, or remove its null"))
        elif isinstance(value, Mapping | list):
            what = "list" if isinstance(value, list) else "mapping"
            message = f"has `{found[0]}`, which is a {what}, within text"
            self.problems.append(Problem(path, message, "write the reference alone, without quotes or other text"))
        else:
            return str(value).lower() if isinstance(value, bool) else str(value)
        return found[0]
