"""Problems that are found once a file has been read, each put on the line of the file that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from keywright._internal.keysfile.problems import Declared
from keywright._internal.keysfile.stack import SHARED_FIELDS

if TYPE_CHECKING:
    from keywright._internal.keysfile.source import Source
    from keywright.errors import InputError, Problem

_Error = TypeVar("_Error", bound="InputError")


def on_their_lines(error: _Error, source: Source) -> _Error:
    """The error, with each problem of a key at its place in the file."""
    return replace(error, problems=tuple(_placed(error.problems, source)))


def _placed(problems: Iterable[Problem], source: Source) -> Iterable[Problem]:
    document = source.value
    for problem in problems:
        if problem.location is not None or len(problem.path) < 2 or problem.path[0] != "keys":  # noqa: PLR2004
            yield problem
            continue
        root = problem.path[:2]
        declared = Declared(document["keys"][root[1]], document.get("defaults"), SHARED_FIELDS)
        path, at = declared.place(root, problem.path[2:])
        yield source.problem(path, at, problem.message, problem.remedy, problem.value)
