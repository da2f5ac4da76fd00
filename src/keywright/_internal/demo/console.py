"""How the demo looks: colours on a terminal, plain text elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(slots=True)
class DemoConsole:
    """Shows the demo, step by step.

    Args:
        console: where to.
    """

    console: Console
    _steps: int = field(default=0, init=False)

    def step(self, title: str, summary: str) -> None:
        """Begin a step."""
        self._steps += 1
        self.console.print()
        self._line(f"{self._steps}. {title}", "bold cyan")
        self._line(f"   {summary}", "")

    def file(self, name: str, text: str) -> None:
        """Show a file."""
        self._line(f"   {name}:", "dim")
        for line in text.strip().splitlines():
            self._line(f"     {line}", "yellow")

    def command(self, line: str) -> None:
        """Show a command, as a reader would type it."""
        self._line(f"   $ {line}", "bold")

    def by_hand(self, command: str) -> None:
        """Say what somebody does without Keywright."""
        self._line(f"   by hand: {command}", "magenta")

    def output(self, text: str) -> None:
        """Show what a command printed."""
        for line in text.strip().splitlines():
            self._line(f"     {line.rstrip()}", "dim")

    def seen(self, sentence: str) -> None:
        """Say what was checked and found true."""
        self._line(f"   ✓ {sentence}", "green")

    def failed(self, sentence: str) -> None:
        """Say what was checked and found wrong."""
        self._line(f"   ✗ {sentence}", "bold red")

    def end(self, sentence: str) -> None:
        """Say how it all ended."""
        self.console.print()
        self._line(sentence, "bold")

    def _line(self, text: str, style: str) -> None:
        self.console.print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)
