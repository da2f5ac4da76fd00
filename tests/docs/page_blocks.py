"""The blocks of a page that a reader would type or save: files, commands, and commands with what they print.

    ```yaml title="keys.yaml"      a file of that name
    ```sh                          commands, each of which must succeed
    ```console                     commands after `$ `, each with its output; `…` stands for anything

A comment above a block says what a test needs to know: `<!-- exits 1 -->`, or `<!-- not run: REASON -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^<!-- (?P<comment>[^\n]*?) -->\n)?^```(?P<language>\w+)(?P<info>[^\n]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True, slots=True)
class File:
    """A file that the page has the reader save."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what it prints where the page shows that, and its exit code."""

    line: str
    output: str | None
    code: int

    def printed_as_shown(self, printed: str) -> bool:
        """Whether the output is the page's, blanks at line ends aside."""
        if self.output is None:
            return True
        parts = [re.escape(part) for part in _plain(self.output).split("…")]
        return re.fullmatch(".*?".join(parts), _plain(printed), re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class NotRun:
    """A block of commands that no test can run, and why."""

    text: str
    reason: str


def blocks_of(page: Path) -> Iterator[File | Command | NotRun]:
    """Every such block, in the page's order."""
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        comment, language, text = found["comment"] or "", found["language"], found["text"]
        title = _TITLE.search(found["info"])
        code = int(comment.removeprefix("exits ")) if comment.startswith("exits ") else 0
        if title:
            yield File(title[1], text)
        elif language not in {"sh", "console"}:
            continue
        elif comment.startswith("not run: "):
            yield NotRun(text, comment.removeprefix("not run: "))
        elif language == "sh":
            yield Command(text, None, code)
        else:
            yield from _with_output(text, code)


def _with_output(text: str, code: int) -> Iterator[Command]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield Command(line, output, code)


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
