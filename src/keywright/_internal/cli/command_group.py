"""A group of commands that are imported when they are asked for, so that none pays for the others.

Its help is plain text with the commands under headings, whole sentences and no colour: Rich's panels take longer to
import than everything else that `--help` needs.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, ClassVar, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from keywright._internal.cli.command import Command

Table = Mapping[str, Mapping[str, str]]
"""By heading: each command's name and where it is, `module:function`, or `module:group` for a group's Typer."""

_PACKAGE: Final = "keywright._internal.cli"


class CommandGroup(TyperGroup):
    """A group whose commands are a table; a subclass gives it."""

    table: ClassVar[Table]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands({name: home for rows in self.table.values() for name, home in rows.items()})

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands by heading; the width is the formatter's, whoever the context is."""
        del ctx
        widest = max(map(len, self.commands))
        for heading, rows in self.table.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), _first_paragraph(home)) for name, home in rows.items()])


class _Commands(MutableMapping[str, Any]):
    """Commands by name, each made when it is first looked up."""

    def __init__(self, homes: dict[str, str]) -> None:
        self._homes = homes
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _command(name, self._homes[name])
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._homes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


def command_group(kind: type[CommandGroup], about: str) -> typer.Typer:
    """A group below the main one.

    Args:
        kind: the group with its table.
        about: one sentence for its help.
    """
    group = typer.Typer(cls=kind, rich_markup_mode=None, help=about, add_completion=False, invoke_without_command=True)
    group.callback()(show_help)
    return group


def show_help(context: typer.Context) -> None:
    """What a group does by itself: show its help, where no command of it was named."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _load(home: str) -> Any:
    module, _, name = home.partition(":")
    return getattr(import_module(f"{_PACKAGE}.{module}"), name)


def _command(name: str, home: str) -> Any:
    found = _load(home)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(rich_markup_mode=None, add_completion=False)
        alone.command(name, cls=Command)(found)
        found = alone
    command = get_command(found)
    command.name = name
    return command


def _first_paragraph(home: str) -> str:
    found = _load(home)
    text = found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found)
    return " ".join((text or "").split("\n\n")[0].split()).removesuffix(".")
