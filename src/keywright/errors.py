"""Every error Keywright raises on purpose: what is wrong, where, and what to do about it.

The command line turns any of these into a message on stderr and exit code 2; anything else that escapes
is a defect of ours. Messages begin in lower case, hold no line break and put what the user wrote in backticks.

Each class has an `id` that stays. Its docstring, up to `Args:`, is the error's section in `docs/errors.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

PAGE: Final = "docs/errors.md"
"""Where each error has its section, under its id."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file a person wrote. Line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: the field's path, the value, what is wrong and what to write instead."""

    path: tuple[str | int, ...]
    message: str
    remedy: str = ""
    value: Any = None
    location: Location | None = None
    source_line: str | None = None

    @property
    def field(self) -> str:
        """The field's path as a person would write it, for example `keys.app.aliases[1]`."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
        return text

    def as_document(self) -> dict[str, Any]:
        """The problem as `--json` shows it."""
        return {
            "field": self.field,
            "message": self.message,
            "remedy": self.remedy,
            "file": self.location.file if self.location else None,
            "line": self.location.line if self.location else None,
            "column": self.location.column if self.location else None,
        }


@dataclass(eq=False)
class KeywrightError(Exception):
    """Keywright could not do what was asked.

    The message says why, and the line below it what to do.

    Args:
        message: what is wrong, in one sentence.
        remedy: what the reader can do about it; may be empty where nothing can be done.
    """

    id: ClassVar[str] = "failed"
    message: str
    remedy: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message

    def as_document(self) -> dict[str, Any]:
        """The error as `--json` shows it."""
        return {
            "id": self.id,
            "message": self.message,
            "remedy": self.remedy,
            "documentation": f"{PAGE}#{self.id}",
            "problems": [],
        }


@dataclass(eq=False)
class InputError(KeywrightError):
    """Something in the input is wrong.

    All problems of one input are reported together, each with its place.
    """

    id: ClassVar[str] = "invalid-input"
    problems: tuple[Problem, ...] = field(default=())

    def as_document(self) -> dict[str, Any]:
        """The error as `--json` shows it, with its problems."""
        return {**super().as_document(), "problems": [problem.as_document() for problem in self.problems]}


class UsageError(InputError):
    """The command line is not understood.

    An unknown command or option, a missing argument, or two options that exclude each other.
    `keywright COMMAND --help` lists what the command takes.
    """

    id: ClassVar[str] = "usage"


class UnreadableFile(InputError):
    """A file that was named can't be read.

    It does not exist, is a folder, may not be read by you, is too large, or is not UTF-8 text.
    `-` in place of a file reads standard input.
    """

    id: ClassVar[str] = "unreadable-file"


class UnwritableFile(InputError):
    """A file, or standard output, can't be written.

    Keywright does not overwrite files that exist, except its own saved plans and reports. Name another file, free
    some space, or change the permissions.
    """

    id: ClassVar[str] = "unwritable-file"


class InvalidKeysFile(InputError):
    """The keys file has mistakes.

    Each is reported with file, line and column. Nothing was read from AWS or written to it. `keywright validate FILE`
    shows them again; every field is explained in `docs/keys-file.md`.
    """

    id: ClassVar[str] = "invalid-keys-file"


class InvalidDeclaration(InputError):
    """A key or a stack that a Python program declares has mistakes.

    It is refused when it is made, for the same mistakes as a keys file. `problems` holds all of them.
    """

    id: ClassVar[str] = "invalid-declaration"


class InvalidPolicy(InputError):
    """A policy document is not one that IAM's policy grammar allows.

    Each mistake is reported with its place in the document.
    """

    id: ClassVar[str] = "invalid-policy"


class InvalidTemplate(InputError):
    """A file is no Terraform plan in JSON, or no CloudFormation template.

    A plan is read as `terraform show -json` prints it. A template is JSON or YAML with `Resources`; CDK writes its
    own below `cdk.out`.
    """

    id: ClassVar[str] = "invalid-template"


class UnknownName(InputError):
    """There is no key, gate, finding or pattern of this name.

    The remedy lists the names there are.
    """

    id: ClassVar[str] = "unknown-name"


class LocationMissing(InputError):
    """The account or the Region of a key is not known.

    Write `account:` and `region:` at the top of the keys file, or pass `--account` or `--region`.
    """

    id: ClassVar[str] = "location-missing"


class ConfirmationMissing(InputError):
    """The command asks for confirmation, and standard input is not a terminal.

    Nothing was changed. Pass `--yes` where nobody can answer, or apply a saved plan.
    """

    id: ClassVar[str] = "confirmation-missing"


class StalePlan(InputError):
    """The saved plan does not describe AWS any more.

    Nothing was changed. Plan again, and review the new plan.
    """

    id: ClassVar[str] = "stale-plan"


class InvalidPlan(InputError):
    """The saved plan can't be used.

    It is damaged, or another version of Keywright wrote it. Plan again.
    """

    id: ClassVar[str] = "invalid-plan"


class ClaimRefuted(InputError):
    """A claim on a key policy is refuted: there is a request that breaks it.

    Nothing was changed. `keywright policy check FILE` shows the request and the statements that allow it. Change who
    may use or administer the key, or change the claim.
    """

    id: ClassVar[str] = "claim-refuted"


class ExtraMissing(KeywrightError):
    """The command needs packages that Keywright does not install by default.

    Install the extra with the command that the message names.
    """

    id: ClassVar[str] = "extra-missing"


class Cancelled(KeywrightError):
    """You did not confirm.

    Nothing was changed. Answer `y`, or pass `--yes`.
    """

    id: ClassVar[str] = "cancelled"


class InternalError(KeywrightError):
    """A defect of Keywright.

    Run the same command again with `--verbose`, which prints the traceback and the AWS calls made, and report it with
    that output. Every command can be run again: each reads AWS before it changes anything.
    """

    id: ClassVar[str] = "internal-error"
