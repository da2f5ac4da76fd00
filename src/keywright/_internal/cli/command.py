"""A command whose help names what a value is by a word, `FILE` or `ACCOUNT`, not by a type of Python's."""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperCommand

_WORDS: Final = {
    "account": "ACCOUNT",
    "account_role": "ROLE",
    "assume_role_arn": "ARN",
    "caller": "ARN",
    "claim": "CLAIM",
    "document": "DOCUMENT",
    "grant_lag": "SECONDS",
    "issuer": "URL",
    "key": "NAME",
    "key_id": "ID",
    "kms_key": "ARN",
    "parameter": "NAME=VALUE",
    "port": "PORT",
    "profile": "PROFILE",
    "region": "REGION",
    "replica": "REGION",
    "stack": "NAME",
    "tagging_lag": "SECONDS",
    "trusted_account": "ACCOUNT",
    "trusted_org": "ORGANIZATION",
    "via": "SERVICE",
}
"""Of options whose value is a text or a number; a parameter's `metavar` says another word."""


class Command(TyperCommand):
    """A command of ours."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words behind the command's name in its usage line."""
        arguments = [_usage(param) for param in self.get_params(ctx) if param.param_type_name == "argument"]
        return ["[OPTIONS]", *arguments]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options."""
        for heading, kind in (("Arguments", "argument"), ("Options", "option")):
            params = [param for param in self.get_params(ctx) if param.param_type_name == kind]
            records = [record for param in params if (record := _record(param, ctx)) is not None]
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


def _record(param: Any, ctx: Any) -> tuple[str, str] | None:
    record = param.get_help_record(ctx)
    if record is None:
        return None
    if param.param_type_name == "argument":
        return _word(param), record[1]
    return record[0].replace(param.display_type(ctx), _word(param)), record[1]


def _usage(param: Any) -> str:
    repeated = "" if param.nargs == 1 or _word(param).endswith("...") else "..."
    return f"{_word(param)}{repeated}" if param.required else f"[{_word(param)}]{repeated}"


def _word(param: Any) -> str:
    """What stands for a parameter's value."""
    if param.metavar:
        return str(param.metavar)
    if param.param_type_name == "argument":
        return str(param.name).upper()
    described = param.type_descriptor
    is_path = described.is_path or "Path" in param.bare_type()
    return "FILE" if is_path else _WORDS.get(param.name, "TEXT")
