"""The help of the command line as plain text: the commands by section, whole sentences, no colour.

Rich's panels look grander and take longer to import than everything else that `--help` needs.
"""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperGroup

_WHOLE_SENTENCE: Final = 1000


class Sections(TyperGroup):
    """A group of commands whose help lists them under the headings that they name as `rich_help_panel`."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one list of commands for each heading, in the order in which headings first appear."""
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx) if not self.commands[name].hidden]
        widest = max((len(name) for name, _ in commands), default=0)
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, command in commands:
            heading = getattr(command, "rich_help_panel", None)
            row = (name.ljust(widest), command.get_short_help_str(_WHOLE_SENTENCE))
            sections.setdefault(heading if isinstance(heading, str) else "Commands", []).append(row)
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)
